/**
 * Which wide registers a guest may name: the linker's data flow over the depth of the operand stack.
 *
 * `sp = 2048 k + depth`; a frame owns the registers from 2048 k to 2048 k + 2047. The *floor* of a pc is a number that
 * the depth is never below there: 0 where the unit is entered, `need + slide` behind a `block`, and otherwise the
 * least floor of the instructions that lead to it. Naming `w[j]` is refused for `j < -floor`. Above nothing has to be
 * refused: `block` keeps the depth at most 1024, and operands end at 1023. `spec/9-programs.md`.
 */

import { operandValue, type Shape, shapeOf } from './encoding.ts';
import type { Code, Unit } from './program.ts';

/** A depth is at most this. */
const DEPTH_LIMIT = 1024;

export interface WideViolation {
  readonly pc: number;
  readonly operand: string;
  readonly index: number;
  readonly floor: number;
}

/**
 * The first wide operand below its floor, if any. Linear in the code.
 * Assumes that each instruction is well formed, `block` within its rule, and all targets and tables in the unit.
 */
export function findWideViolation(unit: Unit): WideViolation | undefined {
  const lowest = lowestOperands(unit.code);
  if (lowest === undefined) return undefined;
  const floors = floorsOf(unit);
  for (let pc = 0; pc < floors.length; pc++) {
    const floor = floors[pc]!;
    if (floor < 0 || lowest[pc]! >= -floor) continue; // never reached, or in order
    const index = lowest[pc]!;
    const operand = shapeAt(unit.code, pc).wides.find(
      (wide) => operandValue(unit.code, pc, wide) === index,
    )!;
    return { pc, operand: operand.name, index, floor };
  }
  return undefined;
}

/** The least wide operand of each instruction (0 if none is negative); undefined if none of them all is negative. */
function lowestOperands(code: Code): Int32Array | undefined {
  const lowest = new Int32Array(code.op.length);
  let isAnyNegative = false;
  for (let pc = 0; pc < lowest.length; pc++) {
    for (const operand of shapeAt(code, pc).wides) {
      const index = operandValue(code, pc, operand);
      if (index < lowest[pc]!) lowest[pc] = index;
      isAnyNegative ||= index < 0;
    }
  }
  return isAnyNegative ? lowest : undefined;
}

function shapeAt(code: Code, pc: number): Shape {
  return shapeOf[code.op[pc]!]!;
}

/**
 * The floor of each pc, -1 where control never comes. What a block leaves does not depend on what reaches it, so
 * floors only ever spread unchanged, the least first; each instruction and table is visited once.
 */
function floorsOf(unit: Unit): Int32Array {
  const { code } = unit;
  const entries = unit.entries.map(({ pc }) => pc);
  const isReached = spread(unit, [entries], true).map((floor) => (floor < 0 ? 0 : 1));
  const buckets: number[][] = Array.from({ length: DEPTH_LIMIT + 1 }, () => []);
  buckets[0]!.push(...entries);
  for (let pc = 0; pc < code.op.length; pc++) {
    if (isReached[pc] === 1 && shapeAt(code, pc).name === 'block') {
      // Not below 0 by the rule for blocks; a block whose sum is above the limit always faults.
      buckets[Math.min(code.rd[pc]! + code.rs2[pc]!, DEPTH_LIMIT)]!.push(pc + 1);
    }
  }
  return spread(unit, buckets, false);
}

/**
 * Spreads bucket i as floor i, ascending, to all that is reached from it. `throughBlocks`: also past a block that
 * does not fault.
 */
function spread(
  { code, tables }: Unit,
  buckets: readonly (readonly number[])[],
  throughBlocks: boolean,
): Int32Array {
  const floors = new Int32Array(code.op.length).fill(-1);
  const isTableSeen = new Uint8Array(tables.length);
  buckets.forEach((bucket, floor) => {
    const pending = [...bucket];
    while (pending.length > 0) {
      const pc = pending.pop()!;
      if (floors[pc] !== -1) continue;
      floors[pc] = floor;
      const { name, flow, target, table } = shapeAt(code, pc);
      if (flow !== 'never' && (throughBlocks || name !== 'block')) pending.push(pc + 1);
      if (target !== undefined) pending.push(pc + code.target[pc]!);
      if (table === undefined) continue;
      const number = operandValue(code, pc, table);
      if (isTableSeen[number] === 1) continue;
      isTableSeen[number] = 1;
      for (const entry of tables[number]!) pending.push(entry);
    }
  });
  return floors;
}
