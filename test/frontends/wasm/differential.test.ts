/**
 * Random integer programs do the same as on the host's own WebAssembly: results, traps, memory, globals.
 */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CompileError } from '../../../src/frontends/frontend.ts';
import { compileWasm } from '../../../src/frontends/wasm/compile.ts';
import { moduleFromTape } from '../../support/wasm-arbitraries.ts';
import { WasmSession } from '../../support/wasm-session.ts';

const RUNS = 300;
const MEMORY_SEGMENT = 3;
const GLOBAL_SEGMENT = 4;

/** Words of V8 for our reasons. */
const hostTraps: readonly (readonly [RegExp, readonly string[]])[] = [
  [/unreachable/, ['unreachable']],
  [/(divide|remainder) by zero/, ['integer divide by zero']],
  [/unrepresentable/, ['integer overflow']],
  [/memory access out of bounds/, ['out of bounds memory access']],
  [/table index is out of bounds/, ['undefined element']],
  [/null function or function signature/, ['uninitialized element', 'indirect call type mismatch']],
];

interface Observed {
  readonly end: readonly string[];
  readonly results: readonly bigint[];
  readonly memory: Uint8Array;
  readonly globals: readonly bigint[];
}

/** An exported function of the host's instance. */
type HostFunction = (...args: (number | bigint)[]) => unknown;

function runOnHost(bytes: Uint8Array, name: string, args: readonly (number | bigint)[]): Observed {
  const module = new WebAssembly.Module(Uint8Array.from(bytes));
  const { exports } = new WebAssembly.Instance(module);
  const { memory, g1, g2 } = exports;
  if (!(memory instanceof WebAssembly.Memory)) throw new TypeError('memory: expected a memory');
  let end: readonly string[] = ['returned'];
  let results: readonly bigint[] = [];
  try {
    const value = (exports[name] as HostFunction)(...args); // the module exports functions
    const list = value === undefined ? [] : Array.isArray(value) ? value : [value];
    results = list.map((item) =>
      typeof item === 'bigint' ? BigInt.asUintN(64, item) : BigInt(item >>> 0),
    );
  } catch (error) {
    const message = String(error);
    end = hostTraps.find(([words]) => words.test(message))?.[1] ?? [message];
  }
  const globalOf = (global: unknown, bits: number): bigint => {
    if (!(global instanceof WebAssembly.Global)) throw new TypeError('global: expected a global');
    return BigInt.asUintN(bits, BigInt(global.value));
  };
  return {
    end,
    results,
    memory: new Uint8Array(memory.buffer),
    globals: [globalOf(g1, 32), globalOf(g2, 64)],
  };
}

function runHere(bytes: Uint8Array, name: string, args: readonly bigint[]): Observed {
  const session = new WasmSession(bytes);
  const { outcome } = session.invoke(name, args);
  return {
    end: [outcome.status === 'returned' ? 'returned' : outcome.reasonText],
    results: outcome.results,
    memory: session.memory(MEMORY_SEGMENT),
    globals: [session.cell(GLOBAL_SEGMENT, 1), session.cell(GLOBAL_SEGMENT, 2)],
  };
}

const arbitraryTape = fc.array(fc.nat(2 ** 20), { minLength: 20, maxLength: 600, size: 'max' });

it('does the same as the host on random integer programs', () => {
  const ends = new Map<string, number>();
  fc.assert(
    fc.property(
      arbitraryTape,
      fc.nat(5),
      fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 3, maxLength: 3 }),
      (tape, number, values) => {
        const { bytes, signatures } = moduleFromTape(tape);
        const parameters = signatures[number]![0];
        const bits = parameters.map((type, i) =>
          BigInt.asUintN(type === 'i32' ? 32 : 64, values[i]! >> BigInt(Number(values[i]! & 63n))),
        );
        const hostArguments = bits.map((value, i) =>
          parameters[i] === 'i32' ? Number(BigInt.asIntN(32, value)) : BigInt.asIntN(64, value),
        );
        const host = runOnHost(bytes, `f${number}`, hostArguments);
        const here = runHere(bytes, `f${number}`, bits);
        ends.set(here.end[0]!, (ends.get(here.end[0]!) ?? 0) + 1);
        expect(host.end).toContain(here.end[0]);
        expect(here.results).toEqual(host.results);
        expect(here.globals).toEqual(host.globals);
        expect(Buffer.compare(here.memory, host.memory)).toBe(0);
      },
    ),
    { numRuns: RUNS, seed: 20_260_301 },
  );
  // The programs are worth something: many return, and traps of every kind occur.
  expect(ends.get('returned')).toBeGreaterThan(RUNS / 5);
  expect(ends.size).toBeGreaterThanOrEqual(7);
});

/** Limits of V8 that the standard does not have. */
const hostLimits = /too large|exceeds|too many/;

it('finds the same mutated modules valid as the host', () => {
  let valid = 0;
  fc.assert(
    fc.property(
      arbitraryTape,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 2 }),
      (tape, changes) => {
        const { bytes } = moduleFromTape(tape);
        for (const [place, value] of changes) bytes[8 + (place % (bytes.length - 8))] = value;
        let refusal: CompileError | undefined;
        try {
          compileWasm(bytes);
        } catch (error) {
          if (!(error instanceof CompileError)) throw error;
          refusal = error;
        }
        let host = '';
        try {
          new WebAssembly.Module(Uint8Array.from(bytes));
        } catch (error) {
          host = String(error);
        }
        if (refusal === undefined) {
          valid++;
          if (!hostLimits.test(host)) expect(host).toBe('');
        } else if (refusal.kind !== 'unsupported') {
          expect(host).not.toBe('');
        }
      },
    ),
    { numRuns: 600, seed: 20_260_302 },
  );
  expect(valid).toBeGreaterThan(30);
});
