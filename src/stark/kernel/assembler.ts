/**
 * Assembler of WebAssembly modules: functions over one imported memory.
 *
 * One idea: expressions are typed values (operations.ts), statements append to the function that is
 * being built, and structured control is a callback, so that the nesting of the emitter is the nesting
 * of the code. What is emitted and why: spec/11-kernels.md.
 */
import { type I32, i32, unsignedLeb, type V128, type Value, type ValueType } from './operations.ts';

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

/** One function: locals are declared as they are needed. */
export class FunctionBuilder {
  readonly #params: readonly ValueType[];
  readonly #result: ValueType | undefined;
  readonly #locals: ValueType[] = [];
  readonly #code: number[] = [];
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
    this.#code.push(...value.code, LOCAL_SET, ...unsignedLeb(local.index));
  }

  /** Stores four lanes at address + offset bytes. */
  store(address: I32, value: V128, offset = 0): void {
    this.#code.push(...address.code, ...value.code, 0xfd, 0x0b, 4, ...unsignedLeb(offset));
  }

  /** Stores 32 bits at address + offset bytes. */
  storeWord(address: I32, value: I32, offset = 0): void {
    this.#code.push(...address.code, ...value.code, 0x36, 2, ...unsignedLeb(offset));
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
    this.#code.push(BRANCH, ...unsignedLeb(this.#depth - to.depth));
  }

  branchIf(condition: I32, to: Label): void {
    this.#code.push(...condition.code, BRANCH_IF, ...unsignedLeb(this.#depth - to.depth));
  }

  /** Does `body` if the condition is not zero, else `otherwise`. */
  when(condition: I32, body: () => void, otherwise?: () => void): void {
    this.#code.push(...condition.code, IF, EMPTY_BLOCK_TYPE);
    this.#depth++;
    body();
    if (otherwise !== undefined) {
      this.#code.push(ELSE);
      otherwise();
    }
    this.#depth--;
    this.#code.push(END);
  }

  /** Calls a function without a result. */
  call(callable: Callable, ...operands: readonly Value<ValueType>[]): void {
    if (callable.result !== undefined) throw new RangeError('call: the result must be used');
    this.#code.push(...callCode(callable, operands));
  }

  /** Leaves the result: the last statement of a function that has one. */
  leave(value: Value<ValueType>): void {
    if (value.type !== this.#result) {
      throw new RangeError(`result: expected ${this.#result}, got ${value.type}`);
    }
    this.#code.push(...value.code);
  }

  #nest(opcode: number, body: (label: Label) => void): void {
    this.#code.push(opcode, EMPTY_BLOCK_TYPE);
    this.#depth++;
    body({ depth: this.#depth });
    this.#depth--;
    this.#code.push(END);
  }

  /** The signature as the type section has it. */
  signature(): number[] {
    const result = this.#result === undefined ? [] : [typeCodes[this.#result]];
    return [
      0x60,
      ...vector(this.#params.map((type) => [typeCodes[type]])),
      ...vector(result.map((code) => [code])),
    ];
  }

  /** Locals and code as the code section has them. */
  body(): number[] {
    const groups: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = groups.at(-1);
      if (last?.type === type) last.count++;
      else groups.push({ type, count: 1 });
    }
    const locals = vector(
      groups.map(({ type, count }) => [...unsignedLeb(count), typeCodes[type]]),
    );
    return withLength([...locals, ...this.#code, END]);
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
  return { type, code: callCode(callable, operands) };
}

function callCode({ index, params }: Callable, operands: readonly Value<ValueType>[]): number[] {
  if (operands.length !== params.length || operands.some(({ type }, k) => type !== params[k])) {
    throw new RangeError(`call: expected (${params}), got (${operands.map(({ type }) => type)})`);
  }
  return [...operands.flatMap(({ code }) => code), CALL, ...unsignedLeb(index)];
}

/**
 * Where the thread that runs the code has room of its own, in bytes: the imported global `kernel.scratch`.
 * spec/11-kernels.md, "Memory".
 */
export const scratch: I32 = { type: 'i32', code: [0x23, 0] };

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
    const limits = [shared ? 3 : 1, ...unsignedLeb(initial), ...unsignedLeb(maximum)];
    const exported = [...this.#functions.keys()].map((name, index) => [
      ...text(name),
      0x00,
      ...unsignedLeb(index),
    ]);
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(
        1,
        functions.map((code) => code.signature()),
      ),
      ...section(2, [
        [...text('kernel'), ...text('memory'), 0x02, ...limits],
        [...text('kernel'), ...text('scratch'), 0x03, typeCodes.i32, 0x00],
      ]),
      ...section(
        3,
        functions.map((_, index) => unsignedLeb(index)),
      ),
      ...section(7, exported),
      ...section(
        10,
        functions.map((code) => code.body()),
      ),
    ]);
  }
}

function localAt<T extends ValueType>(index: number, type: T): Local<T> {
  return { type, index, code: [0x20, ...unsignedLeb(index)] };
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsignedLeb(items.length), ...items.flat()];
}

function withLength(bytes: readonly number[]): number[] {
  return [...unsignedLeb(bytes.length), ...bytes];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  return [id, ...withLength(vector(items))];
}

function text(value: string): number[] {
  return withLength([...new TextEncoder().encode(value)]);
}
