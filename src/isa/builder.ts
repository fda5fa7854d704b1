/**
 * The builder: makes units. Both frontends and the runtimes write their code with it.
 *
 * Instructions are appended one by one; labels may be used before they are placed and become relative targets in
 * `finish`. A register operand is a number, an immediate that stands instead of one is a bigint. All work is linear
 * in the number of instructions. A wrong operand throws a RangeError that names the operand and the pc.
 */

import { sourceDigestOfCode } from './digests.ts';
import { checkOperand, widthOfImmediate } from './encoding.ts';
import { type Field, type Format, formats, type Operand } from './formats.ts';
import { instructions, type Mnemonic } from './instructions.ts';
import type { ImportedEntry, Unit } from './program.ts';

/** A place in the code, perhaps not known yet. Made by {@link UnitBuilder.label}. */
export interface Label {
  readonly id: number;
  readonly name: string;
}

type FormatOf<Name extends Mnemonic> = (typeof formats)[(typeof instructions)[Name]['format']];

type Argument<F, O> = O extends { readonly kind: 'target' }
  ? Label
  : F extends { readonly alternative: { readonly instead: infer Instead } }
    ? O extends { readonly name: Instead }
      ? number | bigint
      : number
    : number;

type Arguments<F> = F extends { readonly operands: infer Operands }
  ? { readonly [I in keyof Operands]: Argument<F, Operands[I]> }
  : never;

/**
 * The operands of an instruction in the order of its text: labels for targets, numbers for all else, and a bigint
 * where an immediate stands instead of a register (64 bits signed or unsigned for words, 32 unsigned for wide ones).
 */
export type OperandsOf<Name extends Mnemonic> = Extract<
  Arguments<FormatOf<Name>>,
  readonly unknown[]
>;

/** All mnemonics of one format: `MnemonicWith<'alu'>`. */
export type MnemonicWith<F extends keyof typeof formats> = {
  [Name in Mnemonic]: (typeof instructions)[Name]['format'] extends F ? Name : never;
}[Mnemonic];

export type BranchName = MnemonicWith<'branch' | 'wideBranch'>;

/** Taken when the named branch would be taken. The right side may be an immediate. */
export type Condition = readonly [name: BranchName, left: number, right: number | bigint];

export interface UnitOptions {
  readonly name: string;
  readonly frontend: string;
  readonly frontendVersion: number;
  /** 32 bytes; left out: the digest of the finished code. */
  readonly sourceDigest?: Uint8Array;
  readonly isPrivileged?: boolean;
  readonly allowedWindows?: readonly number[];
  readonly allowedGlobals?: readonly number[];
}

const negations: Readonly<Record<BranchName, BranchName>> = {
  beq: 'bne',
  bne: 'beq',
  blt: 'bge',
  bge: 'blt',
  bltu: 'bgeu',
  bgeu: 'bltu',
  beq32: 'bne32',
  bne32: 'beq32',
  blt32: 'bge32',
  bge32: 'blt32',
  bltu32: 'bgeu32',
  bgeu32: 'bltu32',
  wbeq: 'wbne',
  wbne: 'wbeq',
  wblt: 'wbge',
  wbge: 'wblt',
  wbgt: 'wble',
  wble: 'wbgt',
  wbslt: 'wbsge',
  wbsge: 'wbslt',
  wbsgt: 'wbsle',
  wbsle: 'wbsgt',
};

/** The condition that holds exactly where this one does not. */
export function negate([name, left, right]: Condition): Condition {
  return [negations[name], left, right];
}

/** Instruction words: op, rd, rs1, rs2, immLow, immHigh, label (-1 for none). */
const WORDS = 7;

/** Long-lived mutable state: one unit in the making. */
export class UnitBuilder {
  private readonly options: UnitOptions;
  private words = new Int32Array(WORDS * 64);
  private offsets = new Int32Array(64);
  private count = 0;
  private sourceOffset = -1;
  /** Local pc of each label, -1 until placed. */
  private readonly places: number[] = [];
  private readonly labelNames: string[] = [];
  private readonly tables: (readonly Label[] | number)[] = [];
  private readonly imports: ImportedEntry[] = [];
  private readonly pool: number[] = [];
  private readonly poolIndex = new Map<string, number>();
  private readonly entryLabels: { readonly name: string; readonly label: Label }[] = [];
  private readonly runtimeLabels: (Label | undefined)[] = [];
  private readonly functionStarts: { readonly name: string; readonly start: number }[] = [];
  private nextRegister = 0;
  private isFinished = false;

  constructor(options: UnitOptions) {
    this.options = options;
  }

  /** The pc of the next instruction, local to the unit. */
  get pc(): number {
    return this.count;
  }

  /** A new label. The name appears in errors only. */
  label(name = ''): Label {
    this.places.push(-1);
    this.labelNames.push(name);
    return { id: this.places.length - 1, name };
  }

  /** Puts the label at the next instruction. Throws if it was placed before. */
  place(label: Label): void {
    if (this.places[label.id] !== -1) throw new Error(`label ${nameOf(label)}: placed twice`);
    this.places[label.id] = this.count;
  }

  /** A new label at the next instruction. */
  here(name = ''): Label {
    const label = this.label(name);
    this.place(label);
    return label;
  }

  isPlaced(label: Label): boolean {
    return this.places[label.id] !== -1;
  }

  /** Byte offset in the source of the instructions that follow. */
  at(sourceOffset: number): void {
    this.sourceOffset = sourceOffset;
  }

  /** A function starts here; the name is for statistics. */
  function(name: string): void {
    this.functionStarts.push({ name, start: this.count });
  }

  /** A named entry point of the unit. */
  entry(name: string, label: Label): void {
    this.entryLabels.push({ name, label });
  }

  /** Runtime entry of that number, for `jumpr` and `callr`; numbers are used without gaps. Runtimes only. */
  runtimeEntry(number: number, label: Label): void {
    if (this.runtimeLabels[number] !== undefined)
      throw new RangeError(`runtime entry ${number}: defined twice`);
    this.runtimeLabels[number] = label;
  }

  /** An index table of labels; returns its number. */
  table(labels: readonly Label[]): number {
    return this.tables.push(labels) - 1;
  }

  /** An index table that the linker fills with entry points of a guest; returns its number. Runtimes only. */
  guestTable(guest: number, entries: readonly string[]): number {
    const table = this.tables.push(entries.length) - 1;
    entries.forEach((entry, index) => {
      this.imports.push({ table, index, guest, entry });
    });
    return table;
  }

  /** Number of a wide constant in the pool, each value once. */
  constant(value: bigint): number {
    return this.constantLanes(
      Array.from({ length: 8 }, (_, i) => Number(BigInt.asIntN(32, value >> BigInt(32 * i)))),
    );
  }

  /** Number of a wide constant given as eight lanes, least significant first. */
  constantLanes(lanes: ArrayLike<number>): number {
    let key = '';
    for (let i = 0; i < 8; i++) key += `${lanes[i]! | 0},`;
    const known = this.poolIndex.get(key);
    if (known !== undefined) return known;
    for (let i = 0; i < 8; i++) this.pool.push(lanes[i]! | 0);
    const number = this.pool.length / 8 - 1;
    this.poolIndex.set(key, number);
    return number;
  }

  /** Appends one instruction. */
  emit<Name extends Mnemonic>(name: Name, ...operands: OperandsOf<Name>): void;
  emit(name: Mnemonic, ...operands: readonly (number | bigint | Label)[]): void {
    this.emitOperands(name, operands);
  }

  /** As `emit`, for callers that know the mnemonic at run time only. */
  emitOperands(name: Mnemonic, operands: readonly (number | bigint | Label)[]): void {
    const row = instructions[name];
    const format: Format = formats[row.format];
    const at = this.grow();
    if (operands.length !== format.operands.length) {
      throw new RangeError(
        `${name} at pc ${this.count}: expected ${format.operands.length} operands, got ${operands.length}`,
      );
    }
    const words = this.words;
    words[at] = row.opcode;
    for (let i = 1; i < 6; i++) words[at + i] = 0;
    words[at + 6] = -1;
    for (let i = 0; i < operands.length; i++) {
      const operand = format.operands[i]!;
      const value = operands[i]!;
      if (typeof value === 'object') {
        if (operand.kind !== 'target') throw this.wrongOperand(name, operand, 'a label');
        words[at + 6] = value.id;
      } else if (typeof value === 'bigint') {
        this.putImmediate(name, format, operand, value, at);
      } else {
        if (operand.kind === 'target') throw this.wrongOperand(name, operand, `${value}`);
        checkOperand(name, operand, value, this.count);
        words[at + fieldIndex[operand.field]] = value;
      }
    }
    this.offsets[this.count] = this.sourceOffset;
    this.count++;
  }

  /**
   * Appends an instruction whose second source is a 64-bit immediate given as two lanes: what `emit` does with a
   * bigint, without making one. `operands` as for `emit`, with 0 in the place of the immediate.
   */
  emitLanes<Name extends MnemonicWith<'alu' | 'move' | 'branch'>>(
    name: Name,
    low: number,
    high: number,
    ...operands: OperandsOf<Name>
  ): void;
  emitLanes(
    name: Mnemonic,
    low: number,
    high: number,
    ...operands: readonly (number | bigint | Label)[]
  ): void {
    this.emitOperandsLanes(name, low, high, operands);
  }

  /** As `emitLanes`, for callers that know the mnemonic at run time only. */
  emitOperandsLanes(
    name: Mnemonic,
    low: number,
    high: number,
    operands: readonly (number | bigint | Label)[],
  ): void {
    const { alternative }: Format = formats[instructions[name].format];
    if (alternative?.kind !== 'wordImmediate') {
      throw new RangeError(`${name} at pc ${this.count}: takes no immediate of 64 bits`);
    }
    this.emitOperands(name, operands);
    const at = (this.count - 1) * WORDS;
    this.words[at] = this.words[at]! | 256;
    this.words[at + fieldIndex.rs2] = 0;
    this.words[at + 4] = low;
    this.words[at + 5] = high;
  }

  /** A fresh word register above all live ones of the frame. */
  register(): number {
    return this.nextRegister++;
  }

  /** `count` fresh neighbouring word registers; returns the first. */
  registers(count: number): number {
    this.nextRegister += count;
    return this.nextRegister - count;
  }

  /** Starts a frame of a new function with `taken` registers in use (its arguments). */
  frame(taken: number): void {
    this.nextRegister = taken;
  }

  /** Runs `body` and releases the registers taken in it. */
  scope<T>(body: () => T): T {
    const before = this.nextRegister;
    const result = body();
    this.nextRegister = before;
    return result;
  }

  /** The first register above all live ones: where a called frame may begin. At least 1. */
  get frameTop(): number {
    return Math.max(1, this.nextRegister);
  }

  /** To the label if the condition holds. */
  branch([name, left, right]: Condition, label: Label): void {
    this.emitOperands(name, [left, right, label]);
  }

  /** Runs `then` if the condition holds, `otherwise` if it does not. */
  if(condition: Condition, then: () => void, otherwise?: () => void): void {
    const end = this.label();
    const skip = otherwise === undefined ? end : this.label();
    this.branch(negate(condition), skip);
    then();
    if (otherwise !== undefined) {
      this.emit('jump', end);
      this.place(skip);
      otherwise();
    }
    this.place(end);
  }

  /** Repeats the body for ever; it leaves by the first label and starts over by the second. */
  loop(body: (end: Label, start: Label) => void): void {
    const start = this.here();
    const end = this.label();
    body(end, start);
    this.emit('jump', start);
    this.place(end);
  }

  /** Repeats the body while the condition holds, tested before each turn: one jump in all, one branch a turn. */
  while(condition: Condition, body: (end: Label, test: Label) => void): void {
    const start = this.label();
    const test = this.label();
    const end = this.label();
    this.emit('jump', test);
    this.place(start);
    body(end, test);
    this.place(test);
    this.branch(condition, start);
    this.place(end);
  }

  /**
   * Calls a function of the unit or a runtime entry: arguments (registers, or bigints for constants) go to r0, r1, …
   * of the new frame, which begins at `frameTop`; afterwards results come from there into the given registers.
   */
  call(
    callee: Label | { readonly runtimeEntry: number },
    argumentsOfCall: readonly (number | bigint)[] = [],
    results: readonly number[] = [],
  ): void {
    const slide = this.frameTop;
    argumentsOfCall.forEach((value, i) => {
      this.emit('move', slide + i, value);
    });
    if ('runtimeEntry' in callee) this.emit('callr', callee.runtimeEntry, slide);
    else this.emit('call', slide, callee);
    results.forEach((register, i) => {
      this.emit('move', register, slide + i);
    });
  }

  /** The unit. Throws if a label that is used was never placed, or a runtime entry is missing. */
  finish(): Unit {
    if (this.isFinished) throw new Error('finish: called twice');
    this.isFinished = true;
    const column = (index: number): Int32Array => {
      const out = new Int32Array(this.count);
      for (let pc = 0; pc < this.count; pc++) out[pc] = this.words[pc * WORDS + index]!;
      return out;
    };
    const target = column(6);
    for (let pc = 0; pc < this.count; pc++) {
      target[pc] = target[pc] === -1 ? 0 : this.placeOf(target[pc]!, 'pc', pc) - pc;
    }
    const code = {
      op: column(0),
      rd: column(1),
      rs1: column(2),
      rs2: column(3),
      immLow: column(4),
      immHigh: column(5),
      target,
    };
    const { options } = this;
    const unit = {
      name: options.name,
      frontend: options.frontend,
      frontendVersion: options.frontendVersion,
      isPrivileged: options.isPrivileged ?? false,
      code,
      pool: Int32Array.from(this.pool),
      tables: this.tables.map((entries, table) =>
        typeof entries === 'number'
          ? new Int32Array(entries).fill(-1)
          : this.placesOf(entries, `table ${table}, entry`),
      ),
      imports: this.imports,
      entries: this.entryLabels.map(({ name, label }) => ({
        name,
        pc: this.placeOf(label.id, 'entry', name),
      })),
      runtimeEntries: Int32Array.from(this.runtimeLabels, (label, number) => {
        if (label === undefined) throw new Error(`runtime entry ${number}: not defined`);
        return this.placeOf(label.id, 'runtime entry', number);
      }),
      allowedWindows: [...(options.allowedWindows ?? [])].sort((left, right) => left - right),
      allowedGlobals: [...(options.allowedGlobals ?? [])].sort((left, right) => left - right),
      sourceMap: this.offsets.slice(0, this.count),
      functions: this.functionStarts,
    };
    return { ...unit, sourceDigest: options.sourceDigest ?? sourceDigestOfCode(unit) };
  }

  private placesOf(labels: readonly Label[], kind: string): Int32Array {
    return Int32Array.from(labels.map(({ id }, index) => this.placeOf(id, kind, index)));
  }

  /** Kind and name of the user are put together in an error only. */
  private placeOf(id: number, kind: string, user: string | number): number {
    const place = this.places[id]!;
    if (place === -1) {
      throw new Error(
        `label ${nameOf({ id, name: this.labelNames[id]! })}: used by ${kind} ${user}, never placed`,
      );
    }
    return place;
  }

  /** Room for one instruction more; returns its first word. */
  private grow(): number {
    if (this.count === this.offsets.length) {
      const words = new Int32Array(this.words.length * 2);
      words.set(this.words);
      this.words = words;
      const offsets = new Int32Array(this.offsets.length * 2);
      offsets.set(this.offsets);
      this.offsets = offsets;
    }
    return this.count * WORDS;
  }

  private putImmediate(
    name: Mnemonic,
    format: Format,
    operand: Operand,
    value: bigint,
    at: number,
  ): void {
    const { alternative } = format;
    if (alternative?.instead !== operand.name) throw this.wrongOperand(name, operand, `${value}n`);
    const bits = widthOfImmediate(alternative.kind);
    const least = bits === 64 ? -(2n ** 63n) : 0n;
    if (value < least || value >= 2n ** BigInt(bits)) {
      throw this.wrongOperand(name, operand, `the immediate ${value}n of more than ${bits} bits`);
    }
    this.words[at] = this.words[at]! | 256;
    this.words[at + 4] = Number(BigInt.asIntN(32, value));
    if (bits === 64) this.words[at + 5] = Number(BigInt.asIntN(32, value >> 32n));
  }

  private wrongOperand(name: Mnemonic, operand: Operand, got: string): RangeError {
    return new RangeError(
      `${operand.name} of ${name} at pc ${this.count}: expected ${operand.kind}, got ${got}`,
    );
  }
}

/** Which word of the buffer keeps a field; `target` is the label. */
const fieldIndex: Readonly<Record<Field, number>> = {
  rd: 1,
  rs1: 2,
  rs2: 3,
  imm: 4,
  'imm.low': 4,
  'imm.high': 5,
  target: 6,
};

function nameOf(label: Label): string {
  return label.name === '' ? `#${label.id}` : label.name;
}
