/** Cases and meanings for the chips that compute on words: edge values in all pairs, and random ones. */

import type { Mnemonic } from '../../src/isa/instructions.ts';
import type { BinaryMeaning, Predicate, UnaryMeaning } from '../../src/isa/semantics/lanes.ts';
import { randomNumbers } from './forger.ts';
import {
  type Case,
  type Elements,
  lanesOfLimbs,
  limbsOf,
  limbsOfLanes,
  type Meaning,
} from './instruction-rows.ts';

/** Where limbs, halves and signs turn over. */
export const edgeWords: readonly bigint[] = [
  0n,
  1n,
  2n,
  0x7fn,
  0x80n,
  0xffffn,
  0x1_0000n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_8000_0000n,
  0xffff_ffff_ffff_ffffn,
];

/** `count` words of random length: all magnitudes are about as frequent. */
export function randomWords(count: number, seed: number): bigint[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => {
    let word = 0n;
    for (let i = 0; i < 4; i++) word = (word << 16n) | BigInt(random(0x10000));
    return word >> BigInt(random(64));
  });
}

/**
 * Every instruction on pairs of edge words and of random words, the second from a register and as
 * immediate by turns.
 */
export function binaryCases(
  names: readonly Mnemonic[],
  more: readonly (readonly [bigint, bigint])[] = [],
): Case[] {
  const randoms = randomWords(48, 5);
  const pairs: (readonly [bigint, bigint])[] = [...more];
  for (const left of edgeWords) for (const right of edgeWords) pairs.push([left, right]);
  randoms.forEach((left, i) => {
    pairs.push(
      [left, randoms[(i * 7 + 3) % randoms.length]!],
      [left, left],
      [left, edgeWords[i % edgeWords.length]!],
    );
  });
  return names.flatMap((name) =>
    pairs.map(([left, right], i) => ({
      name,
      isImmediate: i % 3 === 1,
      values: { rs1: limbsOf(left, 4), rs2: limbsOf(right, 4) },
    })),
  );
}

export function unaryCases(names: readonly Mnemonic[], operand: 'rs1' | 'rs2'): Case[] {
  const powers = Array.from({ length: 64 }, (_, i) => 1n << BigInt(i));
  const words = [
    ...edgeWords,
    ...powers,
    ...powers.map((power) => power - 1n),
    ...randomWords(80, 6),
  ];
  return names.flatMap((name) =>
    words.map((word, i) => ({
      name,
      isImmediate: operand === 'rs2' && i % 3 === 1,
      values: { [operand]: limbsOf(word, 4) },
    })),
  );
}

/** The meaning of instructions with two sources and one result, from functions on lanes. */
export function binaryMeaning(functions: Partial<Record<Mnemonic, BinaryMeaning>>): Meaning {
  const lanes = new Int32Array(6);
  return ({ name, values }) => {
    lanesOfLimbs(values.rs1!, lanes, 2);
    lanesOfLimbs(values.rs2!, lanes, 4);
    functions[name]!(lanes, 0, lanes, 2, lanes, 4);
    return { written: { rd: limbsOfLanes(lanes, 0, 2) } };
  };
}

/** The meaning of branches, from predicates on lanes. */
export function predicateMeaning(predicates: Partial<Record<Mnemonic, Predicate>>): Meaning {
  return ({ name, values }) => {
    const holds = predicates[name]!(lanesOf(values.rs1!), 0, lanesOf(values.rs2!), 0);
    return { goes: holds === 1 };
  };
}

export function unaryMeaning(
  functions: Partial<Record<Mnemonic, UnaryMeaning>>,
  operand: 'rs1' | 'rs2',
): Meaning {
  const lanes = new Int32Array(4);
  return ({ name, values }) => {
    lanesOfLimbs(values[operand]!, lanes, 2);
    functions[name]!(lanes, 0, lanes, 2);
    return { written: { rd: limbsOfLanes(lanes, 0, 2) } };
  };
}

/** The lanes of a word. */
export function lanesOf(limbs: Elements): Int32Array {
  const lanes = new Int32Array(2);
  lanesOfLimbs(limbs, lanes, 0);
  return lanes;
}
