/**
 * Text to unit: one directive, label or instruction a line, comments behind `;`.
 *
 * Operands are read as the formats say; nothing here knows a single instruction. Any text is read or refused with the
 * number of the line. The syntax is described in `spec/2-instructions.md`.
 */

import { type Label, UnitBuilder } from './builder.ts';
import { rangeOf, widthOfImmediate } from './encoding.ts';
import type { Operand } from './formats.ts';
import { formatOf, instructions, type Mnemonic } from './instructions.ts';
import { readNumber, readOperand } from './operand-syntax.ts';
import type { Unit } from './program.ts';

export interface AssemblyError {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export type Assembled =
  | { readonly ok: true; readonly value: Unit }
  | { readonly ok: false; readonly error: AssemblyError };

/** Ends the reading; caught in `assemble` only. */
class Refusal extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

interface Line {
  readonly number: number;
  readonly words: readonly string[];
}

/** Linear in the text. */
export function assemble(text: string): Assembled {
  try {
    return { ok: true, value: new Assembler(readLines(text)).run() };
  } catch (error) {
    if (error instanceof Refusal) {
      return { ok: false, error: { line: error.line, message: error.message } };
    }
    throw error;
  }
}

/** Words are quoted strings, or anything between blanks and commas. */
const word = /"(?:[^"\\]|\\.)*"|;.*|[^\s,;"]+|./g;

function readLines(text: string): Line[] {
  const lines: Line[] = [];
  text.split(/\r?\n/).forEach((content, index) => {
    const words = (content.match(word) ?? []).filter(
      (part) => part.trim() !== '' && part !== ',' && !part.startsWith(';'),
    );
    if (words.length > 0) lines.push({ number: index + 1, words });
  });
  return lines;
}

interface Header {
  name: string;
  frontend: string;
  frontendVersion: number;
  isPrivileged: boolean;
  sourceDigest?: Uint8Array;
  allowedWindows: number[];
  allowedGlobals: number[];
}

/** State of one reading. */
class Assembler {
  private readonly lines: readonly Line[];
  private readonly builder: UnitBuilder;
  private readonly labels = new Map<
    string,
    { label: Label; firstUse: number; isPlaced: boolean }
  >();
  private readonly runtimeEntries = new Map<number, number>();
  private line: Line = { number: 1, words: [] };
  private tables = 0;

  constructor(lines: readonly Line[]) {
    this.lines = lines;
    this.builder = new UnitBuilder(this.readHeader());
  }

  run(): Unit {
    for (this.line of this.lines) {
      const head = this.line.words[0]!;
      if (head.startsWith('.')) this.directive(head);
      else if (head.endsWith(':')) this.place(head.slice(0, -1));
      else this.instruction(head);
    }
    for (const [name, { firstUse, isPlaced }] of this.labels) {
      if (!isPlaced) throw new Refusal(firstUse, `label ${name} stands nowhere`);
    }
    const missing = [...this.runtimeEntries.keys()].find(
      (number) => number > 0 && !this.runtimeEntries.has(number - 1),
    );
    if (missing !== undefined) {
      throw new Refusal(
        this.runtimeEntries.get(missing)!,
        `expected runtime entry ${missing - 1} before ${missing}`,
      );
    }
    return this.builder.finish();
  }

  private refuse(message: string): never {
    throw new Refusal(this.line.number, message);
  }

  private readHeader(): Header {
    const header: Header = {
      name: 'unit',
      frontend: 'text',
      frontendVersion: 1,
      isPrivileged: false,
      allowedWindows: [],
      allowedGlobals: [],
    };
    for (this.line of this.lines) {
      const [head, ...rest] = this.line.words;
      if (head === '.unit') {
        header.name = this.string(rest[0]);
        if (rest.length > 1) header.frontend = this.string(rest[1]);
        if (rest.length > 2) header.frontendVersion = this.number(rest[2], 0, 2 ** 31 - 1);
      } else if (head === '.source') {
        if (!/^0x[0-9a-f]{64}$/.test(rest[0] ?? '')) this.refuse('expected 32 bytes as 0x…');
        header.sourceDigest = Uint8Array.from({ length: 32 }, (_, i) =>
          Number.parseInt(rest[0]!.slice(2 + 2 * i, 4 + 2 * i), 16),
        );
      } else if (head === '.privileged') {
        header.isPrivileged = true;
      } else if (head === '.windows') {
        header.allowedWindows.push(...rest.map((text) => this.named('window', text)));
      } else if (head === '.globals') {
        header.allowedGlobals.push(...rest.map((text) => this.named('global', text)));
      }
    }
    return header;
  }

  private directive(head: string): void {
    const rest = this.line.words.slice(1);
    switch (head) {
      case '.unit':
      case '.source':
      case '.privileged':
      case '.windows':
      case '.globals':
        return; // read before
      case '.constant': {
        const value = readNumber(rest[1] ?? '');
        if (value === undefined || value < 0n || value >= 2n ** 256n) {
          this.refuse('expected a constant below 2^256');
        }
        const number = this.builder.constant(value);
        if (rest[0] !== `c${number}`) this.refuse(`expected the constant to be named c${number}`);
        return;
      }
      case '.table':
        this.checkTableName(rest[0]);
        this.builder.table(rest.slice(1).map((name) => this.label(name)));
        return;
      case '.imports':
        this.checkTableName(rest[0]);
        this.builder.guestTable(
          this.number(rest[1], 0, 2 ** 16),
          rest.slice(2).map((text) => this.string(text)),
        );
        return;
      case '.entry':
        this.builder.entry(this.string(rest[0]), this.label(rest[1]));
        return;
      case '.runtime': {
        const number = this.number(rest[0], 0, 65535);
        if (this.runtimeEntries.has(number)) this.refuse(`runtime entry ${number} twice`);
        this.runtimeEntries.set(number, this.line.number);
        this.builder.runtimeEntry(number, this.label(rest[1]));
        return;
      }
      case '.at':
        this.builder.at(this.number(rest[0], -1, 2 ** 31 - 1));
        return;
      case '.function':
        this.builder.function(this.string(rest[0]));
        return;
      default:
        this.refuse(`no directive ${head}`);
    }
  }

  private checkTableName(text: string | undefined): void {
    if (text !== `t${this.tables}`) this.refuse(`expected the table to be named t${this.tables}`);
    this.tables++;
  }

  private place(name: string): void {
    if (this.line.words.length > 1) this.refuse('expected a label alone on its line');
    const label = this.label(name);
    const entry = this.labels.get(name)!;
    if (entry.isPlaced) this.refuse(`label ${name} twice`);
    entry.isPlaced = true;
    this.builder.place(label);
  }

  private label(name: string | undefined): Label {
    if (name === undefined || !/^[A-Za-z_][\w.$-]*$/.test(name)) {
      this.refuse(`expected a label, got ${name ?? 'nothing'}`);
    }
    const known = this.labels.get(name);
    if (known) return known.label;
    const label = this.builder.label(name);
    this.labels.set(name, { label, firstUse: this.line.number, isPlaced: false });
    return label;
  }

  private instruction(name: string): void {
    if (!isMnemonic(name)) this.refuse(`no instruction ${name}`);
    const { operands, alternative } = formatOf(name);
    const texts = this.line.words.slice(1);
    if (texts.length !== operands.length) {
      this.refuse(`${name}: expected ${operands.length} operands, got ${texts.length}`);
    }
    this.builder.emitOperands(
      name,
      operands.map((operand, i) => {
        const isReplaceable = operand.name === alternative?.instead;
        return this.operand(operand, texts[i]!, isReplaceable ? alternative.kind : undefined);
      }),
    );
  }

  private operand(
    operand: Operand,
    text: string,
    alternative: 'wordImmediate' | 'wideImmediate' | undefined,
  ): number | bigint | Label {
    if (operand.kind === 'target') return this.label(text);
    if (operand.kind === 'wordImmediate') return this.refuse('an immediate stands alone');
    const value = readOperand(operand.kind, text);
    if (value !== undefined) return this.inRange(operand.name, value, ...rangeOf(operand.kind));
    const immediate = alternative ? readNumber(text) : undefined;
    if (alternative === undefined || immediate === undefined) {
      return this.refuse(`${operand.name}: expected ${operand.kind}, got ${text}`);
    }
    const bits = widthOfImmediate(alternative);
    const least = bits === 64 ? -(2n ** 63n) : 0n;
    if (immediate < least || immediate >= 2n ** BigInt(bits)) {
      this.refuse(`${operand.name}: expected an immediate of ${bits} bits, got ${text}`);
    }
    return immediate;
  }

  private inRange(name: string, value: bigint, least: number, greatest: number): number {
    if (value < BigInt(least) || value > BigInt(greatest)) {
      this.refuse(`${name}: expected ${least} to ${greatest}, got ${value}`);
    }
    return Number(value);
  }

  private number(text: string | undefined, least: number, greatest: number): number {
    const value = readNumber(text ?? '');
    if (value === undefined) this.refuse(`expected a number, got ${text ?? 'nothing'}`);
    return this.inRange('number', value, least, greatest);
  }

  private named(kind: 'window' | 'global', text: string): number {
    const value = readOperand(kind, text);
    if (value === undefined) this.refuse(`expected a ${kind}, got ${text}`);
    return this.inRange(kind, value, ...rangeOf(kind));
  }

  private string(text: string | undefined): string {
    if (text?.startsWith('"')) {
      try {
        const value: unknown = JSON.parse(text);
        if (typeof value === 'string') return value;
      } catch {
        // refused below
      }
    }
    return this.refuse(`expected a quoted string, got ${text ?? 'nothing'}`);
  }
}

function isMnemonic(name: string): name is Mnemonic {
  return Object.hasOwn(instructions, name);
}
