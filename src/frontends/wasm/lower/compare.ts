/**
 * Comparisons, alone or fused with the `br_if` or `if` that tests them (Wasm 4.3.2, `relop` and `testop`).
 *
 * The machine compares by equal, less and their negations; "greater" swaps the operands, or for a constant
 * on the right compares with the next one. `i32.eqz` behind a comparison negates it.
 */

import type { Label, MnemonicWith, UnitBuilder } from '../../../isa/builder.ts';
import { opcodeOf, opcodeRows } from '../opcodes.ts';
import type { FunctionState } from './state.ts';

type Relation = 'eq' | 'ne' | 'lt' | 'ge' | 'gt' | 'le';
type MachineRelation = 'eq' | 'ne' | 'lt' | 'ge';

export interface CompareRow {
  readonly relation: Relation;
  readonly isUnsigned: boolean;
  readonly is32: boolean;
  /** `eqz`: the right side is the constant 0. */
  readonly isTest: boolean;
}

/** A test that is not emitted yet. The right side is a register, or the two lanes. */
export interface Condition {
  readonly relation: MachineRelation;
  readonly isUnsigned: boolean;
  readonly is32: boolean;
  readonly left: number;
  readonly right: number | undefined;
  readonly low: number;
  readonly high: number;
}

const EQZ = opcodeOf('i32.eqz');
const BR_IF = opcodeOf('br_if');
const IF = opcodeOf('if');

export const compareRows = new Map<number, CompareRow>(
  opcodeRows.flatMap(({ opcode, name }): [number, CompareRow][] => {
    const match = /^i(32|64)\.(eqz|eq|ne|lt|gt|le|ge)(?:_([su]))?$/.exec(name);
    if (match === null) return [];
    const isTest = match[2] === 'eqz';
    const relation = isTest ? 'eq' : (match[2] as Relation); // one of the names in the pattern
    return [[opcode, { relation, isUnsigned: match[3] === 'u', is32: match[1] === '32', isTest }]];
  }),
);

const swapped: Readonly<Record<Relation, Relation>> = {
  eq: 'eq',
  ne: 'ne',
  lt: 'gt',
  gt: 'lt',
  ge: 'le',
  le: 'ge',
};
const negated: Readonly<Record<MachineRelation, MachineRelation>> = {
  eq: 'ne',
  ne: 'eq',
  lt: 'ge',
  ge: 'lt',
};

export function negate(condition: Condition): Condition {
  return { ...condition, relation: negated[condition.relation] };
}

/** "Not zero": what `br_if` and `if` test of an operand that is no comparison. Drops the operand. */
export function popTruth({ operands }: FunctionState): Condition {
  const left = operands.register(operands.height - 1);
  operands.drop();
  return { relation: 'ne', isUnsigned: false, is32: true, left, right: undefined, low: 0, high: 0 };
}

/** Drops the operands. */
function popComparison({ operands }: FunctionState, row: CompareRow): Condition {
  const { isUnsigned, is32 } = row;
  const common = { isUnsigned, is32 };
  if (row.isTest) {
    const left = operands.register(operands.height - 1);
    operands.drop();
    return { ...common, relation: 'eq', left, right: undefined, low: 0, high: 0 };
  }
  let relation = row.relation;
  let left = operands.height - 2;
  let right = operands.height - 1;
  if (operands.isConstant(left) && !operands.isConstant(right)) {
    [left, right] = [right, left];
    relation = swapped[relation];
  }
  if (operands.isConstant(right)) {
    let low = operands.lowOf(right);
    let high = operands.highOf(right);
    const isMaximum = isGreatest(low, high, row);
    if (!isStrictlyGreater(relation) || !isMaximum) {
      if (isStrictlyGreater(relation)) {
        // x > c is x >= c + 1, and x <= c is x < c + 1.
        low = (low + 1) | 0;
        if (low === 0 && !is32) high = (high + 1) | 0;
      }
      const leftRegister = operands.register(left);
      operands.drop(2);
      const machine = machineRelation(relation, false);
      return { ...common, relation: machine, left: leftRegister, right: undefined, low, high };
    }
  }
  const isSwapped = isStrictlyGreater(relation);
  const leftRegister = operands.register(left);
  const rightRegister = operands.register(right);
  operands.drop(2);
  return {
    ...common,
    relation: machineRelation(relation, isSwapped),
    left: isSwapped ? rightRegister : leftRegister,
    right: isSwapped ? leftRegister : rightRegister,
    low: 0,
    high: 0,
  };
}

/** `gt` and its negation `le` need swapped operands, or the next constant. */
function isStrictlyGreater(relation: Relation): boolean {
  return relation === 'gt' || relation === 'le';
}

function machineRelation(relation: Relation, isSwapped: boolean): MachineRelation {
  if (relation === 'gt') return isSwapped ? 'lt' : 'ge';
  if (relation === 'le') return isSwapped ? 'ge' : 'lt';
  return relation;
}

function isGreatest(low: number, high: number, { isUnsigned, is32 }: CompareRow): boolean {
  const top = isUnsigned ? -1 : 2 ** 31 - 1;
  return is32 ? low === top : low === -1 && high === top;
}

type Suffix = '' | 'u' | '32' | 'u32';

function suffixOf({ relation, isUnsigned, is32 }: Condition): Suffix {
  const isOrder = relation === 'lt' || relation === 'ge';
  if (isOrder && isUnsigned) return is32 ? 'u32' : 'u';
  return is32 ? '32' : '';
}

/** Emits the branch that is taken when the condition holds. */
export function emitBranch(builder: UnitBuilder, condition: Condition, label: Label): void {
  const name = `b${condition.relation}${suffixOf(condition)}` as MnemonicWith<'branch'>; // eq, ne take no u
  const { left, right, low, high } = condition;
  if (right === undefined) builder.emitLanes(name, low, high, left, 0, label);
  else builder.emit(name, left, right, label);
}

/**
 * Lowers a comparison and the `eqz` that follow it. Returns the condition if the next instruction is
 * `br_if` or `if`, and moves on to it; else emits the instruction that computes 0 or 1.
 */
export function lowerCompare(state: FunctionState, row: CompareRow): Condition | undefined {
  const { opcodes } = state.code;
  let condition = popComparison(state, row);
  while (opcodes[state.index + 1] === EQZ) {
    state.index++;
    condition = negate(condition);
  }
  const next = opcodes[state.index + 1];
  if (next === BR_IF || next === IF) {
    state.index++;
    return condition;
  }
  const rd = state.result();
  const { left, right, low, high } = condition;
  const name = `s${condition.relation}${suffixOf(condition)}` as MnemonicWith<'alu'>; // as above
  if (right === undefined) state.builder.emitLanes(name, low, high, rd, left, 0);
  else state.builder.emit(name, rd, left, right);
  return undefined;
}
