/**
 * Assembler of WebAssembly modules: functions over one imported memory.
 *
 * One idea: expressions are typed values (operations.ts), statements append to the function that is
 * being built, and structured control is a callback, so that the nesting of the emitter is the nesting
 * of the code. What is emitted and why: spec/11-kernels.md.
 */
import { CodeBytes } from './code-bytes.ts';
import { type I32, i32, type V128, type Value, type ValueType } from './operations.ts';

/** 64 KiB, the unit of Wasm memory. */
export const PAGE_BYTES = 65536;

export interface Local<T extends ValueType> extends Value<T> {
  readonly index: number;
}

/** A place that a branch can go to: the start of a loop, the end of a block. */
export interface Label {
  readonly depth: number;
}

/** A function of the same module, as `define` gives it. */
export interface Callable {
  readonly index: number;
  readonly params: readonly ValueType[];
  readonly result: ValueType | undefined;
}

export interface MemoryLimits {
  /** In pages. */
  readonly initial: number;
  readonly maximum: number;
  readonly shared?: boolean;
}

const typeCodes: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, v128: 0x7b };

const EMPTY_BLOCK_TYPE = 0x40;
const BLOCK = 0x02;
const LOOP = 0x03;
const END = 0x0b;
const BRANCH = 0x0c;
const BRANCH_IF = 0x0d;
const CALL = 0x10;
const IF = 0x04;
const ELSE = 0x05;
const LOCAL_SET = 0x21;
const VECTOR_STORE = [0xfd, 0x0b, 4];
const WORD_STORE = [0x36, 2];

/** One function: locals are declared as they are needed. */
export class FunctionBuilder {
  readonly #params: readonly ValueType[];
  readonly #result: ValueType | undefined;
  readonly #locals: ValueType[] = [];
  readonly #code = new CodeBytes();
  #depth = 0;

  constructor(params: readonly ValueType[], result: ValueType | undefined) {
    this.#params = params;
    this.#result = result;
  }

  /** Parameter number `index`; it must have the type. */
  param<T extends ValueType>(index: number, type: T): Local<T> {
    if (this.#params[index] !== type) {
      throw new RangeError(`param ${index}: expected ${type}, got ${this.#params[index]}`);
    }
    return localAt(index, type);
  }

  /** A fresh local, zero at first. */
  local<T extends ValueType>(type: T): Local<T> {
    this.#locals.push(type);
    return localAt(this.#params.length + this.#locals.length - 1, type);
  }

  /** A fresh local that holds the value. */
  hold<T extends ValueType>(value: Value<T>): Local<T> {
    const local = this.local(value.type);
    this.set(local, value);
    return local;
  }

  set<T extends ValueType>(local: Local<T>, value: Value<T>): void {
    value.write(this.#code);
    this.#code.byte(LOCAL_SET);
    this.#code.unsigned(local.index);
  }

  /** Stores four lanes at address + offset bytes. */
  store(address: I32, value: V128, offset = 0): void {
    address.write(this.#code);
    value.write(this.#code);
    this.#code.bytes(VECTOR_STORE);
    this.#code.unsigned(offset);
  }

  /** Stores 32 bits at address + offset bytes. */
  storeWord(address: I32, value: I32, offset = 0): void {
    address.write(this.#code);
    value.write(this.#code);
    this.#code.bytes(WORD_STORE);
    this.#code.unsigned(offset);
  }

  /** Code after which a branch to the label goes on. */
  block(body: (label: Label) => void): void {
    this.#nest(BLOCK, body);
  }

  /** Code that a branch to the label starts again; it ends otherwise. */
  loop(body: (label: Label) => void): void {
    this.#nest(LOOP, body);
  }

  /** Repeats the body while `count`, which it lowers by `step` each time, is not zero; it must not be at first. */
  countDown(count: Local<'i32'>, step: number, body: () => void): void {
    this.loop((again) => {
      body();
      this.set(count, i32.subtract(count, i32.const(step)));
      this.branchIf(count, again);
    });
  }

  /** pointer += bytes. */
  advance(pointer: Local<'i32'>, bytes: number): void {
    this.set(pointer, i32.add(pointer, i32.const(bytes)));
  }

  branch(to: Label): void {
    this.#code.byte(BRANCH);
    this.#code.unsigned(this.#depth - to.depth);
  }

  branchIf(condition: I32, to: Label): void {
    condition.write(this.#code);
    this.#code.byte(BRANCH_IF);
    this.#code.unsigned(this.#depth - to.depth);
  }

  /** Does `body` if the condition is not zero, else `otherwise`. */
  when(condition: I32, body: () => void, otherwise?: () => void): void {
    condition.write(this.#code);
    this.#code.byte(IF);
    this.#code.byte(EMPTY_BLOCK_TYPE);
    this.#depth++;
    body();
    if (otherwise !== undefined) {
      this.#code.byte(ELSE);
      otherwise();
    }
    this.#depth--;
    this.#code.byte(END);
  }

  /** Calls a function without a result. */
  call(callable: Callable, ...operands: readonly Value<ValueType>[]): void {
    if (callable.result !== undefined) throw new RangeError('call: the result must be used');
    writeCall(this.#code, callable, operands);
  }

  /** Leaves the result: the last statement of a function that has one. */
  leave(value: Value<ValueType>): void {
    if (value.type !== this.#result) {
      throw new RangeError(`result: expected ${this.#result}, got ${value.type}`);
    }
    value.write(this.#code);
  }

  #nest(opcode: number, body: (label: Label) => void): void {
    this.#code.byte(opcode);
    this.#code.byte(EMPTY_BLOCK_TYPE);
    this.#depth++;
    body({ depth: this.#depth });
    this.#depth--;
    this.#code.byte(END);
  }

  /** Writes the signature as the type section has it. */
  writeSignature(out: CodeBytes): void {
    const result = this.#result === undefined ? [] : [this.#result];
    out.byte(0x60);
    for (const types of [this.#params, result]) {
      out.unsigned(types.length);
      for (const type of types) out.byte(typeCodes[type]);
    }
  }

  /** Writes locals and code as the code section has them. */
  writeBody(out: CodeBytes): void {
    const groups: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = groups.at(-1);
      if (last?.type === type) last.count++;
      else groups.push({ type, count: 1 });
    }
    const body = new CodeBytes();
    body.unsigned(groups.length);
    for (const { type, count } of groups) {
      body.unsigned(count);
      body.byte(typeCodes[type]);
    }
    body.append(this.#code);
    body.byte(END);
    out.block(body);
  }
}

/** The result of a function that has one. */
export function resultOf<T extends ValueType>(
  callable: Callable,
  type: T,
  ...operands: readonly Value<ValueType>[]
): Value<T> {
  if (callable.result !== type) {
    throw new RangeError(`call: expected a result of ${type}, got ${callable.result}`);
  }
  return { type, write: (out) => writeCall(out, callable, operands) };
}

function writeCall(
  out: CodeBytes,
  { index, params }: Callable,
  operands: readonly Value<ValueType>[],
): void {
  if (operands.length !== params.length || operands.some(({ type }, k) => type !== params[k])) {
    throw new RangeError(`call: expected (${params}), got (${operands.map(({ type }) => type)})`);
  }
  for (const operand of operands) operand.write(out);
  out.byte(CALL);
  out.unsigned(index);
}

const GET_SCRATCH = [0x23, 0];

/**
 * Where the thread that runs the code has room of its own, in bytes: the imported global `kernel.scratch`.
 * spec/11-kernels.md, "Memory".
 */
export const scratch: I32 = { type: 'i32', write: (out) => out.bytes(GET_SCRATCH) };

/** A module that imports memory and scratch as `kernel.memory` and `kernel.scratch` and exports every function. */
export class ModuleBuilder {
  readonly #memory: MemoryLimits;
  readonly #functions = new Map<string, FunctionBuilder>();

  constructor(memory: MemoryLimits) {
    this.#memory = memory;
  }

  /** Adds an exported function that `emit` fills. Those it calls are defined before it. */
  define(
    name: string,
    params: readonly ValueType[],
    emit: (code: FunctionBuilder) => void,
    result?: ValueType,
  ): Callable {
    if (this.#functions.has(name)) throw new RangeError(`name: ${name} is taken`);
    const code = new FunctionBuilder(params, result);
    emit(code);
    const index = this.#functions.size;
    this.#functions.set(name, code);
    return { index, params, result };
  }

  /** Names of the functions, in the order of their definition. */
  get names(): readonly string[] {
    return [...this.#functions.keys()];
  }

  /** The module as bytes. */
  assemble(): Uint8Array<ArrayBuffer> {
    const functions = [...this.#functions.values()];
    const { initial, maximum, shared } = this.#memory;
    const out = new CodeBytes();
    out.bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    writeSection(out, 1, functions, (code, section) => code.writeSignature(section));
    writeSection(out, 2, ['memory', 'scratch'], (name, section) => {
      section.text('kernel');
      section.text(name);
      if (name === 'scratch') {
        section.bytes([0x03, typeCodes.i32, 0x00]);
      } else {
        section.bytes([0x02, shared ? 3 : 1]);
        section.unsigned(initial);
        section.unsigned(maximum);
      }
    });
    writeSection(out, 3, functions.keys(), (index, section) => section.unsigned(index));
    writeSection(out, 7, [...this.#functions.keys()].entries(), ([index, name], section) => {
      section.text(name);
      section.byte(0x00);
      section.unsigned(index);
    });
    writeSection(out, 10, functions, (code, section) => code.writeBody(section));
    return out.finish();
  }
}

function localAt<T extends ValueType>(index: number, type: T): Local<T> {
  return {
    type,
    index,
    write(out) {
      out.byte(0x20);
      out.unsigned(index);
    },
  };
}

function writeSection<Item>(
  out: CodeBytes,
  id: number,
  items: Iterable<Item>,
  write: (item: Item, section: CodeBytes) => void,
): void {
  const list = [...items];
  const section = new CodeBytes();
  section.unsigned(list.length);
  for (const item of list) write(item, section);
  out.byte(id);
  out.block(section);
}
