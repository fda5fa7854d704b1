/** What the tests of calls and indexed jumps share: a limit, tables, and what a call does. */

import type { RowFacts } from '../../src/isa/chips/row.ts';
import { addressSpaces } from '../../src/memory/address-space.ts';
import { type Case, limbsOf, type Outcome, type Situation } from './instruction-rows.ts';

export const FP_LIMIT = 2 ** 17;

/** Key 0 has the runtime entries. */
const tables: RowFacts['tables'] = new Map([
  [0, Int32Array.of(900, 17, 4, 123_456)],
  [300, Int32Array.of(7)],
  [301, Int32Array.of(70, 3, 1_000_000, 70, 5)],
  [302, Int32Array.from({ length: 0x1_0003 }, (_, i) => 2 * i)],
]);

export const facts: RowFacts = { fpLimit: FP_LIMIT, tables };

/** Frame pointers and slides on both sides of the limit. */
export const frames: readonly { readonly fp: number; readonly slide: number }[] = [
  { fp: 0, slide: 1 },
  { fp: 64, slide: 65535 },
  { fp: FP_LIMIT - 2, slide: 1 },
  { fp: FP_LIMIT - 1, slide: 1 },
  { fp: FP_LIMIT - 101, slide: 100 },
  { fp: FP_LIMIT - 100, slide: 100 },
  { fp: FP_LIMIT - 99, slide: 100 },
  { fp: 65535, slide: 65535 },
  { fp: 65535, slide: 65536 - 1 },
  { fp: 65537, slide: 65535 },
  { fp: 2 ** 28 - 1, slide: 65535 },
];

/** A table by its key, `length` as the instruction has it, and an index. */
export interface Lookup {
  readonly key: number;
  readonly index: bigint;
}

export const lookups: readonly Lookup[] = [300, 301, 302].flatMap((key) => {
  const length = BigInt(tables.get(key)!.length);
  const indices = [
    0n,
    length - 1n,
    length,
    length + 1n,
    0xffffn,
    0x1_0000n,
    0x7fff_ffffn,
    0x8000_0000n,
    0xffff_ffffn,
    1n << 32n,
    (1n << 32n) + 1n,
    1n << 48n,
    1n << 63n,
    (1n << 64n) - 1n,
  ];
  return indices.map((index) => ({ key, index }));
});

/** Operands and values of a lookup in row `row`, where the pc is the number of the row. */
export function lookupCase(
  { key, index }: Lookup,
  row: number,
): Required<Pick<Case, 'operands' | 'values'>> {
  return {
    operands: { table: key - row, length: tables.get(key)!.length },
    values: { rs1: limbsOf(index, 4) },
  };
}

/** The 64-bit index of rs1, if it is below the length of the instruction. */
export function indexInside({ values, slots }: Situation): number | undefined {
  const index = values.rs1!.reduceRight((sum, limb) => (sum << 16n) + BigInt(limb), 0n);
  return index < BigInt(slots[3]!) + (BigInt(slots[4]!) << 16n) ? Number(index) : undefined;
}

/** The pc that a table answered on the interaction of that name; 0 where it was not asked. */
export function answered({ answers }: Situation, name: string): number {
  return answers[name]?.[2] ?? 0;
}

/** Entering the frame at `fp + slide`, with control going on at `pc`; undefined past the limit. */
export function enter(situation: Situation, slide: number, pc: number): Outcome | undefined {
  const { state } = situation;
  const callee = state.fp + slide;
  if (callee >= FP_LIMIT) return undefined;
  return {
    next: { pc, fp: callee },
    written: { record: [state.pc + 1, state.fp, state.sp, 0] },
    addresses: { record: [addressSpaces.record.high, callee] },
  };
}
