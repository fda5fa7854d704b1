/**
 * The lowering of a contract's code: block by block, then everything out of line.
 *
 * A basic block is one `block` instruction, which takes its static gas and checks its stack, and then straight
 * code. Where that head fails, the code behind it decides which opcode is to blame, exactly: if only the gas is
 * short, it is out of gas; if the stack is, the opcodes are gone through in order, and where gas that depends on
 * operands may run out before, the block is run once more in pieces. `spec/3-lowering-evm.md`.
 */

import type { Label, UnitBuilder } from '../../isa/builder.ts';
import { type BasicBlock, demandOf, isStore, lengthAt, piecesOf } from './bytecode.ts';
import { ARGUMENTS, blameRecord, CALLEE, runtimeEntries } from './layout.ts';
import { arithmetic } from './lower/arithmetic.ts';
import { bitwise } from './lower/bitwise.ts';
import { comparison } from './lower/comparison.ts';
import { BlockContext, type Lowering, type UnitContext } from './lower/context.ts';
import { fuse, lowerEnding } from './lower/control.ts';
import { environment } from './lower/environment.ts';
import { memory } from './lower/memory.ts';
import { opcodeOf } from './opcodes.ts';
import { type BlockGraph, isPure, readBlock, type ValueId } from './stack.ts';

const lowerings: Readonly<Record<string, Lowering>> = {
  ...arithmetic,
  ...comparison,
  ...bitwise,
  ...memory,
  ...environment,
};

/** The contract's code, in the order of its bytes. */
export interface Contract {
  readonly bytes: Uint8Array;
  readonly blocks: readonly BasicBlock[];
  /** One flag a byte. */
  readonly destinations: Uint8Array;
}

/** Where the call data and the environment stand. */
export interface InputLayout {
  readonly callDataStart: number;
  readonly environmentOffset: (word: number) => number;
}

/** Writes the whole unit. Linear in the code. */
export function lowerContract(builder: UnitBuilder, contract: Contract, layout: InputLayout): void {
  const unit = new UnitLowering(builder, contract, layout);
  builder.function('contract');
  builder.entry('main', builder.here());
  for (const block of contract.blocks) {
    const label = unit.destination(BigInt(block.start));
    if (label !== undefined) builder.place(label);
    lowerBlock(unit, block, faultOf(unit, block));
  }
  const last = contract.blocks[contract.blocks.length - 1];
  if (last === undefined || !last.isClosed) builder.emit('jumpr', runtimeEntries.stop);
  builder.function('out of line');
  unit.finish();
}

/** Long-lived while one unit is lowered. */
class UnitLowering implements UnitContext {
  readonly builder: UnitBuilder;
  readonly bytes: Uint8Array;
  readonly callDataStart: number;
  readonly environmentOffset: (word: number) => number;
  private readonly labels: readonly (Label | undefined)[];
  private readonly ends = new Map<number, Label>();
  private readonly pending: (() => void)[] = [];
  private table: number | undefined;

  constructor(builder: UnitBuilder, contract: Contract, layout: InputLayout) {
    this.builder = builder;
    this.bytes = contract.bytes;
    this.callDataStart = layout.callDataStart;
    this.environmentOffset = layout.environmentOffset;
    this.labels = Array.from(contract.destinations, (flag) =>
      flag === 1 ? builder.label() : undefined,
    );
  }

  later(write: () => void): void {
    this.pending.push(write);
  }

  end(entry: number): Label {
    let label = this.ends.get(entry);
    if (label === undefined) {
      label = this.builder.label();
      this.ends.set(entry, label);
    }
    return label;
  }

  destination(offset: bigint): Label | undefined {
    return offset < BigInt(this.labels.length) ? this.labels[Number(offset)] : undefined;
  }

  jumpTable(): { readonly table: number; readonly length: number } {
    let length = this.labels.length;
    while (length > 0 && this.labels[length - 1] === undefined) length--;
    if (length === 0) length = 1; // a table is never empty
    if (this.table === undefined) {
      const invalid = this.end(runtimeEntries.invalidJump);
      this.table = this.builder.table(
        Array.from({ length }, (_, offset) => this.labels[offset] ?? invalid),
      );
    }
    return { table: this.table, length };
  }

  finish(): void {
    // The list grows while it is worked off.
    for (let i = 0; i < this.pending.length; i++) this.pending[i]!();
    for (const [entry, label] of this.ends) {
      this.builder.place(label);
      this.builder.emit('jumpr', entry);
    }
  }
}

/** One block behind its head, which goes to `fault` where it fails. */
function lowerBlock(unit: UnitLowering, block: BasicBlock, fault: Label | undefined): void {
  const { builder } = unit;
  const graph = readBlock(unit.bytes, block);
  builder.at(block.start);
  if (fault !== undefined) {
    builder.emit('block', block.gas, block.need, block.grow, block.slide, fault);
  }
  const plan = planOf(graph);
  const context = new BlockContext(unit, graph, plan.uses);
  graph.operations.forEach((operation, i) => {
    if (plan.isLive[i] === 0) return;
    builder.at(operation.offset);
    lowerings[operation.opcode.name]!(context, operation);
  });
  if (graph.ending.kind !== 'next') builder.at(graph.ending.offset);
  lowerEnding(context, graph.ending, plan.condition);
}

/** Which operations are needed, and how often each value is read. */
function planOf(graph: BlockGraph): {
  readonly uses: Int32Array;
  readonly isLive: Uint8Array;
  readonly condition: ReturnType<typeof fuse> | undefined;
} {
  const { operations, ending, finalStack } = graph;
  const count = (values: Iterable<ValueId>, into: Int32Array): void => {
    for (const value of values) into[value]!++;
  };
  const all = new Int32Array(graph.constants.length);
  for (const { inputs } of operations) count(inputs, all);
  count(finalStack, all);
  let atEnd: readonly ValueId[] = [];
  let condition: ReturnType<typeof fuse> | undefined;
  if (ending.kind === 'jump') {
    atEnd = [ending.target];
  } else if (ending.kind === 'halt') {
    atEnd = ending.inputs;
  } else if (ending.kind === 'branch') {
    all[ending.condition]!++;
    atEnd = [ending.target];
    if (graph.constants[ending.condition] === undefined) {
      condition = fuse(graph, ending.condition, all);
      atEnd = [ending.target, condition.left];
      if (condition.right !== undefined) atEnd = [...atEnd, condition.right];
    }
  }
  const uses = new Int32Array(graph.constants.length);
  count(finalStack, uses);
  count(atEnd, uses);
  const isLive = new Uint8Array(operations.length);
  for (let i = operations.length - 1; i >= 0; i--) {
    const operation = operations[i]!;
    if (isPure(operation) && uses[operation.output] === 0) continue;
    isLive[i] = 1;
    count(operation.inputs, uses);
  }
  return { uses, isLive, condition };
}

/** Where the head of a block goes when it fails; `undefined` for a block that needs no head. */
function faultOf(unit: UnitLowering, block: BasicBlock): Label | undefined {
  const { builder } = unit;
  if (block.need === 0 && block.grow === 0) {
    return block.gas === 0 ? undefined : unit.end(runtimeEntries.outOfGas);
  }
  const fault = builder.label();
  unit.later(() => {
    builder.place(fault);
    builder.at(block.start);
    if (block.gas > 0) {
      const isStack = builder.label();
      builder.emit('block', 0, block.need, block.grow, 0, isStack);
      builder.emit('jump', unit.end(runtimeEntries.outOfGas));
      builder.place(isStack);
    }
    lowerBlame(unit, block);
  });
  return fault;
}

/** The stack fails somewhere in the block, unless gas does before. */
function lowerBlame(unit: UnitLowering, block: BasicBlock): void {
  const { builder } = unit;
  let height = 0;
  let need = 0;
  let grow = 0;
  for (const piece of piecesOf(unit.bytes, block)) {
    need = Math.max(need, piece.need - height);
    grow = Math.max(grow, height + piece.grow);
    height += piece.slide;
    if (need === block.need && grow === block.grow) {
      // What has not failed before fails here.
      blamePiece(unit, piece);
      return;
    }
    const fault = builder.label();
    unit.later(() => {
      builder.place(fault);
      blamePiece(unit, piece);
    });
    lowerBlock(unit, piece, fault);
  }
}

const RECORDS_IN_CONSTANT = 16;

/** Goes through the opcodes of a piece that fails for its static gas or the stack. */
function blamePiece(unit: UnitLowering, piece: BasicBlock): void {
  const { builder, bytes } = unit;
  const byte = bytes[piece.start]!;
  if (isStore(byte)) {
    const isWord = opcodeOf[byte]!.name === 'MSTORE';
    builder.emit('jumpr', isWord ? runtimeEntries.blameStoreWord : runtimeEntries.blameStoreByte);
    return;
  }
  builder.emit('callr', runtimeEntries.beginBlame, CALLEE);
  const records: number[] = [];
  for (let offset = piece.start; offset < piece.end; offset += lengthAt(bytes, offset)) {
    const opcode = opcodeOf[bytes[offset]!];
    const { staticGas, stackIn, stackOut } = demandOf(opcode);
    const record = blameRecord(staticGas, stackIn, stackOut, opcode?.hasDynamicGas ?? false);
    if (staticGas + stackIn + stackOut > 0) records.push(record);
  }
  for (let at = 0; at < records.length; at += RECORDS_IN_CONSTANT) {
    const lanes = new Int32Array(8);
    records.slice(at, at + RECORDS_IN_CONSTANT).forEach((record, i) => {
      lanes[i >> 1]! |= record << (16 * (i & 1));
    });
    builder.emit('wconst', ARGUMENTS, builder.constantLanes(lanes));
    builder.emit('callr', runtimeEntries.blame, CALLEE);
  }
  builder.emit('jump', unit.end(runtimeEntries.never));
}
