/**
 * Blocks and branches (Wasm 4.4.8) become labels and plain branches. Code that is never reached is not lowered.
 */

import type { Label } from '../../../isa/builder.ts';
import { arityOf, type Block } from '../control.ts';
import { blockTypeByte, EMPTY_BLOCK } from '../expression.ts';
import { isInPlace, transfer } from '../transfer.ts';
import { type Condition, emitBranch, negate } from './compare.ts';
import type { FunctionState } from './state.ts';

function blockArity(state: FunctionState): { parameterCount: number; resultCount: number } {
  const immediate = state.first;
  if (immediate >= 0) {
    const { parameters, results } = state.unit.context.module.types[immediate]!;
    return { parameterCount: parameters.length, resultCount: results.length };
  }
  const isEmpty = blockTypeByte(immediate) === EMPTY_BLOCK;
  return { parameterCount: 0, resultCount: isEmpty ? 0 : 1 };
}

export function openBlock(state: FunctionState, kind: 'block' | 'loop'): void {
  const { operands, builder } = state;
  const arity = blockArity(state);
  operands.settleLocals();
  const label = builder.label(kind);
  if (kind === 'loop') {
    operands.settleTop(arity.parameterCount);
    state.flushZeros();
    builder.place(label);
  }
  const height = operands.height - arity.parameterCount;
  state.blocks.push({ kind, label, height, ...arity, isTargeted: false });
}

export function openIf(state: FunctionState, condition: Condition): void {
  const { operands, builder } = state;
  const arity = blockArity(state);
  operands.settleLocals();
  state.flushZeros();
  const otherwise = {
    label: builder.label('else'),
    parameters: operands.save(arity.parameterCount),
  };
  emitBranch(builder, negate(condition), otherwise.label);
  const height = operands.height - arity.parameterCount;
  const label = builder.label('end');
  state.blocks.push({ kind: 'if', label, height, ...arity, otherwise, isTargeted: false });
}

/** The end of the first arm. */
export function lowerElse(state: FunctionState): void {
  const { operands, builder, blocks } = state;
  const { otherwise, ...block } = blocks.pop()!;
  if (otherwise === undefined) throw new Error('else: the module was not validated');
  let { isTargeted } = block;
  if (state.isReachable) {
    operands.settleTop(block.resultCount);
    builder.emit('jump', block.label);
    isTargeted = true;
  }
  builder.place(otherwise.label);
  operands.dropTo(block.height);
  operands.restore(otherwise.parameters);
  state.isReachable = true;
  blocks.push({ ...block, kind: 'else', isTargeted });
}

export function lowerEnd(state: FunctionState): void {
  const { operands, builder, blocks } = state;
  const block = blocks.pop()!;
  if (block.kind === 'function') {
    endFunction(state, block);
    return;
  }
  if (block.otherwise !== undefined) {
    endWithoutElse(state, block, block.otherwise);
    return;
  }
  // Where nothing joins, the results may stay as they are.
  if (block.kind === 'loop' || !block.isTargeted) {
    if (!state.isReachable) operands.dropTo(block.height);
    return;
  }
  if (state.isReachable) operands.settleTop(block.resultCount);
  builder.place(block.label);
  join(state, block);
}

/** The missing arm hands the parameters through, which have the types of the results. */
function endWithoutElse(
  state: FunctionState,
  block: Block,
  otherwise: NonNullable<Block['otherwise']>,
): void {
  const { operands, builder } = state;
  if (state.isReachable) {
    operands.settleTop(block.resultCount);
    if (block.parameterCount > 0) builder.emit('jump', block.label);
  }
  builder.place(otherwise.label);
  operands.dropTo(block.height);
  operands.restore(otherwise.parameters);
  operands.settleTop(block.parameterCount);
  builder.place(block.label);
  join(state, block);
}

function join(state: FunctionState, block: Block): void {
  state.operands.dropTo(block.height);
  for (let i = 0; i < block.resultCount; i++) state.operands.pushSlot();
  state.isReachable = true;
}

function endFunction(state: FunctionState, block: Block): void {
  const { operands, builder } = state;
  if (state.isReachable) transfer(builder, operands, block.resultCount, 0);
  builder.place(state.returnLabel);
  if (state.isReachable || block.isTargeted) builder.emit('return');
  operands.dropTo(0);
  state.isReachable = false;
}

function blockAt({ blocks }: FunctionState, depth: number): Block {
  return blocks[blocks.length - 1 - depth]!;
}

/** First of the registers that a branch to the block fills. */
function placeOf({ operands }: FunctionState, block: Block): number {
  return block.kind === 'function' ? 0 : operands.slot(block.height);
}

/** The label for a branch that needs no moves; `undefined` if it needs some. */
function directLabel(state: FunctionState, block: Block): Label | undefined {
  if (!isInPlace(state.operands, arityOf(block), placeOf(state, block))) return undefined;
  block.isTargeted = true;
  return block.kind === 'function' ? state.returnLabel : block.label;
}

/** Moves the operands into place and goes there. */
function emitTransfer(state: FunctionState, block: Block): void {
  const { operands, builder } = state;
  transfer(builder, operands, arityOf(block), placeOf(state, block));
  if (block.kind === 'function') {
    builder.emit('return');
  } else {
    block.isTargeted = true;
    builder.emit('jump', block.label);
  }
}

export function lowerBranch(state: FunctionState, depth: number): void {
  emitTransfer(state, blockAt(state, depth));
  state.isReachable = false;
}

export function lowerBranchIf(state: FunctionState, condition: Condition): void {
  const { builder } = state;
  const block = blockAt(state, state.first);
  state.flushZeros();
  const label = directLabel(state, block);
  if (label !== undefined) {
    emitBranch(builder, condition, label);
    return;
  }
  const skip = builder.label('not taken');
  emitBranch(builder, negate(condition), skip);
  emitTransfer(state, block);
  builder.place(skip);
}

export function lowerBranchTable(state: FunctionState): void {
  const { operands, builder } = state;
  const { lists } = state.code;
  const start = state.first;
  const count = state.second - 1;
  const rs1 = operands.register(operands.height - 1);
  operands.drop();
  if (count === 0) {
    lowerBranch(state, lists[start]!);
    return;
  }
  state.flushZeros();
  const labels = new Map<number, Label>();
  const stubs: (() => void)[] = [];
  const labelOf = (depth: number): Label => {
    const known = labels.get(depth);
    if (known !== undefined) return known;
    const block = blockAt(state, depth);
    const direct = directLabel(state, block);
    const label = direct ?? builder.label('stub');
    labels.set(depth, label);
    if (direct === undefined) {
      stubs.push(() => {
        builder.place(label);
        emitTransfer(state, block);
      });
    }
    return label;
  };
  const table = builder.table(lists.slice(start, start + count).map(labelOf));
  builder.emit('jumpx', rs1, table, count, labelOf(lists[start + count]!));
  for (const emit of stubs) emit();
  state.isReachable = false;
}
