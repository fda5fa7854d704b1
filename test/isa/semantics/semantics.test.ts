/** Every semantic function against its BigInt model, at the edges, at random, and with the result laid over an operand. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatOf, instructions, type Mnemonic } from '../../../src/isa/instructions.ts';
import * as semantics from '../../../src/isa/semantics/by-mnemonic.ts';
import { select } from '../../../src/isa/semantics/extend.ts';
import type { BinaryMeaning, Predicate, UnaryMeaning } from '../../../src/isa/semantics/lanes.ts';
import { fitsWord, truncate, widen, wselect } from '../../../src/isa/semantics/wide-move.ts';
import {
  readLanes,
  wideBinaryModels,
  wideBranchModels,
  wideEdges,
  wideTernaryModels,
  wideUnaryModels,
  wordBinaryModels,
  wordBranchModels,
  wordEdges,
  wordUnaryModels,
  writeLanes,
} from '../../support/lane-models.ts';

const seed = 20240607;

/** Uniform in the number of bits rather than in the value, and often near one another. */
function pairs(width: number): fc.Arbitrary<readonly [bigint, bigint]> {
  const value = fc
    .tuple(fc.bigInt(0n, (1n << BigInt(width)) - 1n), fc.integer({ min: 0, max: width - 1 }))
    .map(([bits, shift]) => bits >> BigInt(shift));
  return fc.oneof(
    fc.tuple(value, value),
    fc.tuple(value, fc.bigInt(0n, 300n)),
    fc
      .tuple(value, fc.bigInt(-2n, 2n))
      .map(([x, offset]): readonly [bigint, bigint] => [x, BigInt.asUintN(width, x + offset)]),
    // Halves of ones and zeros: where long division estimates too high.
    fc
      .tuple(fc.constantFrom(...(width === 64 ? wordEdges : wideEdges)), value)
      .map(([edge, x]): readonly [bigint, bigint] => [edge ^ (x >> BigInt(width / 2)), edge]),
  );
}

/** Operands apart, then the result over the left, over the right, and all three one cell. */
function checkBinary(
  meaning: BinaryMeaning,
  model: (x: bigint, y: bigint) => bigint,
  lanes: number,
  x: bigint,
  y: bigint,
): void {
  const file = new Int32Array(5 * lanes).fill(0x5a5a5a5a);
  const [left, right, out] = [0, lanes, 3 * lanes];
  const expected = model(x, y);
  for (const d of [out, left, right]) {
    writeLanes(file, left, x, lanes);
    writeLanes(file, right, y, lanes);
    meaning(file, d, file, left, file, right);
    const got = readLanes(file, d, lanes);
    if (got !== expected) expect([x, y, d, got]).toEqual([x, y, d, expected]);
  }
  if (x === y) {
    writeLanes(file, left, x, lanes);
    meaning(file, left, file, left, file, left);
    expect(readLanes(file, left, lanes)).toBe(expected);
  }
  // Neighbours stay as they were.
  const neighbours = [file[out - 1], file[out + lanes]];
  if (neighbours.some((lane) => lane !== 0x5a5a5a5a)) expect(neighbours).toEqual([]);
}

function checkPredicate(
  predicate: Predicate,
  model: (x: bigint, y: bigint) => boolean,
  lanes: number,
  x: bigint,
  y: bigint,
): void {
  const file = new Int32Array(2 * lanes);
  writeLanes(file, 0, x, lanes);
  writeLanes(file, lanes, y, lanes);
  const got = predicate(file, 0, file, lanes);
  if (got !== (model(x, y) ? 1 : 0)) expect([x, y, got]).toEqual([x, y, model(x, y) ? 1 : 0]);
}

function everyPair(edges: readonly bigint[], check: (x: bigint, y: bigint) => void): void {
  for (const x of edges) for (const y of edges) check(x, y);
}

function random(width: number, check: (x: bigint, y: bigint) => void, numRuns = 300): void {
  fc.assert(
    fc.property(pairs(width), ([x, y]) => check(x, y)),
    { seed, numRuns },
  );
}

const sized = [
  ['word', 64, 2, semantics.wordBinary, wordBinaryModels, wordEdges],
  ['wide', 256, 8, semantics.wideBinary, wideBinaryModels, wideEdges],
] as const;

for (const [name, width, lanes, meanings, models, edges] of sized) {
  describe(`${name} instructions of two sources mean what the model says`, () => {
    test.each(Object.entries<BinaryMeaning>(meanings))('%s', (mnemonic, meaning) => {
      const model = models[mnemonic];
      if (model === undefined) throw new Error(`no model for ${mnemonic}`);
      everyPair(edges, (x, y) => checkBinary(meaning, model, lanes, x, y));
      random(width, (x, y) => checkBinary(meaning, model, lanes, x, y));
    });
  });
}

describe('unary instructions mean what the model says', () => {
  const all: [string, UnaryMeaning, ((x: bigint) => bigint) | undefined, number][] = [
    ...Object.entries(semantics.wordUnary).map(
      ([name, meaning]): [string, UnaryMeaning, ((x: bigint) => bigint) | undefined, number] => [
        name,
        meaning,
        wordUnaryModels[name],
        2,
      ],
    ),
    ...Object.entries(semantics.wideUnary).map(
      ([name, meaning]): [string, UnaryMeaning, ((x: bigint) => bigint) | undefined, number] => [
        name,
        meaning,
        wideUnaryModels[name],
        8,
      ],
    ),
  ];
  test.each(all)('%s', (name, meaning, model, lanes) => {
    if (model === undefined) throw new Error(`no model for ${name}`);
    const asBinary: BinaryMeaning = (out, d, left, a) => meaning(out, d, left, a);
    const check = (x: bigint): void => checkBinary(asBinary, (value) => model(value), lanes, x, x);
    for (const edge of lanes === 2 ? wordEdges : wideEdges) check(edge);
    random(lanes * 32, check);
  });
});

describe('branches are taken where the model says', () => {
  test.each(Object.entries<Predicate>(semantics.wordBranch))('%s', (name, predicate) => {
    const model = wordBranchModels[name];
    if (model === undefined) throw new Error(`no model for ${name}`);
    everyPair(wordEdges, (x, y) => checkPredicate(predicate, model, 2, x, y));
    random(64, (x, y) => checkPredicate(predicate, model, 2, x, y));
  });
  test.each(Object.entries<Predicate>(semantics.wideBranch))('%s', (name, predicate) => {
    const model = wideBranchModels[name];
    if (model === undefined) throw new Error(`no model for ${name}`);
    everyPair(wideEdges, (x, y) => checkPredicate(predicate, model, 8, x, y));
    random(256, (x, y) => checkPredicate(predicate, model, 8, x, y));
  });
});

describe('modular sums and products mean what the model says', () => {
  const some = wideEdges.filter((_, i) => i % 3 === 0);
  test.each(Object.entries(semantics.wideTernary))('%s', (name, meaning) => {
    const model = wideTernaryModels[name];
    if (model === undefined) throw new Error(`no model for ${name}`);
    const file = new Int32Array(32);
    const check = (x: bigint, y: bigint, modulus: bigint): void => {
      const expected = model(x, y, modulus);
      for (const d of [24, 0, 8, 16]) {
        writeLanes(file, 0, x, 8);
        writeLanes(file, 8, y, 8);
        writeLanes(file, 16, modulus, 8);
        meaning(file, d, file, 0, file, 8, file, 16);
        const got = readLanes(file, d, 8);
        if (got !== expected) expect([x, y, modulus, d, got]).toEqual([x, y, modulus, d, expected]);
      }
    };
    everyPair(some, (x, y) => {
      for (const modulus of some) check(x, y, modulus);
    });
    fc.assert(
      fc.property(pairs(256), pairs(256), ([x, y], [modulus]) => check(x, y, modulus)),
      { seed, numRuns: 1000 },
    );
  });
});

describe('selections and conversions', () => {
  const conditions = [0n, 1n, 1n << 31n, 1n << 32n, 1n << 63n, (1n << 64n) - 1n];
  test.each(conditions)(
    'select and wselect look at all 64 bits of the condition %s',
    (condition) => {
      for (const lanes of [2, 8]) {
        const meaning = lanes === 2 ? select : wselect;
        const file = new Int32Array(3 * lanes + 2);
        for (const d of [2 * lanes, 0, lanes]) {
          writeLanes(file, 0, 0x1122334455667788n, lanes);
          writeLanes(file, lanes, -5n, lanes);
          writeLanes(file, 3 * lanes, condition, 2);
          meaning(file, d, file, 0, file, lanes, file, 3 * lanes);
          const width = BigInt(32 * lanes);
          expect(readLanes(file, d, lanes)).toBe(
            condition === 0n ? (1n << width) - 5n : 0x1122334455667788n,
          );
        }
      }
    },
  );

  test('select may take its condition from the result', () => {
    const file = Int32Array.of(7, 8, 9, 10, 0, 1);
    select(file, 4, file, 0, file, 2, file, 4);
    expect([file[4], file[5]]).toEqual([7, 8]);
  });

  test('a wide word fits a word if and only if its six upper lanes are zero', () => {
    const file = new Int32Array(10);
    for (const value of wideEdges) {
      writeLanes(file, 0, value, 8);
      expect(fitsWord(file, 0)).toBe(value < 1n << 64n);
      truncate(file, 8, file, 0);
      expect(readLanes(file, 8, 2)).toBe(BigInt.asUintN(64, value));
    }
  });

  test('a word widens with zeros', () => {
    const words = new Int32Array(2);
    const file = new Int32Array(8).fill(-1);
    for (const value of wordEdges) {
      writeLanes(words, 0, value, 2);
      widen(file, 0, words, 0);
      expect(readLanes(file, 0, 8)).toBe(value);
    }
  });
});

test('every instruction that computes or compares has a semantic function', () => {
  const groups: Record<string, object> = {
    alu: semantics.wordBinary,
    unary: semantics.wordUnary,
    move: semantics.wordUnary,
    branch: semantics.wordBranch,
    wideAlu: semantics.wideBinary,
    wideUnary: semantics.wideUnary,
    wideTernary: semantics.wideTernary,
    wideBranch: semantics.wideBranch,
  };
  const covered: string[] = [];
  for (const name of Object.keys(instructions) as Mnemonic[]) {
    const group = groups[instructions[name].format];
    if (group === undefined) continue;
    expect(group, name).toHaveProperty(name);
    expect(formatOf(name).operands.length).toBeGreaterThan(1);
    covered.push(name);
  }
  // And no function stands for an instruction that the table does not have.
  const functions = new Set(Object.values(groups).flatMap((group) => Object.keys(group)));
  expect([...functions].sort()).toEqual(covered.sort());
});
