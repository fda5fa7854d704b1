/**
 * The instruction table: the one home of every instruction.
 *
 * Encoding, assembler, dispatch, chips, the linker's checks and the pages of `spec/2-instructions.md`
 * follow from the formats and rows below. An instruction has the fields
 * `rd rs1 rs2 imm target` and a mark that its second source is the immediate; the format says what
 * each field means, which cells are accessed in which order, and which slot of the program message
 * carries which field. Semantics stand in `src/isa/semantics`, constraints in `src/isa/chips`; they
 * are two independent statements and neither is derived from the other.
 */

import { type Format, type FormatName, formats } from './formats.ts';

/** How control may leave an instruction other than to the next one. */
export type Flow = 'next' | 'branch' | 'fault' | 'never';

export interface InstructionRow {
  /** 1 to 255. In the program message an immediate adds 256. */
  readonly opcode: number;
  readonly format: FormatName;
  /** The chip that proves it, by name. */
  readonly chip: string;
  /**
   * `next`: goes on. `branch`: goes on or to the target. `fault`: goes on, or to the target with
   * nothing written. `never`: does not go on.
   */
  readonly flow: Flow;
  readonly privileged?: true;
  readonly meaning: string;
}

const family = <
  const Names extends readonly string[],
  const Row extends Omit<InstructionRow, 'opcode' | 'meaning'>,
>(
  base: number,
  names: Names,
  row: Row,
  meaning: (name: string) => string,
): Record<Names[number], Row & { readonly opcode: number; readonly meaning: string }> =>
  Object.fromEntries(
    names.map((name, i) => [name, { ...row, opcode: base + i, meaning: meaning(name) }]),
    // fromEntries forgets the keys
  ) as Record<Names[number], Row & { readonly opcode: number; readonly meaning: string }>;

/** `32` at the end of a word mnemonic: upper halves of sources ignored, upper half of the result 0. */
const widths: Record<string, string> = {
  add: 'rd = rs1 + rs2',
  sub: 'rd = rs1 - rs2',
  mul: 'rd = rs1 * rs2, low half',
  mulh: 'rd = upper half of the signed product',
  mulhu: 'rd = upper half of the unsigned product',
  div: 'rd = rs1 / rs2 signed, towards zero; -1 for rs2 = 0; rs1 for the overflowing quotient',
  divu: 'rd = rs1 / rs2 unsigned; all ones for rs2 = 0',
  rem: 'rd = rs1 mod rs2 with the sign of rs1; rs1 for rs2 = 0; 0 for the overflowing quotient',
  remu: 'rd = rs1 mod rs2 unsigned; rs1 for rs2 = 0',
  and: 'rd = rs1 AND rs2',
  or: 'rd = rs1 OR rs2',
  xor: 'rd = rs1 XOR rs2',
  sll: 'rd = rs1 << (rs2 mod width)',
  srl: 'rd = rs1 >> (rs2 mod width), zeros in',
  sra: 'rd = rs1 >> (rs2 mod width), sign in',
  rotl: 'rd = rs1 rotated left by rs2 mod width',
  rotr: 'rd = rs1 rotated right by rs2 mod width',
  clz: 'rd = number of leading zero bits, the width for 0',
  ctz: 'rd = number of trailing zero bits, the width for 0',
  popcnt: 'rd = number of one bits',
  seq: 'rd = 1 if rs1 = rs2, else 0',
  sne: 'rd = 1 if rs1 differs from rs2, else 0',
  slt: 'rd = 1 if rs1 < rs2 signed, else 0',
  sge: 'rd = 1 if rs1 >= rs2 signed, else 0',
  sltu: 'rd = 1 if rs1 < rs2 unsigned, else 0',
  sgeu: 'rd = 1 if rs1 >= rs2 unsigned, else 0',
  beq: 'to the target if rs1 = rs2',
  bne: 'to the target if rs1 differs from rs2',
  blt: 'to the target if rs1 < rs2 signed',
  bge: 'to the target if rs1 >= rs2 signed',
  bltu: 'to the target if rs1 < rs2 unsigned',
  bgeu: 'to the target if rs1 >= rs2 unsigned',
  sext8_: 'rd = low 8 bits of rs1, sign extended',
  sext16_: 'rd = low 16 bits of rs1, sign extended',
};

const wordMeaning = (name: string): string => {
  const narrow = name.endsWith('32') && name !== 'sext32';
  const stem = narrow ? name.slice(0, -2) : name;
  return `${widths[stem] ?? ''}${narrow ? ', 32 bits' : ', 64 bits'}`;
};

export const instructions = {
  // Word arithmetic. In each family bit 0.. of the opcode offset are properties that chips use linearly.
  ...family(
    0x01,
    ['add', 'sub', 'add32', 'sub32'],
    { format: 'alu', chip: 'add-sub', flow: 'next' },
    wordMeaning,
  ),
  ...family(0x08, ['mul'], { format: 'alu', chip: 'multiply', flow: 'next' }, wordMeaning),
  ...family(
    0x09,
    ['mulh', 'mulhu'],
    { format: 'alu', chip: 'multiply-high', flow: 'next' },
    wordMeaning,
  ),
  ...family(0x0b, ['mul32'], { format: 'alu', chip: 'multiply', flow: 'next' }, wordMeaning),
  ...family(
    0x10,
    ['divu', 'remu', 'div', 'rem', 'divu32', 'remu32', 'div32', 'rem32'],
    { format: 'alu', chip: 'divide', flow: 'next' },
    wordMeaning,
  ),
  ...family(
    0x18,
    ['and', 'or', 'xor'],
    { format: 'alu', chip: 'bitwise', flow: 'next' },
    wordMeaning,
  ),
  ...family(
    0x20,
    ['sll', 'srl', 'sra', 'rotl', 'rotr', 'sll32', 'srl32', 'sra32', 'rotl32', 'rotr32'],
    { format: 'alu', chip: 'shift', flow: 'next' },
    wordMeaning,
  ),
  ...family(
    0x30,
    [
      'seq',
      'sne',
      'slt',
      'sge',
      'sltu',
      'sgeu',
      'seq32',
      'sne32',
      'slt32',
      'sge32',
      'sltu32',
      'sgeu32',
    ],
    { format: 'alu', chip: 'compare', flow: 'next' },
    wordMeaning,
  ),
  ...family(
    0x40,
    [
      'beq',
      'bne',
      'blt',
      'bge',
      'bltu',
      'bgeu',
      'beq32',
      'bne32',
      'blt32',
      'bge32',
      'bltu32',
      'bgeu32',
    ],
    { format: 'branch', chip: 'branch', flow: 'branch' },
    wordMeaning,
  ),
  ...family(0x50, ['clz', 'ctz'], { format: 'unary', chip: 'count', flow: 'next' }, wordMeaning),
  ...family(0x52, ['popcnt'], { format: 'unary', chip: 'population', flow: 'next' }, wordMeaning),
  ...family(
    0x53,
    ['clz32', 'ctz32'],
    { format: 'unary', chip: 'count', flow: 'next' },
    wordMeaning,
  ),
  ...family(0x55, ['popcnt32'], { format: 'unary', chip: 'population', flow: 'next' }, wordMeaning),
  sext8: {
    opcode: 0x58,
    format: 'unary',
    chip: 'extend',
    flow: 'next',
    meaning: 'rd = low 8 bits of rs1, sign extended to 64',
  },
  sext16: {
    opcode: 0x59,
    format: 'unary',
    chip: 'extend',
    flow: 'next',
    meaning: 'rd = low 16 bits of rs1, sign extended to 64',
  },
  sext32: {
    opcode: 0x5a,
    format: 'unary',
    chip: 'extend',
    flow: 'next',
    meaning: 'rd = low 32 bits of rs1, sign extended to 64',
  },
  sext8_32: {
    opcode: 0x5b,
    format: 'unary',
    chip: 'extend',
    flow: 'next',
    meaning: 'rd = low 8 bits of rs1, sign extended to 32, upper half 0',
  },
  sext16_32: {
    opcode: 0x5c,
    format: 'unary',
    chip: 'extend',
    flow: 'next',
    meaning: 'rd = low 16 bits of rs1, sign extended to 32, upper half 0',
  },
  move: { opcode: 0x5e, format: 'move', chip: 'move', flow: 'next', meaning: 'rd = rs2' },
  select: {
    opcode: 0x5f,
    format: 'select',
    chip: 'select',
    flow: 'next',
    meaning: 'rd = rs1 if rs3 is not 0 (64 bits), else rs2',
  },

  // Control.
  jump: { opcode: 0x60, format: 'jump', chip: 'jump', flow: 'never', meaning: 'to the target' },
  call: {
    opcode: 0x61,
    format: 'call',
    chip: 'call',
    flow: 'fault',
    meaning:
      'slide fp up by slide, write the return record (pc + 1, fp, sp) at the new fp, go to the target; where the new fp would pass the limit of the program: nothing written, to runtime entry 0',
  },
  return: {
    opcode: 0x62,
    format: 'return',
    chip: 'return',
    flow: 'never',
    meaning: 'take pc, fp and sp from the return record at fp',
  },
  jumpx: {
    opcode: 0x63,
    format: 'jumpIndexed',
    chip: 'jump-indexed',
    flow: 'never',
    meaning:
      'to entry rs1 of the table; to the target if rs1 (64 bits, unsigned) is not below the length',
  },
  callx: {
    opcode: 0x64,
    format: 'callIndexed',
    chip: 'call-indexed',
    flow: 'fault',
    meaning:
      'call entry rs1 of the table; to the target if rs1 (64 bits, unsigned) is not below the length; faults as call',
  },
  jumpr: {
    opcode: 0x65,
    format: 'jumpRuntime',
    chip: 'jump-runtime',
    flow: 'never',
    meaning: 'to the runtime entry of that number',
  },
  callr: {
    opcode: 0x66,
    format: 'callRuntime',
    chip: 'call-runtime',
    flow: 'fault',
    meaning: 'call the runtime entry of that number; faults as call',
  },
  halt: {
    opcode: 0x67,
    format: 'halt',
    chip: 'halt',
    flow: 'never',
    privileged: true,
    meaning: 'end of the run',
  },

  // Metering.
  block: {
    opcode: 0x68,
    format: 'block',
    chip: 'block',
    flow: 'fault',
    meaning:
      'g0 -= gas, sp += slide; faults if g0 < gas, if need > depth or if depth + grow > 1024, where depth = sp mod 2048',
  },
  charge: {
    opcode: 0x69,
    format: 'charge',
    chip: 'charge',
    flow: 'fault',
    meaning: 'g0 -= rs1; faults if g0 < rs1',
  },

  // Memory. The address is rs1 + offset; a fault if it is 2^32 or more, ends past the window, or the window is read-only.
  ...family(
    0x70,
    ['ld8u', 'ld16u', 'ld32u', 'ld64', 'ld8s', 'ld16s', 'ld32s', 'ld8s32', 'ld16s32'],
    { format: 'load', chip: 'load', flow: 'fault' },
    loadMeaning,
  ),
  ...family(
    0x7c,
    ['st8', 'st16', 'st32', 'st64'],
    { format: 'store', chip: 'store', flow: 'fault' },
    (name) => `store the low ${name.slice(2)} bits of rs2, little endian`,
  ),
  wld: {
    opcode: 0x80,
    format: 'wideLoad',
    chip: 'wide-load',
    flow: 'fault',
    meaning: 'rd = 32 bytes at the wide address rs1, big endian; faults as loads do',
  },
  wst: {
    opcode: 0x81,
    format: 'wideStore',
    chip: 'wide-store',
    flow: 'fault',
    meaning: 'store rs2 as 32 bytes at the wide address rs1, big endian; faults as stores do',
  },

  // Wide words of 256 bits.
  ...family(
    0x88,
    ['wadd', 'wsub', 'wnot'],
    { format: 'wideAlu', chip: 'wide-add-sub', flow: 'next' },
    wideMeaning,
  ),
  wmul: {
    opcode: 0x8c,
    format: 'wideAlu',
    chip: 'wide-multiply',
    flow: 'next',
    meaning: 'rd = rs1 * rs2 mod 2^256',
  },
  ...family(
    0x90,
    ['wdiv', 'wmod', 'wsdiv', 'wsmod'],
    { format: 'wideAlu', chip: 'wide-divide', flow: 'next' },
    wideMeaning,
  ),
  ...family(
    0x94,
    ['waddmod', 'wmulmod'],
    { format: 'wideTernary', chip: 'wide-modular', flow: 'next' },
    wideMeaning,
  ),
  ...family(
    0x98,
    ['wand', 'wor', 'wxor'],
    { format: 'wideAlu', chip: 'wide-bitwise', flow: 'next' },
    wideMeaning,
  ),
  ...family(
    0xa0,
    ['weq', 'wlt', 'wgt', 'wslt', 'wsgt'],
    { format: 'wideAlu', chip: 'wide-compare', flow: 'next' },
    wideMeaning,
  ),
  ...family(
    0xa8,
    ['wshl', 'wshr', 'wsar', 'wbyte', 'wsignextend'],
    { format: 'wideAlu', chip: 'wide-shift', flow: 'next' },
    wideMeaning,
  ),
  wclz: {
    opcode: 0xae,
    format: 'wideUnary',
    chip: 'wide-count',
    flow: 'next',
    meaning: 'rd = number of leading zero bits, 256 for 0',
  },
  ...family(
    0xb0,
    ['wbeq', 'wbne', 'wblt', 'wbge', 'wbgt', 'wble', 'wbslt', 'wbsge', 'wbsgt', 'wbsle'],
    { format: 'wideBranch', chip: 'wide-branch', flow: 'branch' },
    wideMeaning,
  ),
  wmove: {
    opcode: 0xc0,
    format: 'wideUnary',
    chip: 'wide-move',
    flow: 'next',
    meaning: 'rd = rs1',
  },
  wselect: {
    opcode: 0xc1,
    format: 'wideSelect',
    chip: 'wide-select',
    flow: 'next',
    meaning: 'rd = rs1 if the word rs3 is not 0, else rs2',
  },
  wconst: {
    opcode: 0xc2,
    format: 'wideConstant',
    chip: 'wide-constant',
    flow: 'next',
    meaning: 'rd = constant of the pool',
  },
  narrow: {
    opcode: 0xc4,
    format: 'narrow',
    chip: 'narrow',
    flow: 'fault',
    meaning: 'word rd = wide rs1; faults if rs1 is 2^64 or more',
  },
  truncate: {
    opcode: 0xc5,
    format: 'truncate',
    chip: 'truncate',
    flow: 'next',
    meaning: 'word rd = wide rs1 mod 2^64',
  },
  widen: {
    opcode: 0xc6,
    format: 'widen',
    chip: 'widen',
    flow: 'next',
    meaning: 'wide rd = word rs1',
  },

  // Context.
  getg: {
    opcode: 0xd0,
    format: 'getGlobal',
    chip: 'get-global',
    flow: 'next',
    meaning: 'rd = the global register',
  },
  setg: {
    opcode: 0xd1,
    format: 'setGlobal',
    chip: 'set-global',
    flow: 'next',
    privileged: true,
    meaning: 'the global register = rs1',
  },
  getm: {
    opcode: 0xd2,
    format: 'getWindow',
    chip: 'get-window',
    flow: 'next',
    meaning: 'rd = byte length of the window',
  },
  setm: {
    opcode: 0xd3,
    format: 'setWindow',
    chip: 'set-window',
    flow: 'fault',
    privileged: true,
    meaning:
      'the window = (segment rs1, length rs2, writable); faults if rs1 >= 2^28 or rs2 >= 2^32',
  },
} as const satisfies Record<string, InstructionRow>;

export type Mnemonic = keyof typeof instructions;

function loadMeaning(name: string): string {
  const bits = Number.parseInt(name.slice(2), 10);
  const extension = name.endsWith('s32')
    ? ', sign extended to 32, upper half 0'
    : name.endsWith('s')
      ? ', sign extended'
      : '';
  return `rd = ${bits} bits in memory, little endian${extension}`;
}

function wideMeaning(name: string): string {
  const meanings: Record<string, string> = {
    wadd: 'rd = rs1 + rs2 mod 2^256',
    wsub: 'rd = rs1 - rs2 mod 2^256',
    wnot: 'rd = NOT rs1; its second source is always the immediate 0',
    wdiv: 'rd = rs1 / rs2; 0 for rs2 = 0',
    wmod: 'rd = rs1 mod rs2; 0 for rs2 = 0',
    wsdiv: 'rd = rs1 / rs2 signed, towards zero; 0 for rs2 = 0; rs1 for the overflowing quotient',
    wsmod: 'rd = rs1 mod rs2 with the sign of rs1; 0 for rs2 = 0',
    waddmod: 'rd = (rs1 + rs2) mod rs3, the sum unbounded; 0 for rs3 = 0',
    wmulmod: 'rd = (rs1 * rs2) mod rs3, the product unbounded; 0 for rs3 = 0',
    wand: 'rd = rs1 AND rs2',
    wor: 'rd = rs1 OR rs2',
    wxor: 'rd = rs1 XOR rs2',
    weq: 'rd = 1 if rs1 = rs2, else 0',
    wlt: 'rd = 1 if rs1 < rs2, else 0',
    wgt: 'rd = 1 if rs1 > rs2, else 0',
    wslt: 'rd = 1 if rs1 < rs2 signed, else 0',
    wsgt: 'rd = 1 if rs1 > rs2 signed, else 0',
    wshl: 'rd = rs1 << rs2; 0 for rs2 >= 256',
    wshr: 'rd = rs1 >> rs2, zeros in; 0 for rs2 >= 256',
    wsar: 'rd = rs1 >> rs2, sign in; all sign for rs2 >= 256',
    wbyte: 'rd = byte rs2 of rs1, byte 0 the most significant; 0 for rs2 >= 32',
    wsignextend: 'rd = the low 8 (rs2 + 1) bits of rs1, sign extended; rs1 for rs2 >= 31',
    wbeq: 'to the target if rs1 = rs2',
    wbne: 'to the target if rs1 differs from rs2',
    wblt: 'to the target if rs1 < rs2',
    wbge: 'to the target if rs1 >= rs2',
    wbgt: 'to the target if rs1 > rs2',
    wble: 'to the target if rs1 <= rs2',
    wbslt: 'to the target if rs1 < rs2 signed',
    wbsge: 'to the target if rs1 >= rs2 signed',
    wbsgt: 'to the target if rs1 > rs2 signed',
    wbsle: 'to the target if rs1 <= rs2 signed',
  };
  return meanings[name] ?? '';
}

/** By opcode; `undefined` where none is defined. */
export const mnemonicOf: readonly (Mnemonic | undefined)[] = Array.from(
  { length: 256 },
  (_, opcode) =>
    (Object.keys(instructions) as Mnemonic[]).find((name) => instructions[name].opcode === opcode),
);

export function rowOf(name: Mnemonic): InstructionRow {
  return instructions[name];
}

export function formatOf(name: Mnemonic): Format {
  return formats[instructions[name].format];
}
