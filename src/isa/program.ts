/**
 * Units and programs as plain data.
 *
 * A unit is the lowering of one source: position independent, its targets relative to their own pc, so that it is the
 * same rows wherever it is linked. A program is a linked list of units with absolute targets, its tables and
 * constants resolved, its image and its limits. `spec/9-programs.md` has the rules of linking.
 */

import type { Mnemonic } from './instructions.ts';

/** One instruction as a value: for text, encoding and tests. Fields that the format does not use are 0. */
export interface Instruction {
  readonly name: Mnemonic;
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  /** Unsigned, below 2^64. */
  readonly imm: bigint;
  /** The format's alternative: `imm` stands instead of a register. */
  readonly isImmediate: boolean;
  /** Relative to the pc of the instruction; 0 where the format has none. */
  readonly target: number;
}

/** Instructions as columns, all of one length. */
export interface Code {
  /** Opcode, plus 256 if the immediate alternative is used. */
  readonly op: Int32Array;
  readonly rd: Int32Array;
  readonly rs1: Int32Array;
  readonly rs2: Int32Array;
  /** Low and high half of the immediate, as signed lanes. */
  readonly immLow: Int32Array;
  readonly immHigh: Int32Array;
  /** In a unit relative to the pc of the instruction (0 where there is none), in a program absolute. */
  readonly target: Int32Array;
}

export interface EntryPoint {
  readonly name: string;
  /** Local pc. */
  readonly pc: number;
}

/** An index table entry of the runtime that the linker fills with an entry point of a guest. */
export interface ImportedEntry {
  readonly table: number;
  readonly index: number;
  /** Number of the guest, from 0. */
  readonly guest: number;
  readonly entry: string;
}

export interface Unit {
  readonly name: string;
  /** Who made it: `wasm`, `evm`, `runtime`, `text`, …, and the version of its lowering. */
  readonly frontend: string;
  readonly frontendVersion: number;
  /** 32 bytes. */
  readonly sourceDigest: Uint8Array;
  readonly isPrivileged: boolean;
  readonly code: Code;
  /** Wide constants: eight lanes each, least significant first. */
  readonly pool: Int32Array;
  /** Local pcs; -1 where an import stands. */
  readonly tables: readonly Int32Array[];
  /** Of privileged units only. */
  readonly imports: readonly ImportedEntry[];
  readonly entries: readonly EntryPoint[];
  /** Local pcs of the runtime entries by number; empty in guests. */
  readonly runtimeEntries: Int32Array;
  /** Windows and globals that a guest may name; a privileged unit may name all. */
  readonly allowedWindows: readonly number[];
  readonly allowedGlobals: readonly number[];
  /** Byte offset in the source for each pc, -1 where there is none. No part of the digest. */
  readonly sourceMap: Int32Array;
  /** Names for statistics, by ascending start. No part of the digest. */
  readonly functions: readonly { readonly name: string; readonly start: number }[];
}

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64';

export interface ProgramExport {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Initial cells of one segment, by ascending cell number. */
export interface ImageCells {
  readonly segment: number;
  readonly cells: Int32Array;
  /** Two lanes for each cell, low first. */
  readonly lanes: Int32Array;
}

export interface ImageWindow {
  readonly window: number;
  readonly segment: number;
  /** At most {@link WINDOW_BYTE_LIMIT}. */
  readonly byteLength: number;
  readonly isWritable: boolean;
}

export interface ImageGlobal {
  readonly global: number;
  readonly low: number;
  readonly high: number;
}

/** What stands in memory before the run, apart from what the statement adds (public input, gas). */
export interface Image {
  /** By ascending segment, each once. */
  readonly cells: readonly ImageCells[];
  /** By ascending number. */
  readonly windows: readonly ImageWindow[];
  /** By ascending number; never g0. */
  readonly globals: readonly ImageGlobal[];
  /** The return record of frame 0; its fp and sp are 0. */
  readonly recordPc: number;
}

export interface Limits {
  /** `fp` stays below. */
  readonly fpLimit: number;
}

/** What a program's index table holds; table 0 is that of the runtime entries, key 0. */
export interface ProgramTable {
  readonly key: number;
  /** Absolute pcs. */
  readonly pcs: Int32Array;
}

export interface ProgramUnit {
  readonly unit: Unit;
  /** Absolute pc of its first instruction. */
  readonly base: number;
}

export type VmKind = 'wasm' | 'evm';

export interface Program {
  readonly vm: VmKind;
  /** The runtime first. */
  readonly units: readonly ProgramUnit[];
  /**
   * For dispatch: targets are absolute, a `table` operand is an index into `tables`, a `pool` operand the number of
   * a constant in `pool`.
   */
  readonly code: Code;
  readonly tables: readonly ProgramTable[];
  /** Eight lanes for each constant. */
  readonly pool: Int32Array;
  /** The key of each constant: base pc of its unit plus its number there. */
  readonly poolKeys: Int32Array;
  /** Absolute pcs by entry number; entry 0 is taken when the call depth is exhausted. */
  readonly runtimeEntries: Int32Array;
  /** Where a run begins. */
  readonly entry: number;
  readonly limits: Limits;
  readonly image: Image;
  /** Cells of arguments in the public input, and of results in the output header. */
  readonly argumentCells: number;
  readonly resultCells: number;
  readonly exports: readonly ProgramExport[];
}

/** 2^32 - 2^16: an access of 32 bytes at an address below it cannot pass 2^32. */
export const WINDOW_BYTE_LIMIT = 2 ** 32 - 2 ** 16;
export const DEFAULT_FP_LIMIT = 2 ** 17;
export const OUTPUT_SEGMENT = 0;
export const PUBLIC_SEGMENT = 1;
export const PRIVATE_SEGMENT = 2;
/** The first segment of a program's own. */
export const FIRST_FREE_SEGMENT = 3;
/** Cells before the results in the output segment: status, reason, gas left, byte length, result count. */
export const OUTPUT_HEADER_CELLS = 5;
/** Cells before the arguments in the public input: export, gas limit, argument count, byte length. */
export const PUBLIC_HEADER_CELLS = 4;
