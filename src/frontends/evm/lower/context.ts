/**
 * What the lowering of one opcode can ask for: registers of its operands, a place for its result, code out of line.
 */

import type { Label, UnitBuilder } from '../../../isa/builder.ts';
import { ARGUMENTS, CALLEE, runtimeEntries } from '../layout.ts';
import { Registers } from '../registers.ts';
import type { BlockGraph, Operation, ValueId } from '../stack.ts';

/** The lowering of one unit, as far as single opcodes see it. */
export interface UnitContext {
  readonly builder: UnitBuilder;
  readonly bytes: Uint8Array;
  /** Writes the code behind all blocks. */
  readonly later: (write: () => void) => void;
  /** A jump to the runtime entry of that number, one for the unit. */
  readonly end: (entry: number) => Label;
  /** Number of a wide constant in the pool. */
  readonly constant: (value: bigint) => number;
  /** Where the block that starts at that byte begins; `undefined` if no jump may go there. */
  readonly destination: (offset: bigint) => Label | undefined;
  /** Number and length of the table from code offsets to blocks. */
  readonly jumpTable: () => { readonly table: number; readonly length: number };
  /** Byte offset of environment word i in the public input. */
  readonly environmentOffset: (word: number) => number;
  readonly callDataStart: number;
}

const IMMEDIATE_LIMIT = 2n ** 32n;

/** Long-lived only while one block is lowered. */
export class BlockContext {
  readonly unit: UnitContext;
  readonly builder: UnitBuilder;
  readonly graph: BlockGraph;
  readonly registers: Registers;

  constructor(unit: UnitContext, graph: BlockGraph, uses: Int32Array) {
    this.unit = unit;
    this.builder = unit.builder;
    this.graph = graph;
    this.registers = new Registers(graph, uses);
  }

  constantOf(value: ValueId): bigint | undefined {
    return this.graph.constants[value];
  }

  /** The constant if it fits the immediate of a wide instruction. */
  immediateOf(value: ValueId): bigint | undefined {
    const constant = this.constantOf(value);
    return constant !== undefined && constant < IMMEDIATE_LIMIT ? constant : undefined;
  }

  /** The register that holds the value; a constant is loaded into one first. */
  register(value: ValueId): number {
    const register = this.registers.of(value);
    if (register !== undefined) return register;
    const constant = this.constantOf(value);
    if (constant === undefined) throw new Error(`value ${value}: read before it was made`);
    const loaded = this.registers.allocate(value);
    this.load(loaded, constant);
    return loaded;
  }

  /** An immediate where the constant fits, else a register. */
  operand(value: ValueId): number | bigint {
    return this.immediateOf(value) ?? this.register(value);
  }

  load(register: number, constant: bigint): void {
    this.builder.emit('wconst', register, this.unit.constant(constant));
  }

  /** The operands have been read: a register for the result, perhaps that of an operand. */
  result(operation: Operation): number {
    for (const input of operation.inputs) this.registers.release(input);
    return this.registers.allocate(operation.output);
  }

  /** As `result`, for a register that is written before the last operand is read. */
  earlyResult(operation: Operation): number {
    const register = this.registers.allocate(operation.output);
    for (const input of operation.inputs) this.registers.release(input);
    return register;
  }

  /** As `result`, for operations without one. */
  done(operation: Operation): void {
    for (const input of operation.inputs) this.registers.release(input);
  }

  /** Puts wide operands where a routine of the runtime takes them, from argument `first` on. */
  pass(values: readonly ValueId[], first = 0): void {
    values.forEach((value, i) => {
      const constant = this.constantOf(value);
      const register = this.registers.of(value);
      if (constant !== undefined && register === undefined) {
        this.load(ARGUMENTS + first + i, constant);
      } else {
        this.builder.emit('wmove', ARGUMENTS + first + i, this.register(value));
      }
    });
  }

  call(entry: number): void {
    this.builder.emit('callr', entry, CALLEE);
  }

  get outOfGas(): Label {
    return this.unit.end(runtimeEntries.outOfGas);
  }

  get never(): Label {
    return this.unit.end(runtimeEntries.never);
  }
}

/** Lowers one opcode. Everything it reads of the stack is in `operation.inputs`. */
export type Lowering = (context: BlockContext, operation: Operation) => void;
