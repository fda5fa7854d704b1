/** Values and meanings for the tests of chips of wide instructions. */

import { instructions, type Mnemonic } from '../../src/isa/instructions.ts';
import { wideBinary, wideBranch, wideTernary } from '../../src/isa/semantics/by-mnemonic.ts';
import {
  type Case,
  lanesOfLimbs,
  limbsOf,
  limbsOfLanes,
  type Meaning,
} from './instruction-rows.ts';

const ones = (bits: number): bigint => (1n << BigInt(bits)) - 1n;

/** Values at which carries, signs, limbs and bytes change. */
export const wideEdges: readonly bigint[] = [
  0n,
  1n,
  2n,
  0x7fn,
  0x80n,
  0xffffn,
  0x10000n,
  ones(32),
  ones(64),
  1n << 64n,
  (1n << 64n) + 5n,
  ones(128),
  1n << 128n,
  ones(255),
  1n << 255n,
  (1n << 255n) + 1n,
  ones(256) - 1n,
  ones(256),
  0x0123456789abcdef_fedcba9876543210_00ff00ff00ff00ff_8000000000000001n,
  0xf0e1d2c3b4a59687_78695a4b3c2d1e0f_1122334455667788_99aabbccddeeff00n,
];

/** All pairs of `values` with both operand forms where the second fits, thinned to about `count`. */
export function pairs(
  names: readonly Mnemonic[],
  lefts: readonly bigint[],
  rights: readonly bigint[],
  stride = 1,
): Case[] {
  const cases: Case[] = [];
  let index = 0;
  for (const name of names) {
    for (const left of lefts) {
      for (const right of rights) {
        if (index++ % stride !== 0) continue;
        const values = { rs1: limbsOf(left, 16), rs2: limbsOf(right, 16) };
        cases.push({ name, values });
        if (right >> 32n === 0n) cases.push({ name, values, isImmediate: true });
      }
    }
  }
  return cases;
}

const left = new Int32Array(8);
const right = new Int32Array(8);
const third = new Int32Array(8);
const out = new Int32Array(8);

/** The meaning of the instructions of format `wideAlu`, by the semantic functions. */
export const wideBinaryMeaning: Meaning = ({ name, values }) => {
  lanesOfLimbs(values.rs1!, left, 0);
  lanesOfLimbs(values.rs2!, right, 0);
  wideBinary[named(name, wideBinary)](out, 0, left, 0, right, 0);
  return { written: { rd: limbsOfLanes(out, 0, 8) } };
};

export const wideTernaryMeaning: Meaning = ({ name, values }) => {
  lanesOfLimbs(values.rs1!, left, 0);
  lanesOfLimbs(values.rs2!, right, 0);
  lanesOfLimbs(values.rs3!, third, 0);
  wideTernary[named(name, wideTernary)](out, 0, left, 0, right, 0, third, 0);
  return { written: { rd: limbsOfLanes(out, 0, 8) } };
};

export const wideBranchMeaning: Meaning = ({ name, values }) => {
  lanesOfLimbs(values.rs1!, left, 0);
  lanesOfLimbs(values.rs2!, right, 0);
  return { goes: wideBranch[named(name, wideBranch)](left, 0, right, 0) === 1 };
};

/** Values for the columns `name0, name1, …`, as a forgery takes them. */
export function eachCell(
  name: string,
  count: number,
  value: (index: number) => number,
): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}${i}`, value(i)]));
}

/** The mnemonics of a chip. */
export function instructionsOf(chip: string): Mnemonic[] {
  return (Object.keys(instructions) as Mnemonic[]).filter(
    (name) => instructions[name].chip === chip,
  );
}

function named<Name extends string>(name: string, table: Readonly<Record<Name, unknown>>): Name {
  if (!(name in table)) throw new RangeError(`name: expected one of the group, got ${name}`);
  return name as Name; // checked above
}
