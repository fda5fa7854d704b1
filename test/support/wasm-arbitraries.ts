/**
 * Random valid integer modules. A tape of numbers decides every choice, so that fast-check shrinks a failing
 * program by shrinking its tape: where the tape is at its end, the first choice is taken, a constant 0.
 *
 * Programs end: every loop turn and every function takes one unit of fuel from global 0 and traps without.
 */

import { encodeModule, type ModuleSketch, type Op, type Type } from './wasm-module.ts';

type IntegerType = 'i32' | 'i64';
type Signature = readonly [parameters: readonly IntegerType[], results: readonly IntegerType[]];

const signatures: readonly Signature[] = [
  [['i32', 'i64'], ['i64']],
  [['i32'], ['i32']],
  [[], ['i32', 'i64']],
  [
    ['i64', 'i32', 'i32'],
    ['i32', 'i32', 'i64'],
  ],
  [[], []],
  [
    ['i64', 'i64'],
    ['i64', 'i64'],
  ],
];
const FUEL = 0;
const FUEL_LIMIT = 400;
const GLOBALS: readonly IntegerType[] = ['i32', 'i32', 'i64', 'i64'];
const IMMUTABLE_GLOBAL = 3;
const TABLE_SIZE = 6;
const DEPTH = 5;

const edges = [
  0n,
  1n,
  -1n,
  2n,
  7n,
  0x7fffffffn,
  -0x80000000n,
  0xffffffffn,
  0x100000000n,
  65535n,
  65536n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const binary = 'add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr'.split(
  ' ',
);
const compare = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'.split(' ');
const unary: Readonly<Record<IntegerType, readonly string[]>> = {
  i32: ['i32.clz', 'i32.ctz', 'i32.popcnt', 'i32.extend8_s', 'i32.extend16_s', 'i32.eqz'],
  i64: ['i64.clz', 'i64.ctz', 'i64.popcnt', 'i64.extend8_s', 'i64.extend16_s', 'i64.extend32_s'],
};
const loads: Readonly<Record<IntegerType, readonly string[]>> = {
  i32: ['load', 'load8_s', 'load8_u', 'load16_s', 'load16_u'].map((name) => `i32.${name}`),
  i64: ['load', 'load8_s', 'load8_u', 'load16_s', 'load16_u', 'load32_s', 'load32_u'].map(
    (name) => `i64.${name}`,
  ),
};
const stores: Readonly<Record<IntegerType, readonly string[]>> = {
  i32: ['i32.store', 'i32.store8', 'i32.store16'],
  i64: ['i64.store', 'i64.store8', 'i64.store16', 'i64.store32'],
};

interface Label {
  /** What a branch takes along. */
  readonly types: readonly IntegerType[];
}

/** Long-lived mutable state: the function in the making. */
class Maker {
  private readonly tape: readonly number[];
  private at = 0;
  private labels: Label[] = [];
  private locals: IntegerType[] = [];
  private ops: Op[] = [];

  constructor(tape: readonly number[]) {
    this.tape = tape;
  }

  private choose(count: number): number {
    return (this.tape[this.at++] ?? 0) % count;
  }

  private pick<T>(items: readonly T[]): T {
    return items[this.choose(items.length)]!;
  }

  private emit(...ops: Op[]): void {
    this.ops.push(...ops);
  }

  function([parameters, results]: Signature): { locals: Type[]; body: Op[] } {
    const locals = Array.from({ length: this.choose(5) }, () => this.type());
    this.locals = [...parameters, ...locals];
    this.labels = [{ types: results }];
    this.ops = [];
    this.takeFuel();
    for (let left = this.choose(6); left >= 0; left--) this.statement(DEPTH);
    for (const type of results) this.expression(type, DEPTH);
    return { locals, body: this.ops };
  }

  private type(): IntegerType {
    return this.choose(2) === 0 ? 'i32' : 'i64';
  }

  private takeFuel(): void {
    this.emit(['global.get', FUEL], 'i32.eqz', 'if', 'unreachable', 'end');
    this.emit(['global.get', FUEL], ['i32.const', 1], 'i32.sub', ['global.set', FUEL]);
  }

  private localOf(type: IntegerType): number | undefined {
    const fitting = this.locals.flatMap((other, index) => (other === type ? [index] : []));
    return fitting.length === 0 ? undefined : this.pick(fitting);
  }

  private globalOf(type: IntegerType, isWritten: boolean): number {
    if (type === 'i32') return 1;
    return isWritten ? 2 : this.pick([2, IMMUTABLE_GLOBAL]);
  }

  private constant(type: IntegerType): void {
    const value = this.choose(3) === 0 ? this.pick(edges) : BigInt(this.choose(300) - 20);
    this.emit([`${type}.const`, BigInt.asIntN(type === 'i32' ? 32 : 64, value)]);
  }

  /** Mostly inside the page. */
  private address(depth: number): void {
    this.expression('i32', depth);
    if (this.choose(30) > 0) this.emit(['i32.const', 0xfff], 'i32.and');
  }

  private offset(): number {
    return this.choose(40) === 0 ? this.pick([65535, 2 ** 31, 2 ** 32 - 1]) : this.choose(64);
  }

  private expression(type: IntegerType, depth: number): void {
    if (depth <= 0) {
      const local = this.localOf(type);
      if (local === undefined || this.choose(2) === 0) this.constant(type);
      else this.emit(['local.get', local]);
      return;
    }
    switch (this.choose(16)) {
      case 0:
        this.constant(type);
        break;
      case 1:
      case 2: {
        const local = this.localOf(type);
        if (local === undefined) this.constant(type);
        else this.emit(['local.get', local]);
        break;
      }
      case 3:
      case 4:
        this.binary(type, depth);
        break;
      case 5:
        this.expression(type, depth - 1);
        this.emit(this.pick(unary[type]));
        break;
      case 6:
        if (type === 'i64') {
          this.expression('i32', depth - 1);
          this.emit(this.pick(['i64.extend_i32_s', 'i64.extend_i32_u']));
        } else if (this.choose(2) === 0) {
          this.expression('i64', depth - 1);
          this.emit('i32.wrap_i64');
        } else {
          this.condition(depth - 1);
        }
        break;
      case 7:
        this.address(depth - 1);
        this.emit([this.pick(loads[type]), 0, this.offset()]);
        break;
      case 8:
        this.expression(type, depth - 1);
        this.expression(type, depth - 1);
        this.condition(depth - 1);
        this.emit(this.choose(2) === 0 ? 'select' : ['select_t', type]);
        break;
      case 9:
        this.emit(['block', type]);
        this.inside([type], () => {
          for (let left = this.choose(3); left > 0; left--) this.statement(depth - 1);
          this.expression(type, depth - 1);
        });
        break;
      case 10:
        this.condition(depth - 1);
        this.emit(['if', type]);
        this.labels.push({ types: [type] });
        this.expression(type, depth - 1);
        this.emit('else');
        this.statement(depth - 2);
        this.expression(type, depth - 1);
        this.close();
        break;
      case 11: {
        const local = this.localOf(type);
        this.expression(type, depth - 1);
        if (local !== undefined) this.emit(['local.tee', local]);
        break;
      }
      case 12:
        this.emit(['global.get', this.globalOf(type, false)]);
        break;
      case 13:
        this.callFor(type, depth - 1);
        break;
      case 14: {
        this.expression(type, depth - 1);
        const depthOfLabel = this.labelWith([type]);
        if (depthOfLabel === undefined) break;
        this.condition(depth - 1);
        this.emit(['br_if', depthOfLabel]);
        break;
      }
      default:
        if (type === 'i64') this.constant(type);
        else if (this.choose(3) === 0) this.emit(['i32.const', this.choose(3)], 'memory.grow');
        else this.emit('memory.size');
    }
  }

  private binary(type: IntegerType, depth: number): void {
    const name = this.pick(binary);
    this.expression(type, depth - 1);
    this.expression(type, depth - 1);
    // Most divisors are odd, or few programs would come to their end.
    const isDivision = name.startsWith('div') || name.startsWith('rem');
    if (isDivision && this.choose(6) > 0) this.emit([`${type}.const`, 1], `${type}.or`);
    this.emit(`${type}.${name}`);
  }

  private condition(depth: number): void {
    const type = this.type();
    this.expression(type, depth);
    if (this.choose(4) === 0) {
      this.emit(`${type}.eqz`);
    } else {
      this.expression(type, depth);
      this.emit(`${type}.${this.pick(compare)}`);
    }
    for (let left = this.choose(3) === 0 ? this.choose(3) : 0; left > 0; left--) {
      this.emit('i32.eqz');
    }
  }

  private inside(types: readonly IntegerType[], body: () => void): void {
    this.labels.push({ types });
    body();
    this.close();
  }

  private close(): void {
    this.labels.pop();
    this.emit('end');
  }

  private labelWith(types: readonly IntegerType[]): number | undefined {
    const fitting = this.labels.flatMap((label, index) =>
      label.types.join() === types.join() ? [this.labels.length - 1 - index] : [],
    );
    return fitting.length === 0 ? undefined : this.pick(fitting);
  }

  /** A call, directly or through the table; leaves the results. */
  private call(number: number, depth: number): void {
    for (const type of signatures[number]![0]) this.expression(type, depth);
    if (this.choose(3) > 0) {
      this.emit(['call', number]);
    } else {
      this.emit(['i32.const', this.choose(5) === 0 ? this.choose(12) : number]);
      this.emit(['call_indirect', number, 0]);
    }
  }

  private callFor(type: IntegerType, depth: number): void {
    const number = type === 'i32' ? 1 : 0;
    this.call(number, depth);
  }

  private statement(depth: number): void {
    if (depth <= 0) return;
    switch (this.choose(13)) {
      case 0:
        this.emit('nop');
        break;
      case 1:
      case 2: {
        const type = this.type();
        const local = this.localOf(type);
        this.expression(type, depth);
        this.emit(local === undefined ? 'drop' : ['local.set', local]);
        break;
      }
      case 3: {
        const type = this.type();
        this.expression(type, depth);
        this.emit(['global.set', this.globalOf(type, true)]);
        break;
      }
      case 4:
      case 5: {
        const type = this.type();
        this.address(depth - 1);
        this.expression(type, depth - 1);
        this.emit([this.pick(stores[type]), 0, this.offset()]);
        break;
      }
      case 6:
        this.emit('block');
        this.inside([], () => {
          this.statement(depth - 1);
          this.statement(depth - 1);
        });
        break;
      case 7:
        this.emit('loop');
        this.inside([], () => {
          this.takeFuel();
          this.statement(depth - 1);
          this.statement(depth - 1);
          this.condition(depth - 2);
          // At most three turns.
          this.emit(['global.get', FUEL], ['i32.const', 3], 'i32.and', 'i32.and', ['br_if', 0]);
        });
        break;
      case 8:
        this.condition(depth - 1);
        this.emit('if');
        this.labels.push({ types: [] });
        this.statement(depth - 1);
        if (this.choose(2) === 0) {
          this.emit('else');
          this.statement(depth - 1);
        }
        this.close();
        break;
      case 9: {
        const number = this.choose(signatures.length);
        this.call(number, depth - 2);
        for (const type of [...signatures[number]![1]].reverse()) this.takeResult(type);
        break;
      }
      case 10:
        this.multiple(depth - 1);
        break;
      case 11:
        this.leave(depth - 1);
        break;
      default: {
        // Operands below a block stay as they are, whatever is set inside.
        const type = this.type();
        const local = this.localOf(type);
        this.expression(type, depth - 1);
        this.statement(depth - 1);
        this.emit(local === undefined ? 'drop' : ['local.set', local]);
      }
    }
  }

  private takeResult(type: IntegerType): void {
    const local = this.localOf(type);
    this.emit(local === undefined || this.choose(2) === 0 ? 'drop' : ['local.set', local]);
  }

  /** A block, loop or `if` with parameters and results. */
  private multiple(depth: number): void {
    const number = this.choose(signatures.length);
    const [parameters, results] = signatures[number]!;
    for (const type of parameters) this.expression(type, depth - 1);
    const kind = this.pick(['block', 'loop', 'if']);
    if (kind === 'if') this.condition(depth - 1);
    this.emit([kind, number]);
    this.labels.push({ types: kind === 'loop' ? parameters : results });
    if (kind === 'loop') this.takeFuel();
    this.arm(parameters, results, depth);
    if (kind === 'if') {
      this.emit('else');
      this.arm(parameters, results, depth);
    }
    this.close();
    for (const type of [...results].reverse()) this.takeResult(type);
  }

  private arm(
    parameters: readonly IntegerType[],
    results: readonly IntegerType[],
    depth: number,
  ): void {
    if (parameters.join() !== results.join() || this.choose(2) === 0) {
      for (const type of [...parameters].reverse()) this.takeResult(type);
      this.statement(depth - 1);
      for (const type of results) this.expression(type, depth - 1);
    }
    const label = this.labelWith(results);
    if (label !== undefined && this.choose(2) === 0) {
      this.condition(depth - 1);
      this.emit(['br_if', label]);
    }
  }

  /** An unconditional branch, in an arm of its own so that what follows is reached as well. */
  private leave(depth: number): void {
    const isConditional = this.choose(4) > 0;
    if (isConditional) {
      this.condition(depth - 1);
      this.emit('if');
      this.labels.push({ types: [] });
    }
    switch (this.choose(10)) {
      case 0:
        this.emit('unreachable');
        break;
      case 1:
      case 2:
        for (const type of this.labels[0]!.types) this.expression(type, depth - 1);
        this.emit('return');
        break;
      case 3:
      case 4:
      case 5:
      case 6: {
        const label = this.choose(this.labels.length);
        const { types } = this.labels[this.labels.length - 1 - label]!;
        for (const type of types) this.expression(type, depth - 1);
        this.emit(['br', label]);
        break;
      }
      default: {
        const label = this.choose(this.labels.length);
        const { types } = this.labels[this.labels.length - 1 - label]!;
        const labels = Array.from({ length: 1 + this.choose(4) }, () => this.labelWith(types)!);
        for (const type of types) this.expression(type, depth - 1);
        this.expression('i32', depth - 1);
        this.emit(['br_table', ...labels]);
      }
    }
    if (isConditional) this.close();
  }
}

/** A module that exports its functions as `f0` to `f5`, its memory and its mutable globals. */
export function moduleFromTape(tape: readonly number[]): {
  readonly bytes: Uint8Array;
  readonly signatures: readonly Signature[];
} {
  const functions = signatures.map((signature, type) => {
    // Each function reads the whole tape, from a place of its own on.
    const start = Math.floor((type * tape.length) / signatures.length);
    const maker = new Maker([...tape.slice(start), ...tape.slice(0, start)]);
    return { type, ...maker.function(signature) };
  });
  const sketch: ModuleSketch = {
    types: signatures,
    functions,
    tables: [TABLE_SIZE + 3],
    memory: [1, 3],
    globals: GLOBALS.map((type, i) => ({
      type,
      isMutable: i !== IMMUTABLE_GLOBAL,
      value: [`${type}.const`, i === FUEL ? FUEL_LIMIT : 41 * i],
    })),
    exports: [
      ...signatures.map((_, i) => [`f${i}`, 0, i] as const),
      ['memory', 2, 0],
      ['g1', 3, 1],
      ['g2', 3, 2],
    ],
    elements: [[0, [0, 1, 2, 3, 4, 5]]],
    data: [[16, [1, 2, 3, 4, 5, 0x80, 0xff, 0x7f, 9]]],
  };
  return { bytes: encodeModule(sketch), signatures };
}
