/**
 * Instruction formats: operands, accesses in order of time, slots of the program message.
 *
 * Word registers are `fp + i`, wide registers `sp + j`. Every chip, the recorder and the assembler read
 * these rows; `spec/2-instructions.md` prints them.
 */

/** What an operand names. Word registers are `fp + i`, wide registers `sp + j` with j signed. */
export type OperandKind =
  | 'word' // word register, 0 to 65535
  | 'wide' // wide register, -1024 to 1023
  | 'global' // 0 to 63
  | 'window' // 0 to 15
  | 'wordImmediate' // 64 bits; in text signed or unsigned
  | 'wideImmediate' // unsigned, below 2^32
  | 'offset' // unsigned, below 2^32
  | 'pool' // constant of the unit's pool
  | 'table' // index table of the unit
  | 'length' // entries of an index table, below 2^32
  | 'slide' // frame slide in word registers, 1 to 65535
  | 'signedSlide' // slide of sp, -1024 to 1024
  | 'depth' // 0 to 1024
  | 'gas' // unsigned, below 2^32
  | 'entry' // number of a runtime entry
  | 'flag' // 0 or 1
  | 'target'; // label; relative to the pc of the instruction

/** Where an operand is kept in the instruction. `imm.high` is imm >> 32, `imm.low` imm mod 2^32. */
export type Field = 'rd' | 'rs1' | 'rs2' | 'imm' | 'imm.low' | 'imm.high' | 'target';

export interface Operand {
  readonly name: string;
  readonly kind: OperandKind;
  readonly field: Field;
}

/**
 * One access to a cell; the k-th of the list happens at time `clk + k`.
 * `operand` names the register, window or global. Memory cells are `cell0`, `cell1`, …; the record of a
 * call is `record`.
 */
export interface Access {
  readonly space: 'word' | 'wide' | 'global' | 'window' | 'record' | 'memory';
  readonly direction: 'read' | 'write';
  readonly operand: string;
}

export interface Format {
  /** In the order of the assembler text. */
  readonly operands: readonly Operand[];
  /** In the order of their timestamps. The operand that `alternative` replaces is skipped with an immediate. */
  readonly accesses: readonly Access[];
  /** An immediate that may stand instead of the register operand of the given name. */
  readonly alternative?: {
    readonly instead: string;
    readonly kind: 'wordImmediate' | 'wideImmediate';
  };
  /** Which operand each slot of the program message carries; 0 where none. Immediates fill x0 upwards. */
  readonly slots: {
    readonly s0?: string;
    readonly s1?: string;
    readonly x0?: string;
    readonly x1?: string;
    readonly x2?: string;
  };
}

const word = <const Name extends 'rd' | 'rs1' | 'rs2'>(name: Name) =>
  ({ name, kind: 'word', field: name }) as const;
const wide = <const Name extends 'rd' | 'rs1' | 'rs2'>(name: Name) =>
  ({ name, kind: 'wide', field: name }) as const;
const target = { name: 'target', kind: 'target', field: 'target' } as const;
const windowOperand = { name: 'window', kind: 'window', field: 'imm.high' } as const;
const readWord = (operand: string): Access => ({ space: 'word', direction: 'read', operand });
const writeWord = (operand: string): Access => ({ space: 'word', direction: 'write', operand });
const readWide = (operand: string): Access => ({ space: 'wide', direction: 'read', operand });
const writeWide = (operand: string): Access => ({ space: 'wide', direction: 'write', operand });
const readWindow: Access = { space: 'window', direction: 'read', operand: 'window' };
const readCells = (count: number): Access[] => cells(count, 'read');
const writeCells = (count: number): Access[] => cells(count, 'write');
const writeRecord: Access = { space: 'record', direction: 'write', operand: 'record' };
function cells(count: number, direction: Access['direction']): Access[] {
  return Array.from({ length: count }, (_, i) => ({
    space: 'memory',
    direction,
    operand: `cell${i}`,
  }));
}

export const formats = {
  alu: {
    operands: [word('rd'), word('rs1'), word('rs2')],
    accesses: [readWord('rs1'), readWord('rs2'), writeWord('rd')],
    alternative: { instead: 'rs2', kind: 'wordImmediate' },
    slots: { s0: 'rd', s1: 'rs1', x0: 'rs2' },
  },
  unary: {
    operands: [word('rd'), word('rs1')],
    accesses: [readWord('rs1'), writeWord('rd')],
    slots: { s0: 'rd', s1: 'rs1' },
  },
  move: {
    operands: [word('rd'), word('rs2')],
    accesses: [readWord('rs2'), writeWord('rd')],
    alternative: { instead: 'rs2', kind: 'wordImmediate' },
    slots: { s0: 'rd', x0: 'rs2' },
  },
  select: {
    operands: [word('rd'), word('rs1'), word('rs2'), { name: 'rs3', kind: 'word', field: 'imm' }],
    accesses: [readWord('rs1'), readWord('rs2'), readWord('rs3'), writeWord('rd')],
    slots: { s0: 'rd', s1: 'rs1', x0: 'rs2', x1: 'rs3' },
  },
  branch: {
    operands: [word('rs1'), word('rs2'), target],
    accesses: [readWord('rs1'), readWord('rs2')],
    alternative: { instead: 'rs2', kind: 'wordImmediate' },
    slots: { s1: 'rs1', x0: 'rs2' },
  },
  jump: { operands: [target], accesses: [], slots: {} },
  call: {
    operands: [{ name: 'slide', kind: 'slide', field: 'imm' }, target],
    accesses: [writeRecord],
    slots: { x0: 'slide' },
  },
  return: {
    operands: [],
    accesses: [{ space: 'record', direction: 'read', operand: 'record' }],
    slots: {},
  },
  jumpIndexed: {
    operands: [
      word('rs1'),
      { name: 'table', kind: 'table', field: 'imm.low' },
      { name: 'length', kind: 'length', field: 'imm.high' },
      target,
    ],
    accesses: [readWord('rs1')],
    slots: { s1: 'rs1', x0: 'table', x1: 'length' },
  },
  callIndexed: {
    operands: [
      word('rs1'),
      { name: 'table', kind: 'table', field: 'imm.low' },
      { name: 'length', kind: 'length', field: 'imm.high' },
      { name: 'slide', kind: 'slide', field: 'rd' },
      target,
    ],
    accesses: [readWord('rs1'), writeRecord],
    slots: { s0: 'slide', s1: 'rs1', x0: 'table', x1: 'length' },
  },
  jumpRuntime: {
    operands: [{ name: 'entry', kind: 'entry', field: 'imm' }],
    accesses: [],
    slots: { x0: 'entry' },
  },
  callRuntime: {
    operands: [
      { name: 'entry', kind: 'entry', field: 'imm' },
      { name: 'slide', kind: 'slide', field: 'rd' },
    ],
    accesses: [writeRecord],
    slots: { s0: 'slide', x0: 'entry' },
  },
  halt: { operands: [], accesses: [], slots: {} },
  load: {
    operands: [
      word('rd'),
      word('rs1'),
      { name: 'offset', kind: 'offset', field: 'imm.low' },
      windowOperand,
      target,
    ],
    accesses: [readWindow, readWord('rs1'), ...readCells(2), writeWord('rd')],
    slots: { s0: 'rd', s1: 'rs1', x0: 'offset', x2: 'window' },
  },
  store: {
    operands: [
      word('rs2'),
      word('rs1'),
      { name: 'offset', kind: 'offset', field: 'imm.low' },
      windowOperand,
      target,
    ],
    accesses: [readWindow, readWord('rs1'), readWord('rs2'), ...writeCells(2)],
    slots: { s0: 'rs2', s1: 'rs1', x0: 'offset', x2: 'window' },
  },
  block: {
    operands: [
      { name: 'gas', kind: 'gas', field: 'imm' },
      { name: 'need', kind: 'depth', field: 'rd' },
      { name: 'grow', kind: 'depth', field: 'rs1' },
      { name: 'slide', kind: 'signedSlide', field: 'rs2' },
      target,
    ],
    accesses: [{ space: 'global', direction: 'write', operand: 'gas register' }],
    slots: { s0: 'need', s1: 'grow', x0: 'gas', x2: 'slide' },
  },
  charge: {
    operands: [word('rs1'), target],
    accesses: [readWord('rs1'), { space: 'global', direction: 'write', operand: 'gas register' }],
    slots: { s1: 'rs1' },
  },
  wideAlu: {
    operands: [wide('rd'), wide('rs1'), wide('rs2')],
    accesses: [readWide('rs1'), readWide('rs2'), writeWide('rd')],
    alternative: { instead: 'rs2', kind: 'wideImmediate' },
    slots: { s0: 'rd', s1: 'rs1', x0: 'rs2' },
  },
  wideUnary: {
    operands: [wide('rd'), wide('rs1')],
    accesses: [readWide('rs1'), writeWide('rd')],
    slots: { s0: 'rd', s1: 'rs1' },
  },
  wideSelect: {
    operands: [wide('rd'), wide('rs1'), wide('rs2'), { name: 'rs3', kind: 'word', field: 'imm' }],
    accesses: [readWide('rs1'), readWide('rs2'), readWord('rs3'), writeWide('rd')],
    slots: { s0: 'rd', s1: 'rs1', x0: 'rs2', x1: 'rs3' },
  },
  wideTernary: {
    operands: [wide('rd'), wide('rs1'), wide('rs2'), { name: 'rs3', kind: 'wide', field: 'imm' }],
    accesses: [readWide('rs1'), readWide('rs2'), readWide('rs3'), writeWide('rd')],
    slots: { s0: 'rd', s1: 'rs1', x0: 'rs2', x1: 'rs3' },
  },
  wideConstant: {
    operands: [wide('rd'), { name: 'pool', kind: 'pool', field: 'imm' }],
    accesses: [writeWide('rd')],
    slots: { s0: 'rd', x0: 'pool' },
  },
  wideBranch: {
    operands: [wide('rs1'), wide('rs2'), target],
    accesses: [readWide('rs1'), readWide('rs2')],
    alternative: { instead: 'rs2', kind: 'wideImmediate' },
    slots: { s1: 'rs1', x0: 'rs2' },
  },
  narrow: {
    operands: [word('rd'), wide('rs1'), target],
    accesses: [readWide('rs1'), writeWord('rd')],
    slots: { s0: 'rd', s1: 'rs1' },
  },
  truncate: {
    operands: [word('rd'), wide('rs1')],
    accesses: [readWide('rs1'), writeWord('rd')],
    slots: { s0: 'rd', s1: 'rs1' },
  },
  widen: {
    operands: [wide('rd'), word('rs1')],
    accesses: [readWord('rs1'), writeWide('rd')],
    slots: { s0: 'rd', s1: 'rs1' },
  },
  wideLoad: {
    operands: [wide('rd'), wide('rs1'), windowOperand, target],
    accesses: [readWindow, readWide('rs1'), ...readCells(5), writeWide('rd')],
    alternative: { instead: 'rs1', kind: 'wideImmediate' },
    slots: { s0: 'rd', x0: 'rs1', x2: 'window' },
  },
  wideStore: {
    operands: [wide('rs2'), wide('rs1'), windowOperand, target],
    accesses: [readWindow, readWide('rs1'), readWide('rs2'), ...writeCells(5)],
    alternative: { instead: 'rs1', kind: 'wideImmediate' },
    slots: { s0: 'rs2', x0: 'rs1', x2: 'window' },
  },
  getGlobal: {
    operands: [word('rd'), { name: 'global', kind: 'global', field: 'imm' }],
    accesses: [{ space: 'global', direction: 'read', operand: 'global' }, writeWord('rd')],
    slots: { s0: 'rd', x0: 'global' },
  },
  setGlobal: {
    operands: [{ name: 'global', kind: 'global', field: 'imm' }, word('rs1')],
    accesses: [readWord('rs1'), { space: 'global', direction: 'write', operand: 'global' }],
    slots: { s1: 'rs1', x0: 'global' },
  },
  getWindow: {
    operands: [word('rd'), { name: 'window', kind: 'window', field: 'imm' }],
    accesses: [readWindow, writeWord('rd')],
    slots: { s0: 'rd', x0: 'window' },
  },
  setWindow: {
    operands: [
      { name: 'window', kind: 'window', field: 'imm.high' },
      word('rs1'),
      word('rs2'),
      { name: 'writable', kind: 'flag', field: 'imm.low' },
      target,
    ],
    accesses: [
      readWord('rs1'),
      readWord('rs2'),
      { space: 'window', direction: 'write', operand: 'window' },
    ],
    slots: { s0: 'rs2', s1: 'rs1', x0: 'writable', x2: 'window' },
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof formats;

/** By how much the clock advances: the number of access times, at least 1. */
export function strideOf(format: FormatName): number {
  return Math.max(1, formats[format].accesses.length);
}
