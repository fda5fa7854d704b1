/**
 * The symbolic operand stack: a basic block read as values instead of pushes and pops.
 *
 * `PUSH`, `DUP`, `SWAP`, `POP`, `PC` and the like only rename values and leave nothing behind; operations on
 * constants fold. What stays is a list of operations in program order, the values that stand on the stack at the
 * end, and how the block ends. Results that nobody uses are marked dead unless the operation does more than compute.
 */

import { type BasicBlock, pushedValue } from './bytecode.ts';
import { foldConstants, pureFamilies } from './constants.ts';
import { type Opcode, opcodeNamed, opcodeOf } from './opcodes.ts';

/** Number of a value in its {@link BlockGraph}. */
export type ValueId = number;

export interface Operation {
  readonly opcode: Opcode;
  /** Byte offset of the opcode. */
  readonly offset: number;
  /** The top of the stack first. */
  readonly inputs: readonly ValueId[];
  /** -1 if it puts nothing on the stack. */
  readonly output: ValueId;
  /** Static gas of the block behind this opcode. */
  readonly gasBehind: number;
}

/** How a block ends; `inputs` as in {@link Operation}. */
export type Ending =
  | { readonly kind: 'next' }
  | { readonly kind: 'jump'; readonly target: ValueId; readonly offset: number }
  | {
      readonly kind: 'branch';
      readonly target: ValueId;
      readonly condition: ValueId;
      readonly offset: number;
    }
  | {
      readonly kind: 'halt';
      /** `undefined` where the byte is no opcode. */
      readonly opcode: Opcode | undefined;
      readonly inputs: readonly ValueId[];
      readonly offset: number;
    };

export interface BlockGraph {
  readonly block: BasicBlock;
  readonly operations: readonly Operation[];
  readonly ending: Ending;
  /**
   * The stack at the end as far as the block reaches, the deepest item first; empty where the run ends. Item k
   * stands at wide register k - finalStack.length once the block has slid `sp`.
   */
  readonly finalStack: readonly ValueId[];
  /** By value: the constant it is; `undefined` where it is none. */
  readonly constants: readonly (bigint | undefined)[];
  /** By value: the operation that makes it; `undefined` for constants and for items of the start. */
  readonly producers: readonly (Operation | undefined)[];
  /** Items at the start, the deepest first: values 0 to need - 1. */
  readonly need: number;
}

/** Long-lived only while one block is read. */
class Reader {
  readonly bytes: Uint8Array;
  readonly constants: (bigint | undefined)[] = [];
  readonly producers: (Operation | undefined)[] = [];
  readonly operations: Operation[] = [];
  readonly items: ValueId[] = [];
  private readonly known = new Map<bigint, ValueId>();

  constructor(bytes: Uint8Array, need: number) {
    this.bytes = bytes;
    for (let i = 0; i < need; i++) this.items.push(this.value(undefined, undefined));
  }

  value(constant: bigint | undefined, producer: Operation | undefined): ValueId {
    this.constants.push(constant);
    this.producers.push(producer);
    return this.constants.length - 1;
  }

  constant(value: bigint): ValueId {
    let id = this.known.get(value);
    if (id === undefined) {
      id = this.value(value, undefined);
      this.known.set(value, id);
    }
    return id;
  }

  take(count: number): ValueId[] {
    const inputs: ValueId[] = [];
    for (let i = 0; i < count; i++) inputs.push(this.items.pop()!);
    return inputs;
  }

  /** One opcode that neither ends the run nor jumps. */
  step(opcode: Opcode, offset: number, gasBehind: number): void {
    const { name, family } = opcode;
    if (name.startsWith('PUSH')) {
      this.items.push(this.constant(pushedValue(this.bytes, offset, opcode.dataLength)));
    } else if (name.startsWith('DUP')) {
      this.items.push(this.items[this.items.length - opcode.stackIn]!);
    } else if (name.startsWith('SWAP')) {
      const deep = this.items.length - opcode.stackIn;
      const top = this.items.length - 1;
      const item = this.items[deep]!;
      this.items[deep] = this.items[top]!;
      this.items[top] = item;
    } else if (name === 'POP') {
      this.items.pop();
    } else if (name === 'PC') {
      this.items.push(this.constant(BigInt(offset)));
    } else if (name === 'CODESIZE') {
      this.items.push(this.constant(BigInt(this.bytes.length)));
    } else if (name === 'RETURNDATASIZE') {
      this.items.push(this.constant(0n)); // no call has returned yet
    } else if (name === 'BLOBHASH') {
      this.items[this.items.length - 1] = this.constant(0n); // the list of hashes is empty
    } else if (name !== 'JUMPDEST') {
      const inputs = this.take(opcode.stackIn);
      const folded = pureFamilies.has(family) ? this.simplify(name, inputs) : undefined;
      if (folded !== undefined) {
        this.items.push(folded);
        // The exponent is paid for all the same.
        if (name === 'EXP') this.operate(EXP_CHARGE, offset, [inputs[1]!], gasBehind);
        return;
      }
      this.operate(opcode, offset, inputs, gasBehind);
    }
  }

  private operate(opcode: Opcode, offset: number, inputs: ValueId[], gasBehind: number): void {
    const output = opcode.stackOut === 1 ? this.value(undefined, undefined) : -1;
    const operation: Operation = { opcode, offset, inputs, output, gasBehind };
    this.operations.push(operation);
    if (output === -1) return;
    this.producers[output] = operation;
    this.items.push(output);
  }

  /** A value that the result is known to be, `undefined` if none is. */
  private simplify(name: string, inputs: readonly ValueId[]): ValueId | undefined {
    const operands = inputs.map((input) => this.constants[input]);
    if (operands.every((operand) => operand !== undefined)) {
      const folded = foldConstants(name, operands);
      if (folded !== undefined) return this.constant(folded);
    }
    const [left, right] = operands;
    switch (name) {
      case 'ADD':
      case 'OR':
      case 'XOR':
        return left === 0n ? inputs[1] : right === 0n ? inputs[0] : undefined;
      case 'SUB':
        return right === 0n ? inputs[0] : undefined;
      case 'MUL':
        return left === 1n ? inputs[1] : right === 1n ? inputs[0] : undefined;
      case 'DIV':
        return right === 1n ? inputs[0] : undefined;
      case 'SHL':
      case 'SHR':
      case 'SAR':
        return left === 0n ? inputs[1] : undefined;
      case 'AND':
        return left === ALL_ONES ? inputs[1] : right === ALL_ONES ? inputs[0] : undefined;
      case 'ISZERO':
        return this.negation(inputs[0]!);
      default:
        return undefined;
    }
  }

  /** `ISZERO(ISZERO(x))` is x where x is 0 or 1 already. */
  private negation(input: ValueId): ValueId | undefined {
    const inner = this.producers[input];
    if (inner?.opcode.name !== 'ISZERO') return undefined;
    const source = inner.inputs[0]!;
    return this.producers[source]?.opcode.family === 'comparison' ? source : undefined;
  }
}

const ALL_ONES = (1n << 256n) - 1n;
/** The gas of an `EXP` whose value is known already. */
const EXP_CHARGE: Opcode = { ...opcodeNamed('EXP'), stackIn: 1, stackOut: 0 };

/** True for the charge that remains of an `EXP` with a known value. */
export function isBareCharge(opcode: Opcode): boolean {
  return opcode === EXP_CHARGE;
}

/** True if the operation can be left out where nobody uses its result. */
export function isPure({ opcode, output }: Operation): boolean {
  return output !== -1 && !opcode.hasDynamicGas;
}

/** The block as a graph of values. Linear in its length. */
export function readBlock(bytes: Uint8Array, block: BasicBlock): BlockGraph {
  const reader = new Reader(bytes, block.need);
  let gasBehind = block.gas;
  let ending: Ending = { kind: 'next' };
  const last = block.offsets.length - 1;
  for (const [i, offset] of block.offsets.entries()) {
    const opcode = opcodeOf[bytes[offset]!];
    if (opcode === undefined || opcode.flow === 'halt') {
      const isReturn = opcode?.name === 'RETURN' || opcode?.name === 'REVERT';
      ending = { kind: 'halt', opcode, inputs: isReturn ? reader.take(2) : [], offset };
      break;
    }
    gasBehind -= opcode.staticGas;
    if (opcode.flow === 'jump' && i < last) {
      reader.take(1); // followed: the opcodes at its destination come next
    } else if (opcode.flow === 'jump') {
      ending = { kind: 'jump', target: reader.take(1)[0]!, offset };
    } else if (opcode.flow === 'branch') {
      const [target, condition] = reader.take(2);
      ending = { kind: 'branch', target: target!, condition: condition!, offset };
    } else {
      reader.step(opcode, offset, gasBehind);
    }
  }
  return {
    block,
    operations: reader.operations,
    ending,
    finalStack: ending.kind === 'halt' ? [] : reader.items,
    constants: reader.constants,
    producers: reader.producers,
    need: block.need,
  };
}
