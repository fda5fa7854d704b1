/**
 * The symbolic operand stack: which register or constant each operand is.
 *
 * Every stack position has a slot register of its own. An operand is in its slot, or still the local it
 * was read from, or a constant; so `local.get`, constants and `drop` cost no instruction. An operand
 * that is a local is put into its slot before the local changes and before control joins. All work is
 * linear in the number of operands pushed: operands that name one local are chained.
 */

import type { UnitBuilder } from '../../isa/builder.ts';
import { CompileError } from '../frontend.ts';

const SLOT = 0;
const LOCAL = 1;
const CONSTANT = 2;

/** Registers are numbered below 2^16; the rest is room for arguments of the runtime's routines. */
export const REGISTER_LIMIT = 64_000;

export function tooManyRegisters(functionOffset: number): CompileError {
  const feature = `a frame of more than ${REGISTER_LIMIT} registers`;
  return new CompileError('unsupported', feature, functionOffset);
}

/** Copies of operands, for the second arm of an `if`. None of them is a local. */
export interface SavedOperands {
  readonly kinds: readonly number[];
  readonly lows: readonly number[];
  readonly highs: readonly number[];
}

/** Long-lived mutable state: the operand stack of one function. */
export class Operands {
  private readonly builder: UnitBuilder;
  private readonly slotBase: number;
  private readonly functionOffset: number;
  private readonly kinds: number[] = [];
  /** The register of a local; the low lane of a constant. */
  private readonly lows: number[] = [];
  /** The high lane of a constant; the next position below that is the same local, -1 for none. */
  private readonly highs: number[] = [];
  /** Whether the position is in the chain of the local in `lows`. */
  private readonly isChained: boolean[] = [];
  /** By register: the highest position in its chain. */
  private readonly chains = new Map<number, number>();
  /** No position below is a local. */
  private settledHeight = 0;
  private top = 0;

  constructor(builder: UnitBuilder, slotBase: number, functionOffset: number) {
    this.builder = builder;
    this.slotBase = slotBase;
    this.functionOffset = functionOffset;
  }

  get height(): number {
    return this.top;
  }

  slot(position: number): number {
    return this.slotBase + position;
  }

  private push(kind: number, low: number, high: number): void {
    const position = this.top++;
    if (this.slotBase + position >= REGISTER_LIMIT) {
      throw tooManyRegisters(this.functionOffset);
    }
    this.kinds[position] = kind;
    this.lows[position] = low;
    this.highs[position] = high;
    this.isChained[position] = false;
  }

  /** The value is in the slot of its position; returns that register. */
  pushSlot(): number {
    this.push(SLOT, 0, 0);
    return this.slot(this.top - 1);
  }

  pushLocal(register: number): void {
    this.push(LOCAL, register, this.chains.get(register) ?? -1);
    this.isChained[this.top - 1] = true;
    this.chains.set(register, this.top - 1);
  }

  /** The lanes of the register value: an i32 has the high lane 0. */
  pushConstant(low: number, high: number): void {
    this.push(CONSTANT, low, high);
  }

  drop(count = 1): void {
    for (let i = 0; i < count; i++) {
      const position = --this.top;
      if (this.isChained[position]) {
        const below = this.highs[position]!;
        if (below < 0) this.chains.delete(this.lows[position]!);
        else this.chains.set(this.lows[position]!, below);
      }
    }
    this.settledHeight = Math.min(this.settledHeight, this.top);
  }

  /** Drops everything above the height. */
  dropTo(height: number): void {
    this.drop(this.top - height);
  }

  isConstant(position: number): boolean {
    return this.kinds[position] === CONSTANT;
  }

  isConstantOf(position: number, low: number, high: number): boolean {
    return (
      this.isConstant(position) && this.lows[position] === low && this.highs[position] === high
    );
  }

  lowOf(position: number): number {
    return this.lows[position]!;
  }

  highOf(position: number): number {
    return this.highs[position]!;
  }

  /** A register that holds the operand; a constant is put into its slot. */
  register(position: number): number {
    if (this.kinds[position] === LOCAL) return this.lows[position]!;
    this.settle(position);
    return this.slot(position);
  }

  /** Puts the operand into its slot. */
  settle(position: number): void {
    this.emitMove(position, this.slot(position));
    this.kinds[position] = SLOT;
  }

  /** Puts the top `count` operands into their slots. */
  settleTop(count: number): void {
    for (let position = this.top - count; position < this.top; position++) this.settle(position);
  }

  /** Puts every operand that is a local into its slot: control is about to part or to join. */
  settleLocals(): void {
    for (let position = this.settledHeight; position < this.top; position++) {
      if (this.kinds[position] === LOCAL) this.settle(position);
    }
    this.settledHeight = this.top;
  }

  /** Puts every operand that is this local into its slot: the local is about to change. */
  release(register: number): void {
    let position = this.chains.get(register) ?? -1;
    this.chains.delete(register);
    while (position >= 0) {
      const below = this.highs[position]!;
      this.isChained[position] = false;
      if (this.kinds[position] === LOCAL) this.settle(position);
      position = below;
    }
  }

  /** Copies the operand into a register, without changing where it is. No instruction if it is there. */
  emitMove(position: number, register: number): void {
    const source = this.sourceOf(position);
    if (source === undefined) {
      this.builder.emitLanes('move', this.lows[position]!, this.highs[position]!, register, 0);
    } else if (source !== register) {
      this.builder.emit('move', register, source);
    }
  }

  /** The register that the operand is in; `undefined` for a constant. */
  sourceOf(position: number): number | undefined {
    const kind = this.kinds[position];
    if (kind === CONSTANT) return undefined;
    return kind === LOCAL ? this.lows[position]! : this.slot(position);
  }

  save(count: number): SavedOperands {
    const start = this.top - count;
    return {
      kinds: this.kinds.slice(start, this.top),
      lows: this.lows.slice(start, this.top),
      highs: this.highs.slice(start, this.top),
    };
  }

  restore({ kinds, lows, highs }: SavedOperands): void {
    for (let i = 0; i < kinds.length; i++) this.push(kinds[i]!, lows[i]!, highs[i]!);
  }
}
