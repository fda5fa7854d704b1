/** Jumps and branches: fused conditions, computed destinations, and what ends a run. */

import { describe, expect, it } from 'vitest';
import { compileEvm } from '../../../../src/frontends/evm/compile.ts';
import { foldConstants } from '../../../../src/frontends/evm/constants.ts';
import { mnemonicAt } from '../../../../src/isa/encoding.ts';
import type { Program } from '../../../../src/isa/program.ts';
import { evmHalts } from '../../../../src/isa/status.ts';
import { bytesToWord, evmCode, wordsToBytes } from '../../../support/evm-assembly.ts';
import { runEvm } from '../../../support/evm-run.ts';

const names = (program: Program): string[] => {
  const { code } = program.units[1]!.unit;
  return Array.from(code.op, (_, pc) => mnemonicAt(code, pc));
};

const operands: readonly bigint[] = [0n, 1n, 5n, 2n ** 32n, 2n ** 255n, 2n ** 256n - 1n];

describe('a comparison that only a branch reads vanishes', () => {
  it.each(
    ['LT', 'GT', 'SLT', 'SGT', 'EQ', 'SUB', 'XOR'].flatMap((name) =>
      [0, 1, 2].map((negations) => ({ name, negations })),
    ),
  )('$name, negated $negations times', ({ name, negations }) => {
    const not = Array.from({ length: negations }, () => 'ISZERO');
    // Returns call data length 1 where the branch is taken, 2 where it is not.
    const code = (left: readonly (string | bigint)[], right: readonly (string | bigint)[]) => {
      const head = evmCode(...right, ...left, name, ...not);
      const end = BigInt(head.length + 3 + 4);
      return Uint8Array.from([
        ...head,
        0x60,
        Number(end),
        0x57,
        ...evmCode(2n, 0n, 'RETURN'),
        0x5b,
        ...evmCode(1n, 0n, 'RETURN'),
      ]);
    };
    const first = [0n, 'CALLDATALOAD'];
    const second = [32n, 'CALLDATALOAD'];
    const both = compileEvm(code(first, second));
    expect(
      names(both).filter((mnemonic) => /^w(eq|lt|gt|slt|sgt|sub|xor)$/.test(mnemonic)),
    ).toEqual([]);
    for (const left of operands) {
      for (const right of operands) {
        const isTrue = (foldConstants(name, [left, right]) !== 0n) !== (negations % 2 === 1);
        const run = (program: Program): number =>
          runEvm(program, { gas: 1000n, data: wordsToBytes([left, right]) }).output.length;
        expect([left, right, run(both)]).toEqual([left, right, isTrue ? 1 : 2]);
        expect(run(compileEvm(code([left], second)))).toBe(isTrue ? 1 : 2);
        expect(run(compileEvm(code(first, [right])))).toBe(isTrue ? 1 : 2);
        expect(run(compileEvm(code([left], [right])))).toBe(isTrue ? 1 : 2);
      }
    }
  });

  it('but not where the stack keeps it', () => {
    // CALLDATALOAD(0) CALLDATASIZE LT, kept and branched on.
    const code = Uint8Array.from([
      0x36, 0x5f, 0x35, 0x10, 0x80, 0x60, 0x08, 0x57, 0x5b, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3,
    ]);
    for (const value of [0n, 100n]) {
      const outcome = runEvm(compileEvm(code), { gas: 1000n, data: wordsToBytes([value]) });
      expect(bytesToWord(outcome.output)).toBe(value < 32n ? 1n : 0n);
    }
  });
});

describe('a computed jump', () => {
  // CALLDATALOAD(0) JUMP; JUMPDEST(3) 1 RETURN; data push that holds 5b; JUMPDEST(11) 2 RETURN
  const code = Uint8Array.from([
    0x5f, 0x35, 0x56, 0x5b, 0x60, 1, 0x5f, 0xf3, 0x60, 0x5b, 0x50, 0x5b, 0x60, 2, 0x5f, 0xf3,
  ]);
  const program = compileEvm(code);
  it.each([
    { target: 3n, length: 1 },
    { target: 11n, length: 2 },
  ])('goes to the destination at $target', ({ target, length }) => {
    const outcome = runEvm(program, { gas: 1000n, data: wordsToBytes([target]) });
    expect([outcome.status, outcome.output.length]).toEqual(['returned', length]);
  });
  it.each([0n, 4n, 9n, 12n, 15n, 16n, 2n ** 32n + 3n, 2n ** 64n + 3n, 2n ** 256n - 1n])(
    'halts for %s, which is none',
    (target) => {
      const outcome = runEvm(program, { gas: 1000n, data: wordsToBytes([target]) });
      expect(outcome).toMatchObject({
        status: 'invalid',
        reason: evmHalts.invalidJump.code,
        gasLeft: 0n,
      });
    },
  );
});

it.each([
  { what: 'the end of the code', code: evmCode(1n), status: 'returned', reason: 0, gasLeft: 997n },
  { what: 'no code at all', code: evmCode(), status: 'returned', reason: 0, gasLeft: 1000n },
  { what: 'STOP', code: evmCode('STOP'), status: 'returned', reason: 0, gasLeft: 1000n },
  { what: 'REVERT', code: evmCode(0n, 0n, 'REVERT'), status: 'reverted', reason: 0, gasLeft: 996n },
  {
    what: 'INVALID',
    code: evmCode('INVALID'),
    status: 'invalid',
    reason: evmHalts.invalidOpcode.code,
    gasLeft: 0n,
  },
  {
    what: 'an undefined byte',
    code: Uint8Array.of(0x0c),
    status: 'invalid',
    reason: evmHalts.undefinedOpcode.code,
    gasLeft: 0n,
  },
  {
    what: 'an opcode that is not supported, before its stack and gas are looked at',
    code: evmCode('CALLVALUE', 'POP', 'SSTORE'),
    status: 'unsupported',
    reason: 0x55,
    gasLeft: 996n,
  },
])('ends at $what', ({ code, status, reason, gasLeft }) => {
  expect(runEvm(compileEvm(code), { gas: 1000n })).toMatchObject({ status, reason, gasLeft });
});

it('is deterministic, and the runtime is the same unit for every contract', () => {
  const code = evmCode(1n, 2n, 'ADD');
  const [first, second] = [compileEvm(code), compileEvm(code.slice())];
  expect(second).toEqual(first);
  expect(compileEvm(evmCode('STOP')).units[0]!.unit).toBe(first.units[0]!.unit);
});
