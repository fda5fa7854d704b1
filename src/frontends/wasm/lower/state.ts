/**
 * What the lowering of a unit and of one function keeps: labels, locals, operands, open blocks.
 */

import type { Label, UnitBuilder } from '../../../isa/builder.ts';
import type { WasmTrap } from '../../../isa/status.ts';
import type { Context } from '../context.ts';
import type { Block } from '../control.ts';
import type { Expression } from '../expression.ts';
import type { Instance } from '../instance.ts';
import { opcodeOf } from '../opcodes.ts';
import { Operands, REGISTER_LIMIT, tooManyRegisters } from '../operands.ts';
import type { RuntimeEntries } from '../runtime-entries.ts';

const LOCAL_GET = opcodeOf('local.get');
const LOCAL_SET = opcodeOf('local.set');
const LOCAL_TEE = opcodeOf('local.tee');
const GLOBAL_GET = opcodeOf('global.get');
const GLOBAL_SET = opcodeOf('global.set');
const RETURN = opcodeOf('return');
const END = opcodeOf('end');
/** Of a function with one result. */
const RESULT_REGISTER = 0;
const EXTEND_UNSIGNED = opcodeOf('i64.extend_i32_u');

/** An index table of the unit for one table and one type. */
export interface IndirectTable {
  readonly number: number;
  readonly length: number;
  /** Size of the source table: elements from `length` on are null. */
  readonly size: number;
}

export interface UnitState {
  readonly builder: UnitBuilder;
  readonly context: Context;
  readonly instance: Instance;
  readonly runtime: RuntimeEntries;
  /** Where each function begins, imports as stubs. */
  readonly functionLabels: readonly Label[];
  /** The stub that ends the run with the trap. */
  readonly trap: (reason: WasmTrap) => Label;
  readonly indirectTable: (table: number, typeIndex: number) => IndirectTable;
}

/** Registers of a frame: parameters, locals that are read, a zero if it is of use, then operand slots. */
export interface Frame {
  /** By index of the local; a local that is never read has none. */
  readonly locals: ReadonlyMap<number, number>;
  /** Registers of declared locals, which start at zero. */
  readonly declared: readonly number[];
  /** -1 if there is none. */
  readonly zeroRegister: number;
  /** At least 1: a call slides the frame to a slot. */
  readonly slotBase: number;
}

/** One pass over the body. */
export function planFrame(body: Expression, parameterCount: number, instance: Instance): Frame {
  const locals = new Map<number, number>();
  const declared: number[] = [];
  for (let i = 0; i < parameterCount; i++) locals.set(i, i);
  let needsZero = false;
  body.opcodes.forEach((opcode, i) => {
    const index = body.first[i]!;
    if (opcode === LOCAL_GET && !locals.has(index)) {
      declared.push(locals.size);
      locals.set(index, locals.size);
    } else if (opcode === GLOBAL_GET || opcode === GLOBAL_SET) {
      needsZero ||= instance.globals[index]!.kind === 'cell';
    }
  });
  const zeroRegister = needsZero ? locals.size : -1;
  const slotBase = Math.max(1, locals.size + (needsZero ? 1 : 0));
  return { locals, declared, zeroRegister, slotBase };
}

/** Long-lived mutable state: one function in the making. */
export class FunctionState {
  readonly unit: UnitState;
  readonly builder: UnitBuilder;
  readonly code: Expression;
  readonly frame: Frame;
  readonly operands: Operands;
  readonly blocks: Block[] = [];
  /** A `return` that finds the results in place. */
  readonly returnLabel: Label;
  /** Number of the instruction at hand; ahead of it where one is lowered together with the next ones. */
  index = 0;
  isReachable = true;
  /** Locals that still have to be set to zero: until control parts they read as the constant. */
  private readonly pendingZeros: Set<number>;
  /** Code of rare paths, put behind the function. */
  private readonly aside: (() => void)[] = [];

  constructor(unit: UnitState, code: Expression, frame: Frame, functionOffset: number) {
    this.unit = unit;
    this.builder = unit.builder;
    this.code = code;
    this.frame = frame;
    if (frame.slotBase >= REGISTER_LIMIT) throw tooManyRegisters(functionOffset);
    this.operands = new Operands(unit.builder, frame.slotBase, functionOffset);
    this.returnLabel = unit.builder.label('return');
    this.pendingZeros = new Set(frame.declared);
  }

  get first(): number {
    return this.code.first[this.index]!;
  }

  get second(): number {
    return this.code.second[this.index]!;
  }

  isPendingZero(register: number): boolean {
    return this.pendingZeros.has(register);
  }

  /** Control is about to part or to join: from here on locals are in their registers. */
  flushZeros(): void {
    for (const register of this.pendingZeros) this.builder.emitLanes('move', 0, 0, register, 0);
    this.pendingZeros.clear();
  }

  /** Must precede every write of a local's register. */
  prepareWrite(register: number): void {
    this.operands.release(register);
    this.pendingZeros.delete(register);
  }

  /**
   * Where the instruction at hand puts its result, which becomes the top operand: its slot, the local
   * that the next instruction sets, or the function's only result if that returns. Operands are dropped before; the register may be one of theirs, so
   * it is written by the last instruction emitted.
   */
  result(): number {
    const { opcodes, first } = this.code;
    let next = this.index + 1;
    while (opcodes[next] === EXTEND_UNSIGNED) next++;
    const opcode = opcodes[next];
    if (opcode === LOCAL_SET || opcode === LOCAL_TEE) {
      const register = this.frame.locals.get(first[next]!);
      if (register !== undefined) {
        this.prepareWrite(register);
        this.index = next;
        if (opcode === LOCAL_TEE) this.operands.pushLocal(register);
        return register;
      }
    }
    const isLast = opcode === RETURN || (opcode === END && this.blocks.length === 1);
    if (isLast && this.blocks[0]!.resultCount === 1) {
      this.operands.pushLocal(RESULT_REGISTER);
      return RESULT_REGISTER;
    }
    return this.operands.pushSlot();
  }

  /** Emits the code later, behind the function. */
  later(emit: () => void): void {
    this.aside.push(emit);
  }

  emitAside(): void {
    for (const emit of this.aside) emit();
  }
}
