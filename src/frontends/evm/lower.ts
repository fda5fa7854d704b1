/**
 * The lowering of a contract's code: block by block, then everything out of line.
 *
 * A basic block is one `block` instruction, which takes its static gas and checks its stack, and then straight
 * code. Where that head fails, code out of line decides which opcode is to blame, exactly: the opcodes are gone
 * through in order, and where gas that depends on operands may run out before the stack, the block is run once more
 * in pieces. `spec/3-lowering-evm.md`.
 */

import type { Label, UnitBuilder } from '../../isa/builder.ts';
import { type BasicBlock, demandOf, isStore, piecesOf } from './bytecode.ts';
import { ARGUMENTS, blameRecord, CALLEE, runtimeEntries } from './layout.ts';
import { arithmetic } from './lower/arithmetic.ts';
import { bitwise } from './lower/bitwise.ts';
import { comparison } from './lower/comparison.ts';
import { BlockContext, type Lowering, type UnitContext } from './lower/context.ts';
import { type BranchCondition, fuse, lowerEnding } from './lower/control.ts';
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
  contract.blocks.forEach((block, i) => {
    builder.place(unit.blockAt(block.start));
    lowerTrace(unit, block, contract.blocks[i + 1]?.start ?? contract.bytes.length);
  });
  builder.emit('jumpr', runtimeEntries.stop);
  builder.function('out of line');
  unit.finish();
}

/** Long-lived while one unit is lowered. */
class UnitLowering implements UnitContext {
  readonly builder: UnitBuilder;
  readonly bytes: Uint8Array;
  readonly callDataStart: number;
  readonly environmentOffset: (word: number) => number;
  private readonly blocks: ReadonlyMap<number, Label>;
  private readonly destinations: Uint8Array;
  private readonly ends = new Map<number, Label>();
  private readonly constants = new Map<bigint, number>();
  /** Code that finds what failed, by the records of the opcodes. */
  readonly blames = new Map<string, Label>();
  private readonly pending: (() => void)[] = [];
  private table: number | undefined;

  constructor(builder: UnitBuilder, contract: Contract, layout: InputLayout) {
    this.builder = builder;
    this.bytes = contract.bytes;
    this.callDataStart = layout.callDataStart;
    this.environmentOffset = layout.environmentOffset;
    this.destinations = contract.destinations;
    this.blocks = new Map(contract.blocks.map(({ start }) => [start, builder.label()]));
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

  constant(value: bigint): number {
    let number = this.constants.get(value);
    if (number === undefined) {
      number = this.builder.constant(value);
      this.constants.set(value, number);
    }
    return number;
  }

  destination(offset: bigint): Label | undefined {
    return offset < BigInt(this.destinations.length) ? this.labelAt(Number(offset)) : undefined;
  }

  private labelAt(offset: number): Label | undefined {
    return this.destinations[offset] === 1 ? this.blockAt(offset) : undefined;
  }

  /** Where the block that starts at that byte begins. */
  blockAt(start: number): Label {
    const label = this.blocks.get(start);
    if (label === undefined) throw new Error(`byte ${start}: expected the start of a block`);
    return label;
  }

  /** The same, or the stop at the end of the code. */
  next(offset: number): Label {
    return offset === this.bytes.length ? this.end(runtimeEntries.stop) : this.blockAt(offset);
  }

  jumpTable(): { readonly table: number; readonly length: number } {
    const length = this.destinations.lastIndexOf(1) + 1 || 1; // a table is never empty
    if (this.table === undefined) {
      const invalid = this.end(runtimeEntries.invalidJump);
      this.table = this.builder.table(
        Array.from({ length }, (_, offset) => this.labelAt(offset) ?? invalid),
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

/** A block and the copies behind it. `following` is the offset whose code comes next. */
function lowerTrace(unit: UnitLowering, block: BasicBlock, following: number): void {
  const { builder } = unit;
  const { behind, taken } = block;
  let target: Label | undefined;
  if (taken !== undefined) {
    const label = builder.label();
    target = label;
    unit.later(() => {
      builder.place(label);
      lowerTrace(unit, taken, NOTHING);
    });
  }
  lowerBlock(unit, block, faultOf(unit, block), target);
  if (behind !== undefined) lowerTrace(unit, behind, following);
  else if (!block.isClosed && block.next !== following) builder.emit('jump', unit.next(block.next));
}

/** No code comes next that could be fallen into. */
const NOTHING = -1;

/** One block behind its head, which goes to `fault` where it fails. `target` stands for where a branch goes. */
function lowerBlock(
  unit: UnitLowering,
  block: BasicBlock,
  fault: Label | undefined,
  target?: Label,
): void {
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
  lowerEnding(context, graph.ending, plan.condition, target);
}

/** Which operations are needed, and how often each value is read. */
interface Plan {
  readonly uses: Int32Array;
  readonly isLive: Uint8Array;
  readonly condition: BranchCondition | undefined;
}

function planOf(graph: BlockGraph): Plan {
  const { ending } = graph;
  switch (ending.kind) {
    case 'next':
      return liveness(graph, []);
    case 'jump':
      return liveness(graph, [ending.target]);
    case 'halt':
      return liveness(graph, ending.inputs);
    case 'branch': {
      const { target } = ending;
      if (graph.constants[ending.condition] !== undefined) {
        return liveness(graph, [target]);
      }
      const before = liveness(graph, [target, ending.condition]);
      const condition = fuse(graph, ending.condition, before.uses);
      const { left, right } = condition;
      const atEnd = right === undefined ? [target, left] : [target, left, right];
      return liveness(graph, atEnd, condition);
    }
  }
}

/** Uses by live operations, by the final stack and by the end of the block. */
function liveness(
  { constants, operations, finalStack }: BlockGraph,
  atEnd: readonly ValueId[],
  condition?: BranchCondition,
): Plan {
  const uses = new Int32Array(constants.length);
  const isLive = new Uint8Array(operations.length);
  for (const value of finalStack) uses[value]!++;
  for (const value of atEnd) uses[value]!++;
  for (let i = operations.length - 1; i >= 0; i--) {
    const operation = operations[i]!;
    if (isPure(operation) && uses[operation.output] === 0) continue;
    isLive[i] = 1;
    for (const value of operation.inputs) uses[value]!++;
  }
  return { uses, isLive, condition };
}

/** Where the head of a block goes when it fails; `undefined` for a block that needs no head. */
function faultOf(unit: UnitLowering, block: BasicBlock): Label | undefined {
  if (block.need === 0 && block.grow === 0) {
    return block.gas === 0 ? undefined : unit.end(runtimeEntries.outOfGas);
  }
  const pieces = piecesOf(unit.bytes, block);
  const [first] = pieces;
  if (first!.need === block.need && first!.grow === block.grow) return blameOf(unit, first!);
  const { builder } = unit;
  const fault = builder.label();
  unit.later(() => {
    builder.place(fault);
    lowerBlame(unit, block, pieces);
  });
  return fault;
}

/**
 * Finds the opcode that fails. Only up to the last one that asks more of the stack than all before it: what gets
 * past that one lacks gas, wherever.
 */
function lowerBlame(unit: UnitLowering, block: BasicBlock, pieces: readonly BasicBlock[]): void {
  let height = 0;
  let need = 0;
  let grow = 0;
  for (const piece of pieces) {
    need = Math.max(need, piece.need - height);
    grow = Math.max(grow, height + piece.grow);
    height += piece.slide;
    const fault = blameOf(unit, piece);
    if (need === block.need && grow === block.grow) {
      unit.builder.emit('jump', fault);
      return;
    }
    lowerBlock(unit, piece, fault);
  }
}

const RECORDS_IN_CONSTANT = 16;

/** Code that ends the run at the opcode of a piece that fails; the same for all pieces of the same opcodes. */
function blameOf(unit: UnitLowering, piece: BasicBlock): Label {
  const { builder, bytes } = unit;
  const byte = bytes[piece.start]!;
  if (isStore(byte)) {
    const isWord = opcodeOf[byte]!.name === 'MSTORE';
    return unit.end(isWord ? runtimeEntries.blameStoreWord : runtimeEntries.blameStoreByte);
  }
  const records: number[] = [];
  for (const offset of piece.offsets) {
    const opcode = opcodeOf[bytes[offset]!];
    const { staticGas, stackIn, stackOut } = demandOf(opcode);
    if (staticGas + stackIn + stackOut === 0) continue;
    records.push(blameRecord(staticGas, stackIn, stackOut, opcode?.hasDynamicGas ?? false));
  }
  const key = String.fromCharCode(...records);
  const known = unit.blames.get(key);
  if (known !== undefined) return known;
  const label = builder.label();
  unit.blames.set(key, label);
  unit.later(() => {
    builder.place(label);
    builder.at(piece.start);
    emitRecords(unit, records);
  });
  return label;
}

function emitRecords(unit: UnitLowering, records: readonly number[]): void {
  const { builder } = unit;
  const isLong = records.length > RECORDS_IN_CONSTANT;
  if (isLong) builder.emit('callr', runtimeEntries.beginBlame, CALLEE);
  for (let at = 0; at < records.length; at += RECORDS_IN_CONSTANT) {
    const lanes = new Int32Array(8);
    records.slice(at, at + RECORDS_IN_CONSTANT).forEach((record, i) => {
      lanes[i >> 1]! |= record << (16 * (i & 1));
    });
    builder.emit('wconst', ARGUMENTS, builder.constantLanes(lanes));
    if (isLong) builder.emit('callr', runtimeEntries.blame, CALLEE);
  }
  if (isLong) builder.emit('jump', unit.end(runtimeEntries.outOfGas));
  else builder.emit('jumpr', runtimeEntries.blameAll);
}
