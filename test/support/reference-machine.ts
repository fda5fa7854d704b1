/**
 * The machine once more, slow and plain: the oracle of the interpreter and of its recorder.
 *
 * Every cell of every space is a list of message elements (four, or sixteen for wide registers) in one map;
 * arithmetic is BigInt. Written from the instruction table; shares no code with interpreter or decoder.
 */

import { mnemonicAt, operandValue } from '../../src/isa/encoding.ts';
import { type Access, formats } from '../../src/isa/formats.ts';
import { instructions, type Mnemonic } from '../../src/isa/instructions.ts';
import type { Program } from '../../src/isa/program.ts';
import {
  wideBinaryModels,
  wideBranchModels,
  wideTernaryModels,
  wideUnaryModels,
  wordBinaryModels,
  wordBranchModels,
  wordUnaryModels,
} from './lane-models.ts';

/** Elements of a message: limbs of 16 bits, or the fields of a window or a record. */
export type Elements = readonly number[];

/** An access that happened. `after` is `before` for reads. */
export interface LoggedAccess {
  readonly operand: string;
  readonly space: Access['space'];
  readonly high: number;
  readonly low: number;
  readonly time: number;
  readonly before: Elements;
  readonly after: Elements;
}

const highOf = { word: 0, global: 1, window: 2, record: 3, memory: 4, wide: 0 } as const;

export function toElements(value: bigint, count: number): Elements {
  return Array.from({ length: count }, (_, i) => Number((value >> BigInt(16 * i)) & 0xffffn));
}

export function fromElements(elements: Elements): bigint {
  return elements.reduceRight((value, limb) => (value << 16n) | BigInt(limb), 0n);
}

/** The name of a cell: the wide bus is apart. */
export function cellName(space: Access['space'], high: number, low: number): string {
  return `${space === 'wide' ? 'wide' : 'word'} ${high} ${low}`;
}

function modelOf<T>(models: Record<string, T>, name: string): T {
  const model = models[name];
  if (model === undefined) throw new Error(`no model for ${name}`);
  return model;
}

export class ReferenceMachine {
  readonly program: Program;
  readonly cells = new Map<string, Elements>();
  pc: number;
  clk = 1;
  fp = 0;
  sp = 0;
  isHalted = false;
  /** Accesses of the last step. */
  log: LoggedAccess[] = [];
  #name: Mnemonic = 'halt';

  constructor(program: Program, publicInput: Int32Array, privateInput: Int32Array, gas: bigint) {
    this.program = program;
    this.pc = program.entry;
    const { image } = program;
    this.#put('record', 0, [image.recordPc, 0, 0, 0]);
    this.#put('global', 0, toElements(gas, 4));
    const pair = (low: number, high: number): Elements =>
      toElements(BigInt(low >>> 0) | (BigInt(high >>> 0) << 32n), 4);
    for (const { global, low, high } of image.globals) this.#put('global', global, pair(low, high));
    for (const { window, segment, byteLength, isWritable } of image.windows) {
      this.#put('window', window, [
        segment,
        byteLength % 65536,
        Math.floor(byteLength / 65536),
        isWritable ? 1 : 0,
      ]);
    }
    for (const { segment, cells, lanes } of image.cells) {
      cells.forEach((cell, i) => {
        this.#put('memory', cell, pair(lanes[2 * i], lanes[2 * i + 1]), segment);
      });
    }
    for (const [segment, lanes] of [
      [1, publicInput],
      [2, privateInput],
    ] as const) {
      for (let i = 0; 2 * i < lanes.length; i++) {
        this.#put('memory', i, pair(lanes[2 * i], lanes[2 * i + 1]), segment);
      }
    }
  }

  read(space: Access['space'], low: number, segment = 0): Elements {
    const found = this.cells.get(cellName(space, highOf[space] + segment, low));
    return found ?? Array.from({ length: space === 'wide' ? 16 : 4 }, () => 0);
  }

  /** Sets a cell from outside, without an access. */
  poke(space: Access['space'], low: number, elements: Elements, segment = 0): void {
    this.#put(space, low, elements, segment);
  }

  /** Executes one instruction. */
  step(): Mnemonic {
    const { code } = this.program;
    const name = mnemonicAt(code, this.pc);
    this.#name = name;
    this.log = [];
    const next = this.#execute(name);
    if (!this.isHalted) {
      this.pc = next;
      this.clk += Math.max(1, formats[instructions[name].format].accesses.length);
    }
    return name;
  }

  #put(space: Access['space'], low: number, elements: Elements, segment = 0): void {
    this.cells.set(cellName(space, highOf[space] + segment, low), elements);
  }

  #access(
    operand: string,
    space: Access['space'],
    low: number,
    after?: Elements,
    segment = 0,
  ): Elements {
    const accesses: readonly Access[] = formats[instructions[this.#name].format].accesses;
    const slot = accesses.findIndex((access) => access.operand === operand);
    const expected = accesses[slot];
    if (expected?.space !== space || (expected.direction === 'write') !== (after !== undefined)) {
      throw new Error(`${this.#name}: the format has no such access to ${operand}`);
    }
    const before = this.read(space, low, segment);
    if (after !== undefined) this.#put(space, low, after, segment);
    this.log.push({
      operand,
      space,
      high: highOf[space] + segment,
      low,
      time: this.clk + slot,
      before,
      after: after ?? before,
    });
    return before;
  }

  /** The number that an operand of the instruction has. */
  #operand(operand: string): number {
    const found = formats[instructions[this.#name].format].operands.find(
      (entry) => entry.name === operand,
    );
    if (found === undefined) throw new Error(`${this.#name}: no operand ${operand}`);
    return operandValue(this.program.code, this.pc, found);
  }

  #isReplaced(operand: string): boolean {
    const format = formats[instructions[this.#name].format];
    return (
      this.program.code.op[this.pc] >= 256 &&
      'alternative' in format &&
      format.alternative.instead === operand
    );
  }

  #word(operand: string): bigint {
    const { immLow, immHigh } = this.program.code;
    if (this.#isReplaced(operand)) {
      return BigInt(immLow[this.pc] >>> 0) | (BigInt(immHigh[this.pc] >>> 0) << 32n);
    }
    return fromElements(this.#access(operand, 'word', this.fp + this.#operand(operand)));
  }

  #setWord(operand: string, value: bigint): void {
    this.#access(operand, 'word', this.fp + this.#operand(operand), toElements(value, 4));
  }

  #wide(operand: string): bigint {
    if (this.#isReplaced(operand)) return BigInt(this.program.code.immLow[this.pc] >>> 0);
    return fromElements(this.#access(operand, 'wide', this.sp + this.#operand(operand)));
  }

  #setWide(operand: string, value: bigint): void {
    this.#access(operand, 'wide', this.sp + this.#operand(operand), toElements(value, 16));
  }

  /** Returns where the machine goes on. */
  #execute(name: Mnemonic): number {
    const onward = this.pc + 1;
    const { format } = instructions[name];
    switch (format) {
      case 'alu':
        this.#setWord('rd', modelOf(wordBinaryModels, name)(this.#word('rs1'), this.#word('rs2')));
        return onward;
      case 'unary':
        this.#setWord('rd', modelOf(wordUnaryModels, name)(this.#word('rs1')));
        return onward;
      case 'move':
        this.#setWord('rd', this.#word('rs2'));
        return onward;
      case 'select': {
        const [left, right, condition] = [this.#word('rs1'), this.#word('rs2'), this.#word('rs3')];
        this.#setWord('rd', condition !== 0n ? left : right);
        return onward;
      }
      case 'branch': {
        const isTaken = modelOf(wordBranchModels, name)(this.#word('rs1'), this.#word('rs2'));
        return isTaken ? this.#operand('target') : onward;
      }
      case 'jump':
        return this.#operand('target');
      case 'call':
        return this.#call(this.#operand('target'));
      case 'callRuntime':
        return this.#call(this.program.runtimeEntries[this.#operand('entry')]);
      case 'callIndexed': {
        const inside = this.#tableEntry();
        return inside === undefined ? this.#operand('target') : this.#call(inside);
      }
      case 'jumpIndexed':
        return this.#tableEntry() ?? this.#operand('target');
      case 'jumpRuntime':
        return this.program.runtimeEntries[this.#operand('entry')];
      case 'return': {
        const [pc, fp, sp] = this.#access('record', 'record', this.fp);
        this.fp = fp;
        this.sp = sp;
        return pc;
      }
      case 'halt':
        this.isHalted = true;
        return onward;
      case 'load':
      case 'store':
        return this.#memoryWord(name, format === 'store');
      case 'wideLoad':
      case 'wideStore':
        return this.#memoryWide(format === 'wideStore');
      case 'block': {
        const depth = this.sp % 2048;
        const gas = fromElements(this.read('global', 0));
        const cost = BigInt(this.#operand('gas'));
        const fault =
          gas < cost || this.#operand('need') > depth || depth + this.#operand('grow') > 1024;
        this.#access('gas register', 'global', 0, toElements(fault ? gas : gas - cost, 4));
        if (fault) return this.#operand('target');
        this.sp += this.#operand('slide');
        return onward;
      }
      case 'charge': {
        const cost = this.#word('rs1');
        const gas = fromElements(this.read('global', 0));
        this.#access('gas register', 'global', 0, toElements(gas < cost ? gas : gas - cost, 4));
        return gas < cost ? this.#operand('target') : onward;
      }
      case 'wideAlu': {
        const model = modelOf(wideBinaryModels, name);
        this.#setWide('rd', model(this.#wide('rs1'), this.#wide('rs2')));
        return onward;
      }
      case 'wideUnary':
        this.#setWide('rd', modelOf(wideUnaryModels, name)(this.#wide('rs1')));
        return onward;
      case 'wideTernary': {
        const [left, right, modulus] = [this.#wide('rs1'), this.#wide('rs2'), this.#wide('rs3')];
        this.#setWide('rd', modelOf(wideTernaryModels, name)(left, right, modulus));
        return onward;
      }
      case 'wideSelect': {
        const [left, right, condition] = [this.#wide('rs1'), this.#wide('rs2'), this.#word('rs3')];
        this.#setWide('rd', condition !== 0n ? left : right);
        return onward;
      }
      case 'wideConstant': {
        const lanes = this.program.pool.subarray(8 * this.#operand('pool')).subarray(0, 8);
        let value = 0n;
        for (const lane of [...lanes].reverse()) value = (value << 32n) | BigInt(lane >>> 0);
        this.#setWide('rd', value);
        return onward;
      }
      case 'wideBranch': {
        const isTaken = modelOf(wideBranchModels, name)(this.#wide('rs1'), this.#wide('rs2'));
        return isTaken ? this.#operand('target') : onward;
      }
      case 'narrow': {
        const value = this.#wide('rs1');
        if (value >= 2n ** 64n) return this.#operand('target');
        this.#setWord('rd', value);
        return onward;
      }
      case 'truncate':
        this.#setWord('rd', this.#wide('rs1') % 2n ** 64n);
        return onward;
      case 'widen':
        this.#setWide('rd', this.#word('rs1'));
        return onward;
      case 'getGlobal':
        this.#setWord(
          'rd',
          fromElements(this.#access('global', 'global', this.#operand('global'))),
        );
        return onward;
      case 'setGlobal': {
        const value = this.#word('rs1');
        this.#access('global', 'global', this.#operand('global'), toElements(value, 4));
        return onward;
      }
      case 'getWindow': {
        const [, low, high] = this.#access('window', 'window', this.#operand('window'));
        this.#setWord('rd', BigInt(low + 65536 * high));
        return onward;
      }
      case 'setWindow': {
        const [segment, length] = [this.#word('rs1'), this.#word('rs2')];
        if (segment >= 2n ** 28n || length >= 2n ** 32n) return this.#operand('target');
        const [low, high] = toElements(length, 2);
        const value = [Number(segment), low, high, this.#operand('writable')];
        this.#access('window', 'window', this.#operand('window'), value);
        return onward;
      }
      default:
        throw new Error(`no meaning for format ${format satisfies never}`);
    }
  }

  #tableEntry(): number | undefined {
    const index = this.#word('rs1');
    if (index >= BigInt(this.#operand('length'))) return undefined;
    return this.program.tables[this.#operand('table')].pcs[Number(index)];
  }

  #call(target: number): number {
    const callee = this.fp + this.#operand('slide');
    if (callee >= this.program.limits.fpLimit) return this.program.runtimeEntries[0];
    this.#access('record', 'record', callee, [this.pc + 1, this.fp, this.sp, 0]);
    this.fp = callee;
    return target;
  }

  /** The segment that a window shows, or undefined where the bytes are outside or not to be written. */
  #segmentFor(address: bigint, bytes: number, isStore: boolean): number | undefined {
    const [segment, low, high, writable] = this.#access(
      'window',
      'window',
      this.#operand('window'),
    );
    const isInside = address + BigInt(bytes) <= BigInt(low + 65536 * high);
    return isInside && (!isStore || writable === 1) ? segment : undefined;
  }

  /** Bytes of memory; with `written` they are replaced. Cells are accessed in ascending order. */
  #bytes(segment: number, address: bigint, count: number, written?: number[]): number[] {
    const first = Number(address / 8n);
    const last = Number((address + BigInt(count) - 1n) / 8n);
    const bytes: number[] = [];
    for (let cell = first; cell <= last; cell++) {
      const old = fromElements(this.read('memory', cell, segment));
      let fresh = old;
      for (let i = 0n; i < 8n; i++) {
        const index = Number(BigInt(cell) * 8n + i - address);
        if (index < 0 || index >= count) continue;
        bytes.push(Number((old >> (8n * i)) & 0xffn));
        if (written !== undefined) {
          fresh = (fresh & ~(0xffn << (8n * i))) | (BigInt(written[index]) << (8n * i));
        }
      }
      const after = written === undefined ? undefined : toElements(fresh, 4);
      this.#access(`cell${cell - first}`, 'memory', cell, after, segment);
    }
    return bytes;
  }

  #memoryWord(name: string, isStore: boolean): number {
    const [, digits, suffix] = /^(?:ld|st)(8|16|32|64)(u|s|s32)?$/.exec(name) ?? [];
    const bits = Number(digits);
    const base = this.#word('rs1');
    const value = isStore ? this.#word('rs2') : 0n;
    const address = base + BigInt(this.#operand('offset'));
    const segment = this.#segmentFor(address, bits / 8, isStore);
    if (base >= 2n ** 32n || segment === undefined) return this.#operand('target');
    if (isStore) {
      const bytes = Array.from({ length: bits / 8 }, (_, i) =>
        Number((value >> BigInt(8 * i)) & 0xffn),
      );
      this.#bytes(segment, address, bits / 8, bytes);
      return this.pc + 1;
    }
    const raw = this.#bytes(segment, address, bits / 8).reduceRight(
      (sum, byte) => (sum << 8n) | BigInt(byte),
      0n,
    );
    const isSigned = suffix === 's' || suffix === 's32';
    const extended = isSigned ? BigInt.asIntN(bits, raw) : raw;
    this.#setWord('rd', BigInt.asUintN(suffix === 's32' ? 32 : 64, extended));
    return this.pc + 1;
  }

  #memoryWide(isStore: boolean): number {
    const address = this.#wide('rs1');
    const value = isStore ? this.#wide('rs2') : 0n;
    const segment = this.#segmentFor(address, 32, isStore);
    if (segment === undefined) return this.#operand('target');
    if (isStore) {
      const bytes = Array.from({ length: 32 }, (_, i) =>
        Number((value >> BigInt(8 * (31 - i))) & 0xffn),
      );
      this.#bytes(segment, address, 32, bytes);
      return this.pc + 1;
    }
    const bytes = this.#bytes(segment, address, 32);
    this.#setWide(
      'rd',
      bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
    );
    return this.pc + 1;
  }
}
