/**
 * Validation of instruction sequences (Wasm 3.3 and appendix "Validation Algorithm").
 *
 * One pass with two stacks: operand types, and open blocks. Behind an instruction that never goes on the
 * operand stack is polymorphic: it yields the unknown type, down to the height of the block.
 */

import { CompileError } from '../frontend.ts';
import { type Context, typeOfFunction } from './context.ts';
import { blockTypeByte, EMPTY_BLOCK, type Expression } from './expression.ts';
import type { FunctionBody } from './module.ts';
import { opcodeTable } from './opcodes.ts';
import {
  FUNCREF,
  type FunctionType,
  I32,
  isReference,
  typeName,
  UNKNOWN,
  type ValueType,
} from './value-types.ts';

export interface CodeRules {
  readonly context: Context;
  /** Functions that `ref.func` may name. */
  readonly declaredFunctions: ReadonlySet<number>;
}

interface Block {
  readonly opcode: string;
  readonly type: FunctionType;
  /** Operand stack height below the parameters. */
  readonly height: number;
  isUnreachable: boolean;
}

const noTypes: readonly ValueType[] = [];

/** Types of locals by index without expanding runs: a binary search over their ends. */
export class LocalTypes {
  private readonly ends: number[] = [];
  private readonly types: ValueType[] = [];

  constructor(parameters: readonly ValueType[], body: FunctionBody) {
    let end = 0;
    for (const type of parameters) this.push(++end, type);
    for (const { count, type } of body.locals) {
      end += count;
      if (count > 0) this.push(end, type);
    }
  }

  private push(end: number, type: ValueType): void {
    this.ends.push(end);
    this.types.push(type);
  }

  /** `undefined` past the last local. */
  typeOf(index: number): ValueType | undefined {
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ends[middle]! <= index) low = middle + 1;
      else high = middle;
    }
    return this.types[low];
  }
}

/** Throws `CompileError` if the body does not fit its type. */
export function validateFunction(rules: CodeRules, body: FunctionBody): void {
  const type = rules.context.module.types[body.typeIndex]!;
  const locals = new LocalTypes(type.parameters, body);
  new CodeValidator(rules, body.body, locals, body.offset).run(type.results);
}

/** Throws `CompileError` if the expression is not constant or not of the type. */
export function validateConstant(
  rules: CodeRules,
  expression: Expression,
  type: ValueType,
  offset: number,
): void {
  const { opcodes, offsets, first } = expression;
  const { globals, importedGlobals } = rules.context;
  opcodes.forEach((opcode, i) => {
    const { name } = opcodeTable[opcode]!;
    const isConstant =
      name.endsWith('.const') || name === 'ref.null' || name === 'ref.func' || name === 'end';
    if (name === 'global.get') {
      const index = first[i]!;
      if (index >= importedGlobals) throw invalid(`unknown global ${index}`, offsets[i]!);
      if (globals[index]!.isMutable) throw invalid('constant expression required', offsets[i]!);
    } else if (!isConstant) {
      throw invalid('constant expression required', offsets[i]!);
    }
  });
  const noLocals = new LocalTypes(noTypes, { typeIndex: 0, locals: [], body: expression, offset });
  new CodeValidator(rules, expression, noLocals, offset).run([type]);
}

function invalid(rule: string, offset: number): CompileError {
  return new CompileError('invalid', rule, offset);
}

/** Long-lived mutable state: the two stacks of one sequence. */
class CodeValidator {
  private readonly context: Context;
  private readonly declaredFunctions: ReadonlySet<number>;
  private readonly code: Expression;
  private readonly locals: LocalTypes;
  private readonly operands: ValueType[] = [];
  private readonly blocks: Block[] = [];
  private offset: number;

  constructor(rules: CodeRules, code: Expression, locals: LocalTypes, offset: number) {
    this.context = rules.context;
    this.declaredFunctions = rules.declaredFunctions;
    this.code = code;
    this.locals = locals;
    this.offset = offset;
  }

  run(results: readonly ValueType[]): void {
    this.blocks.push({
      opcode: 'block',
      type: { parameters: noTypes, results },
      height: 0,
      isUnreachable: false,
    });
    const { opcodes, offsets } = this.code;
    for (let i = 0; i < opcodes.length; i++) {
      this.offset = offsets[i]!;
      const { name, signature, accessBytes, immediate } = opcodeTable[opcodes[i]!]!;
      if (accessBytes !== undefined) this.checkAddress(i, accessBytes);
      if (signature === undefined) {
        this.step(name, i);
      } else {
        if (immediate !== 'none') this.checkIndices(name, i);
        this.popAll(signature.takes);
        this.pushAll(signature.gives);
      }
    }
  }

  private fail(rule: string): CompileError {
    return invalid(rule, this.offset);
  }

  private pop(expected: ValueType = UNKNOWN): ValueType {
    const block = this.blocks.at(-1)!;
    if (this.operands.length === block.height) {
      if (block.isUnreachable) return UNKNOWN;
      throw this.fail(`type mismatch: expected ${typeName(expected)}, got an empty stack`);
    }
    const type = this.operands.pop()!;
    if (type !== expected && type !== UNKNOWN && expected !== UNKNOWN) {
      throw this.fail(`type mismatch: expected ${typeName(expected)}, got ${typeName(type)}`);
    }
    return type;
  }

  private popAll(types: readonly ValueType[]): void {
    for (let i = types.length - 1; i >= 0; i--) this.pop(types[i]!);
  }

  private pushAll(types: readonly ValueType[]): void {
    for (const type of types) this.operands.push(type);
  }

  private open(opcode: string, type: FunctionType): void {
    this.popAll(type.parameters);
    this.blocks.push({ opcode, type, height: this.operands.length, isUnreachable: false });
    this.pushAll(type.parameters);
  }

  private close(): Block {
    const block = this.blocks.at(-1)!;
    this.popAll(block.type.results);
    if (this.operands.length !== block.height) {
      throw this.fail('type mismatch: values left on the stack');
    }
    this.blocks.pop();
    return block;
  }

  private neverGoesOn(): void {
    const block = this.blocks.at(-1)!;
    this.operands.length = block.height;
    block.isUnreachable = true;
  }

  /** The types that a branch to the label takes along. */
  private labelTypes(depth: number): readonly ValueType[] {
    const block = this.blocks[this.blocks.length - 1 - depth];
    if (block === undefined) throw this.fail(`unknown label ${depth}`);
    return block.opcode === 'loop' ? block.type.parameters : block.type.results;
  }

  private blockType(immediate: number): FunctionType {
    if (immediate >= 0) {
      const type = this.context.module.types[immediate];
      if (type === undefined) throw this.fail(`unknown type ${immediate}`);
      return type;
    }
    const byte = blockTypeByte(immediate);
    return { parameters: noTypes, results: byte === EMPTY_BLOCK ? noTypes : [byte] };
  }

  /** Instructions whose types depend on their context. */
  private step(name: string, i: number): void {
    const first = this.code.first[i]!;
    switch (name) {
      case 'nop':
        break;
      case 'unreachable':
        this.neverGoesOn();
        break;
      case 'block':
      case 'loop':
        this.open(name, this.blockType(first));
        break;
      case 'if':
        this.pop(I32);
        this.open(name, this.blockType(first));
        break;
      case 'else':
        this.openElse(this.close());
        break;
      case 'end':
        this.end();
        break;
      case 'br':
        this.popAll(this.labelTypes(first));
        this.neverGoesOn();
        break;
      case 'br_if': {
        this.pop(I32);
        const types = this.labelTypes(first);
        this.popAll(types);
        this.pushAll(types);
        break;
      }
      case 'br_table':
        this.branchTable(first, this.code.second[i]!);
        break;
      case 'return':
        this.popAll(this.blocks[0]!.type.results);
        this.neverGoesOn();
        break;
      case 'drop':
        this.pop();
        break;
      case 'select':
        this.select();
        break;
      case 'select_t':
        this.selectTyped(first, this.code.second[i]!);
        break;
      default:
        this.stepIndexed(name, first, this.code.second[i]!);
    }
  }

  /** Instructions that name something in an index space. */
  private stepIndexed(name: string, first: number, second: number): void {
    switch (name) {
      case 'call':
        this.checkFunction(first);
        this.call(typeOfFunction(this.context, first));
        break;
      case 'call_indirect': {
        if (this.tableElement(second) !== FUNCREF) throw this.fail('type mismatch');
        const type = this.context.module.types[first];
        if (type === undefined) throw this.fail(`unknown type ${first}`);
        this.pop(I32);
        this.call(type);
        break;
      }
      case 'local.get':
        this.operands.push(this.localType(first));
        break;
      case 'local.set':
        this.pop(this.localType(first));
        break;
      case 'local.tee': {
        const type = this.localType(first);
        this.pop(type);
        this.operands.push(type);
        break;
      }
      case 'global.get':
        this.operands.push(this.global(first).type);
        break;
      case 'global.set':
        if (!this.global(first).isMutable) throw this.fail('global is immutable');
        this.pop(this.global(first).type);
        break;
      case 'table.get':
        this.pop(I32);
        this.operands.push(this.tableElement(first));
        break;
      case 'table.set':
        this.popAll([I32, this.tableElement(first)]);
        break;
      case 'table.size':
        this.tableElement(first);
        this.operands.push(I32);
        break;
      case 'table.grow':
        this.popAll([this.tableElement(first), I32]);
        this.operands.push(I32);
        break;
      case 'table.fill':
        this.popAll([I32, this.tableElement(first), I32]);
        break;
      case 'ref.null':
        this.operands.push(first);
        break;
      case 'ref.is_null': {
        const type = this.pop();
        if (type !== UNKNOWN && !isReference(type)) throw this.fail('type mismatch');
        this.operands.push(I32);
        break;
      }
      case 'ref.func':
        this.checkFunction(first);
        if (!this.declaredFunctions.has(first)) throw this.fail('undeclared function reference');
        this.operands.push(FUNCREF);
        break;
      default:
        throw new Error(`no validation rule for ${name}`);
    }
  }

  private call(type: FunctionType): void {
    this.popAll(type.parameters);
    this.pushAll(type.results);
  }

  /** The second arm of an `if`, with the parameters of the first. */
  private openElse(block: Block): void {
    this.blocks.push({ ...block, opcode: 'else', isUnreachable: false });
    this.pushAll(block.type.parameters);
  }

  private end(): void {
    const block = this.close();
    if (block.opcode === 'if') {
      // The missing arm hands its parameters through.
      this.openElse(block);
      this.close();
    }
    if (this.blocks.length > 0) this.pushAll(block.type.results);
  }

  private branchTable(start: number, length: number): void {
    this.pop(I32);
    const { lists } = this.code;
    const arity = this.labelTypes(lists[start + length - 1]!).length;
    const done = new Set<number>();
    for (let k = 0; k < length; k++) {
      const depth = lists[start + k]!;
      if (done.has(depth)) continue;
      done.add(depth);
      const types = this.labelTypes(depth);
      if (types.length !== arity) throw this.fail('type mismatch: labels of different arity');
      const popped = types.map((_, j) => this.pop(types[types.length - 1 - j]!));
      for (let j = popped.length - 1; j >= 0; j--) this.operands.push(popped[j]!);
    }
    this.neverGoesOn();
  }

  private select(): void {
    this.pop(I32);
    const right = this.pop();
    const left = this.pop();
    if (isReference(left) || isReference(right)) {
      throw this.fail('type mismatch: references need the typed select');
    }
    if (left !== right && left !== UNKNOWN && right !== UNKNOWN) {
      throw this.fail(`type mismatch: expected ${typeName(left)}, got ${typeName(right)}`);
    }
    this.operands.push(left === UNKNOWN ? right : left);
  }

  private selectTyped(start: number, length: number): void {
    if (length !== 1) throw this.fail('invalid result arity');
    const type = this.code.lists[start]!;
    this.popAll([type, type, I32]);
    this.operands.push(type);
  }

  private checkAddress(i: number, accessBytes: number): void {
    if (2 ** this.code.first[i]! > accessBytes) {
      throw this.fail('alignment must not be larger than natural');
    }
    this.checkMemory();
  }

  private checkMemory(): void {
    if (this.context.memories.length === 0) throw this.fail('unknown memory 0');
  }

  private checkFunction(index: number): void {
    if (this.context.functionTypes[index] === undefined) {
      throw this.fail(`unknown function ${index}`);
    }
  }

  /** Index rules of instructions that have a fixed signature. */
  private checkIndices(name: string, i: number): void {
    if (name.startsWith('memory.')) this.checkMemory();
    const first = this.code.first[i]!;
    const second = this.code.second[i]!;
    const { module } = this.context;
    if (name === 'memory.init' || name === 'data.drop') {
      if (module.data[first] === undefined) throw this.fail(`unknown data segment ${first}`);
    } else if (name === 'elem.drop' || name === 'table.init') {
      const segment = module.elements[first];
      if (name === 'table.init' && this.tableElement(second) !== segment?.type && segment) {
        throw this.fail('type mismatch');
      }
      if (segment === undefined) throw this.fail(`unknown elem segment ${first}`);
    } else if (name === 'table.copy') {
      if (this.tableElement(first) !== this.tableElement(second)) throw this.fail('type mismatch');
    }
  }

  private tableElement(index: number): ValueType {
    const table = this.context.tables[index];
    if (table === undefined) throw this.fail(`unknown table ${index}`);
    return table.element;
  }

  private localType(index: number): ValueType {
    const type = this.locals.typeOf(index);
    if (type === undefined) throw this.fail(`unknown local ${index}`);
    return type;
  }

  private global(index: number): { readonly type: ValueType; readonly isMutable: boolean } {
    const global = this.context.globals[index];
    if (global === undefined) throw this.fail(`unknown global ${index}`);
    return global;
  }
}
