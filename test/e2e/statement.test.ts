/**
 * Statements that no request asks for, and expectations: what a proof says must be all that it depends on, in one form.
 */

import { beforeAll, describe, expect, it } from 'vitest';
import { compileEvm } from '../../src/frontends/evm/compile.ts';
import { type EvmEnvironment, environmentCells } from '../../src/frontends/evm/environment.ts';
import { compileWasm } from '../../src/frontends/wasm/compile.ts';
import { programDigest } from '../../src/isa/digests.ts';
import { fillTrace } from '../../src/isa/fill.ts';
import { privateInputCells } from '../../src/isa/input.ts';
import { run } from '../../src/isa/interpreter.ts';
import { outcomeOf } from '../../src/isa/outcome.ts';
import type { Program } from '../../src/isa/program.ts';
import {
  type Call,
  encodeStatement,
  instanceOf,
  outputCells,
  statementInput,
} from '../../src/isa/statement.ts';
import { callOf } from '../../src/request.ts';
import { writeContainer } from '../../src/stark/codec.ts';
import { profiles } from '../../src/stark/parameters.ts';
import { proveInstance } from '../../src/stark/prover.ts';
import { type Expectation, type Verification, verify } from '../../src/verifier.ts';

/** CALLER, then MSTORE at 0 and RETURN of that word. */
const caller = compileEvm(Uint8Array.of(0x33, 0x60, 0x00, 0x52, 0x60, 0x20, 0x60, 0x00, 0xf3));

/** Exports `f`, the identity of an i32. */
const identity = compileWasm(
  Uint8Array.from(
    [
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      [1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f],
      [3, 2, 1, 0],
      [7, 5, 1, 1, 0x66, 0, 0],
      [10, 6, 1, 4, 0, 0x20, 0, 0x0b],
    ].flat(),
  ),
);

/** An honest proof of a call that need not be one of a request. */
async function proofOf(program: Program, call: Call): Promise<Uint8Array> {
  const input = {
    ...statementInput(program, call),
    privateInput: privateInputCells(new Uint8Array(0)),
  };
  const ran = run(program, input, { trace: true });
  if (ran.status !== 'halted' || ran.recording === undefined) throw new Error('expected an end');
  const outcome = outcomeOf(program, ran.output);
  if (outcome === undefined) throw new Error('expected an outcome');
  const instance = instanceOf(program, {
    programDigest: programDigest(program),
    call,
    outcome,
    clkEnd: ran.clkEnd,
  });
  const trace = fillTrace(ran.recording, instance, outputCells(program, outcome).length);
  return proveInstance(instance, trace, profiles.test);
}

/** The statement of that call in a container, with no proof behind it. */
function containerOf(program: Program, call: Call, output = new Uint8Array(0)): Uint8Array {
  const statement = encodeStatement({
    programDigest: programDigest(program),
    call,
    outcome: {
      status: 'returned',
      statusText: 'returned',
      reason: 0,
      reasonText: '',
      gasLeft: 0n,
      results: [],
      output,
    },
    clkEnd: 9,
  });
  return writeContainer({ profile: profiles.test, statement, body: new Uint8Array(100) });
}

const verdictOf = (proof: Uint8Array, program: Program, expected: Expectation = {}) =>
  verify(proof, { program, profile: 'test', expect: expected });
const refusalOf = (verdict: Verification) => (verdict.ok ? 'accepted' : verdict.rejection);

describe('the environment of a proven EVM call', () => {
  const environment = { caller: 0xca11e5n, timestamp: 2n ** 255n, blockNumber: 7n };
  let proof: Uint8Array;

  beforeAll(async () => {
    proof = await proofOf(caller, callOf(caller, { environment, gas: 100_000n }));
  }, 60_000);

  it('is part of what is verified', async () => {
    const verdict = await verdictOf(proof, caller, { environment });
    expect(refusalOf(verdict)).toBe('accepted');
    expect(verdict.ok && verdict.statement.environment).toMatchObject({
      ...environment,
      address: 0n,
      blobBaseFee: 0n,
    });
  });

  it.each<[string, EvmEnvironment]>([
    ['caller', { caller: 0xca11e6n }],
    ['timestamp', { ...environment, timestamp: 0n }],
    ['chainId', { chainId: 1n }],
  ])('is refused where %s is another than expected', async (field, expected) => {
    const verdict = await verdictOf(proof, caller, { environment: expected });
    expect(refusalOf(verdict)).toMatchObject({ code: 'mismatch', where: `environment.${field}` });
  });

  it('is refused if expected of a Wasm program', async () => {
    const call = callOf(identity, { arguments: [1] });
    const verdict = await verdictOf(containerOf(identity, call), identity, {
      environment: { caller: 0n },
    });
    expect(refusalOf(verdict)).toMatchObject({ code: 'mismatch', where: 'environment.caller' });
  });

  it('lets gas and reason be expected too', async () => {
    const wrongGas = await verdictOf(proof, caller, { gasUsed: 1n });
    expect(refusalOf(wrongGas)).toMatchObject({ code: 'mismatch', where: 'gasUsed' });
    const wrongReason = await verdictOf(proof, caller, { reason: 'stack underflow' });
    expect(refusalOf(wrongReason)).toMatchObject({ code: 'mismatch', where: 'reason' });
  });
});

describe('an honest proof of a call that no request asks for is refused', () => {
  it('for a caller of more than 160 bits', async () => {
    const cells = environmentCells({ callValue: 2n ** 200n });
    // The word of the value put where the caller stands.
    const call = { ...callOf(caller, {}), arguments: [...cells.slice(4), 0n, 0n, 0n, 0n] };
    const proof = await proofOf(caller, call);
    expect(refusalOf(await verdictOf(proof, caller))).toMatchObject({ where: 'environment' });
  });

  it('for gas of a Wasm run, of which there is none', async () => {
    const call = { ...callOf(identity, { arguments: [5] }), gasLimit: 7n };
    const proof = await proofOf(identity, call);
    expect(refusalOf(await verdictOf(proof, identity))).toMatchObject({ where: 'gas limit' });
  });
});

describe('a statement is refused before anything is computed from it', () => {
  const wasm = callOf(identity, { arguments: [5] });
  const evm = callOf(caller, {});
  it.each<[string, Program, Call, string]>([
    [
      'an argument less than the function has',
      identity,
      { ...wasm, arguments: [] },
      'wrong-length',
    ],
    ['an i32 of 33 bits', identity, { ...wasm, arguments: [2n ** 32n] }, 'not-canonical'],
    ['an export that is none', identity, { ...wasm, exportNumber: 1 }, 'out-of-range'],
    ['an environment that is short', caller, { ...evm, arguments: [] }, 'not-canonical'],
    ['an export of an EVM program', caller, { ...evm, exportNumber: 1 }, 'out-of-range'],
  ])('for %s', async (_, program, call, code) => {
    expect(refusalOf(await verdictOf(containerOf(program, call), program))).toMatchObject({ code });
  });

  it('for more bytes than one proof can hold', async () => {
    const bytes = containerOf(identity, wasm, new Uint8Array(2 ** 23));
    expect(refusalOf(await verdictOf(bytes, identity))).toMatchObject({
      code: 'out-of-range',
      where: 'statement',
    });
  });

  it('with a short message for long bytes that differ', async () => {
    const bytes = containerOf(identity, wasm, new Uint8Array(2 ** 22));
    const refusal = refusalOf(await verdictOf(bytes, identity, { output: Uint8Array.of(1) }));
    expect(refusal).toMatchObject({ code: 'mismatch', where: 'output', expected: '0x01' });
    expect(JSON.stringify(refusal).length).toBeLessThan(300);
  });
});

describe('a request', () => {
  it('is refused if its call data is longer than contracts can read', () => {
    expect(() => callOf(caller, { calldata: new Uint8Array(2 ** 25) })).toThrow(/calldata/);
  });
});
