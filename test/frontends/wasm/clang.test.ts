import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileC } from '../../../examples/wasm/clang.ts';
import { compileWasm } from '../../../src/frontends/wasm/compile.ts';
import { type CallInput, runInputOf } from '../../../src/isa/input.ts';
import { run } from '../../../src/isa/interpreter.ts';
import { type Outcome, outcomeOf } from '../../../src/isa/outcome.ts';
import type { Program } from '../../../src/isa/program.ts';

const source = fileURLToPath(new URL('../../../examples/wasm/demo.c', import.meta.url));
describe('the example in C', () => {
  let program: Program;
  beforeAll(async () => {
    program = compileWasm(await compileC(source));
  }, 120_000);

  const call = (name: string, input: CallInput): Outcome => {
    const exportNumber = program.exports.findIndex((entry) => entry.name === name);
    return outcomeOf(
      program,
      run(program, runInputOf(program, { ...input, exportNumber })).output,
    )!;
  };

  it.each([
    [0n, 0n],
    [1n, 1n],
    [30n, 832040n],
  ])('fib(%d) is %d', (n, value) => {
    expect(call('fib', { arguments: [n] }).results).toEqual([value]);
  });

  it('counts primes, and aborts past its sieve', () => {
    expect(call('primes', { arguments: [10_000n] }).results).toEqual([1229n]);
    const { reasonText, results } = call('primes', { arguments: [65_537n] });
    expect({ reasonText, results }).toEqual({ reasonText: 'abort', results: [65_537n] });
  });

  it.each([0, 3, 55, 56, 63, 64, 65, 1000])('hashes %d bytes as SHA-256', (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + 1) & 255);
    const digest = Uint8Array.from(createHash('sha256').update(bytes).digest());
    expect(call('sha256', { input: bytes }).output).toEqual(digest);
    expect(call('sha256_private', { privateInput: bytes }).output).toEqual(digest);
  });
});
