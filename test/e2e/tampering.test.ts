/**
 * One honest proof at P100, and everything around it changed in turn: each field of the statement, each
 * part of the proof, a thousand single bytes, the length, the program, the profile, what is expected.
 * All of it is refused with a reason, nothing throws.
 */

import { beforeAll, describe, expect, it } from 'vitest';
import type { Program } from '../../src/isa/program.ts';
import {
  decodeStatement,
  encodeStatement,
  instanceOf,
  type Statement,
} from '../../src/isa/statement.ts';
import { prove } from '../../src/proving.ts';
import { readContainer, writeContainer } from '../../src/stark/codec.ts';
import type { Proof } from '../../src/stark/proof.ts';
import type { Instance } from '../../src/stark/system.ts';
import { type Expectation, type Verification, verify } from '../../src/verifier.ts';
import { createDice, tamper } from '../support/tampering.ts';
import { buildGuest, buildRuntime, linkOrThrow } from '../support/units.ts';

/** Returns a result and eight bytes of output; takes two arguments and some input that it never reads. */
function makeProgram(result: bigint): Program {
  return linkOrThrow({
    runtime: buildRuntime((b) => {
      [
        [32, 1n],
        [24, 8n],
        [48, 0x8877_6655_4433_2211n],
      ].forEach(([offset, value]) => {
        b.emit('move', 3, BigInt(value!));
        b.emit('st64', 3, 2, Number(offset), 0, b.here());
      });
    }),
    guests: [
      buildGuest((b) => {
        b.emit('move', 0, result);
        b.emit('return');
      }),
    ],
    argumentCells: 2,
    exports: ['main', 'other'].map((name) => ({
      name,
      parameters: ['i64', 'i64'],
      results: ['i64'],
    })),
  });
}

const program = makeProgram(42n);
const request = { invoke: 'main', arguments: [5n, 6n], input: Uint8Array.of(1, 2, 3) };
const honest: Required<Omit<Expectation, 'reason' | 'environment'>> = {
  invoked: 'main',
  arguments: [5n, 6n],
  input: Uint8Array.of(1, 2, 3),
  gasLimit: 0n,
  status: 'returned',
  results: [42n],
  output: Uint8Array.of(0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88),
  gasUsed: 0n,
};
let proof: Uint8Array;
let statement: Statement;
let instance: Instance;

beforeAll(async () => {
  proof = (await prove(program, request)).proof;
  const container = readContainer(proof);
  if (!container.ok) throw new Error('expected a container');
  const decoded = decodeStatement(program, container.value.statement);
  if (!decoded.ok) throw new Error('expected a statement');
  statement = decoded.value;
  instance = instanceOf(program, statement);
}, 120_000);

const codeOf = (verdict: Verification): string =>
  verdict.ok ? 'accepted' : verdict.rejection.code;
const codeFor = async (bytes: Uint8Array, expected: Expectation = {}): Promise<string> =>
  codeOf(await verify(bytes, { program, expect: expected }));

/** Where a refusal points, for mismatches. */
const whereOf = (verdict: Verification): string =>
  !verdict.ok && 'where' in verdict.rejection ? verdict.rejection.where : '';

describe('the honest proof', () => {
  it('is accepted with all that may be expected of it, and worth its bits', async () => {
    const verdict = await verify(proof, { program, profile: 'P100', expect: honest });
    expect(verdict).toMatchObject({ ok: true, profile: 'P100' });
    expect(verdict.ok && verdict.provenBits).toBeGreaterThanOrEqual(100);
  });
});

describe('another statement around the same proof is refused:', () => {
  const { call, outcome } = {
    call: (change: Partial<Statement['call']>) => (old: Statement) => ({
      ...old,
      call: { ...old.call, ...change },
    }),
    outcome: (change: Partial<Statement['outcome']>) => (old: Statement) => ({
      ...old,
      outcome: { ...old.outcome, ...change },
    }),
  };
  const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
    bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
  const changes: readonly [string, (old: Statement) => Statement][] = [
    ['program digest', (old) => ({ ...old, programDigest: flipped(old.programDigest, 31) })],
    ['export', call({ exportNumber: 1 })],
    ['export that is none', call({ exportNumber: 2 })],
    ['gas limit', call({ gasLimit: 1n })],
    ['gas limit, upper half', call({ gasLimit: 2n ** 32n })],
    ['first argument', call({ arguments: [4n, 6n] })],
    ['last argument', call({ arguments: [5n, 2n ** 63n] })],
    ['an argument less', call({ arguments: [5n] })],
    ['an argument more', call({ arguments: [5n, 6n, 0n] })],
    ['input', call({ input: Uint8Array.of(1, 2, 4) })],
    ['input with a zero more', call({ input: Uint8Array.of(1, 2, 3, 0) })],
    ['no input', call({ input: new Uint8Array(0) })],
    ...(['reverted', 'trapped', 'outOfGas', 'invalid', 'unsupported'] as const).map(
      (status): [string, (old: Statement) => Statement] => [
        `status ${status}`,
        outcome({ status }),
      ],
    ),
    ['reason', outcome({ reason: 1 })],
    ['gas left', outcome({ gasLeft: 1n })],
    ['result', outcome({ results: [43n] })],
    ['no result', outcome({ results: [] })],
    ['a result more', outcome({ results: [42n, 0n] })],
    ['output', (old) => outcome({ output: flipped(old.outcome.output, 7) })(old)],
    ['output a byte short', (old) => outcome({ output: old.outcome.output.slice(0, 7) })(old)],
    [
      'output with a zero more',
      (old) => outcome({ output: Uint8Array.of(...old.outcome.output, 0) })(old),
    ],
    ['clock', (old) => ({ ...old, clkEnd: old.clkEnd + 1 })],
    ['clock of no run', (old) => ({ ...old, clkEnd: 0 })],
  ];

  it.each(changes)('%s', async (_, change) => {
    const container = readContainer(proof);
    if (!container.ok) throw new Error('expected a container');
    const encoded = encodeStatement(change(statement));
    const bytes = writeContainer({ ...container.value, statement: encoded });
    expect(encoded).not.toEqual(container.value.statement);
    expect(await codeFor(bytes)).not.toBe('accepted');
  });
});

describe('another proof for the same statement is refused:', () => {
  const dice = createDice(41);
  const spoil = (words: Uint32Array): undefined => {
    const at = dice(words.length);
    words[at] = words[at]! ^ 1;
  };
  const opening = (proofOf: Proof, tree: keyof Proof['trees']) => proofOf.trees[tree]!;
  const changes: readonly [string, (proof: Proof) => Partial<Proof> | undefined][] = [
    ['main root', ({ mainRoot }) => spoil(mainRoot)],
    ['interaction root', ({ interactionRoot }) => spoil(interactionRoot!)],
    ['composition root', ({ compositionRoot }) => spoil(compositionRoot)],
    ['claimed sums', ({ claimedSums }) => spoil(claimedSums)],
    ['opened values', ({ openedValues }) => spoil(openedValues)],
    ['nonce of the lookups', ({ nonces }) => ({ nonces: { ...nonces, logup: nonces.logup + 1 } })],
    [
      'nonce of the point',
      ({ nonces }) => ({ nonces: { ...nonces, outOfDomain: nonces.outOfDomain + 1 } }),
    ],
    ['nonce of the batch', ({ nonces }) => ({ nonces: { ...nonces, batch: nonces.batch + 1 } })],
    ['nonce of the queries', ({ nonces }) => ({ nonces: { ...nonces, query: nonces.query + 1 } })],
    ['a root of the low degree test', ({ fri }) => spoil(fri.roots[0]!)],
    ['the last root of it', ({ fri }) => spoil(fri.roots.at(-1)!)],
    ['its final coefficients', ({ fri }) => spoil(fri.finalCoefficients)],
    ['leaves of its first layer', ({ fri }) => spoil(fri.openings[0]!.rows[0]!)],
    ['paths of its last layer', ({ fri }) => spoil(fri.openings.at(-1)!.siblings)],
    [
      'a nonce of its folds',
      ({ fri }) => ({ fri: { ...fri, foldNonces: fri.foldNonces.map((nonce) => nonce + 1) } }),
    ],
    ['a table less', ({ claims }) => ({ claims: claims.slice(1) })],
    ['a table twice', ({ claims }) => ({ claims: [claims[0]!, ...claims] })],
    [
      'a taller table',
      ({ claims }) => ({
        claims: claims.map((claim, i) =>
          i === 0 ? { ...claim, logRows: claim.logRows + 1 } : claim,
        ),
      }),
    ],
    ...(['main', 'interaction', 'constant', 'composition'] as const).flatMap(
      (tree): [string, (proof: Proof) => undefined][] => [
        [`rows of the ${tree} tree`, (old) => spoil(opening(old, tree).rows[0]!)],
        [`path of the ${tree} tree`, (old) => spoil(opening(old, tree).siblings)],
      ],
    ),
  ];

  it.each(changes)('%s', async (_, change) => {
    const bytes = tamper(instance, proof, change);
    expect(bytes).not.toEqual(proof);
    expect(await codeFor(bytes)).not.toBe('accepted');
  });
});

describe('other bytes are refused:', () => {
  it('a thousand single ones, one in each thousandth of the proof', async () => {
    const dice = createDice(42);
    const codes = new Map<string, number>();
    for (let round = 0; round < 1000; round++) {
      const at = Math.floor(((round + dice(1000) / 1000) / 1000) * proof.length);
      const bytes = proof.slice();
      bytes[at]! ^= 1 + dice(255);
      const code = await codeFor(bytes);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect(codes.has('accepted')).toBe(false);
    // They reach every stage: the roots, the equation, the words.
    expect([...codes.keys()]).toEqual(expect.arrayContaining(['bad-root']));
  });

  it('every byte before the body, in every bit', async () => {
    const container = readContainer(proof);
    if (!container.ok) throw new Error('expected a container');
    const head = proof.length - container.value.body.length;
    for (let at = 0; at < head; at++) {
      for (const bit of [0, 7]) {
        const bytes = proof.slice();
        bytes[at]! ^= 1 << bit;
        expect(await codeFor(bytes), `byte ${at}`).not.toBe('accepted');
      }
    }
  });

  it('less of them', async () => {
    for (let length = 0; length < proof.length; length += length < 300 ? 1 : 4999) {
      expect(await codeFor(proof.slice(0, length)), `${length} bytes`).not.toBe('accepted');
    }
    expect(await codeFor(proof.slice(0, -1))).toBe('truncated');
  });

  it('more of them', async () => {
    const longer = new Uint8Array(proof.length + 1);
    longer.set(proof);
    expect(await codeFor(longer)).toBe('left-over');
  });
});

describe('the right proof is refused', () => {
  it('for another program', async () => {
    const verdict = await verify(proof, { program: makeProgram(43n) });
    expect([codeOf(verdict), whereOf(verdict)]).toEqual(['mismatch', 'program']);
  });

  it('under another profile', async () => {
    for (const profile of ['P128', 'test'] as const) {
      const verdict = await verify(proof, { program, profile });
      expect([codeOf(verdict), whereOf(verdict)]).toEqual(['mismatch', 'profile']);
    }
  });

  const others: readonly Expectation[] = [
    { invoked: 'other' },
    { arguments: [5n, 7n] },
    { arguments: [5n] },
    { input: Uint8Array.of(1, 2) },
    { gasLimit: 1n },
    { status: 'trapped' },
    { results: [] },
    { results: [41n] },
    { output: new Uint8Array(8) },
  ];
  it.each(others)('where %o is expected', async (expected) => {
    const verdict = await verify(proof, { program, expect: { ...honest, ...expected } });
    expect([codeOf(verdict), whereOf(verdict)]).toEqual(['mismatch', Object.keys(expected)[0]]);
  });
});
