/**
 * The binary decoder: bytes to a `Module`, one function for each section (Wasm 5.5).
 *
 * It checks what the grammar says (order, sizes, lengths, encodings of numbers and names) and nothing
 * of the types: that is `validate.ts`. Offsets are kept where a later error has to name one.
 */

import { CompileError } from '../frontend.ts';
import { type Expression, readExpression, readReferenceType, readValueType } from './expression.ts';
import { readFunctionNames } from './names.ts';
import { opcodeOf } from './opcodes.ts';
import { Reader } from './reader.ts';
import { FUNCREF, type FunctionType, type ValueType } from './value-types.ts';

export interface Limits {
  readonly minimum: number;
  /** Left out where none is declared. */
  readonly maximum?: number;
}

export interface TableType {
  readonly element: ValueType;
  readonly limits: Limits;
  readonly offset: number;
}

export interface MemoryType {
  readonly limits: Limits;
  readonly offset: number;
}

export interface GlobalType {
  readonly type: ValueType;
  readonly isMutable: boolean;
}

export type ExternalKind = 'function' | 'table' | 'memory' | 'global';

export type Import = { readonly module: string; readonly name: string; readonly offset: number } & (
  | { readonly kind: 'function'; readonly typeIndex: number }
  | { readonly kind: 'table'; readonly table: TableType }
  | { readonly kind: 'memory'; readonly memory: MemoryType }
  | { readonly kind: 'global'; readonly global: GlobalType }
);

export interface Global extends GlobalType {
  readonly value: Expression;
  readonly offset: number;
}

export interface Export {
  readonly name: string;
  readonly kind: ExternalKind;
  readonly index: number;
  readonly offset: number;
}

/** `active` segments are written at instantiation, at `start` of `target`. */
export type Placement =
  | { readonly mode: 'active'; readonly target: number; readonly start: Expression }
  | { readonly mode: 'passive' | 'declarative' };

export interface ElementSegment {
  readonly placement: Placement;
  readonly type: ValueType;
  /** Function indices, or one expression for each item. */
  readonly items:
    | { readonly kind: 'functions'; readonly functions: readonly number[] }
    | { readonly kind: 'expressions'; readonly expressions: readonly Expression[] };
  readonly offset: number;
}

export interface DataSegment {
  readonly placement: Placement;
  readonly bytes: Uint8Array;
  readonly offset: number;
}

export interface LocalRun {
  readonly count: number;
  readonly type: ValueType;
}

export interface FunctionBody {
  readonly typeIndex: number;
  /** Declared locals, parameters apart. */
  readonly locals: readonly LocalRun[];
  readonly body: Expression;
  readonly offset: number;
}

export interface Module {
  readonly types: readonly FunctionType[];
  readonly imports: readonly Import[];
  readonly functions: readonly FunctionBody[];
  readonly tables: readonly TableType[];
  readonly memories: readonly MemoryType[];
  readonly globals: readonly Global[];
  readonly exports: readonly Export[];
  readonly start?: { readonly index: number; readonly offset: number };
  readonly elements: readonly ElementSegment[];
  readonly data: readonly DataSegment[];
  /** Names of functions by index, from the custom section `name`. */
  readonly functionNames: ReadonlyMap<number, string>;
}

/** Sections by their number, in the order in which they must stand. */
const sectionOrder = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];
const MEMORY_INIT = opcodeOf('memory.init');
const DATA_DROP = opcodeOf('data.drop');

type Draft = { -readonly [Key in keyof Module]: Module[Key] } & {
  functionTypes: { readonly typeIndex: number; readonly offset: number }[];
  dataCount?: number;
};

/** Throws `CompileError` for bytes that are no module, or that use an encoding of a later version. */
export function decodeModule(bytes: Uint8Array): Module {
  const reader = new Reader(bytes);
  readHeader(reader);
  const draft: Draft = {
    types: [],
    imports: [],
    functions: [],
    tables: [],
    memories: [],
    globals: [],
    exports: [],
    elements: [],
    data: [],
    functionNames: new Map(),
    functionTypes: [],
  };
  let last = -1;
  while (!reader.isAtEnd) {
    const offset = reader.position;
    const id = reader.byte();
    const size = reader.u32();
    if (size > reader.end - reader.position) throw reader.malformed('length out of bounds', offset);
    const section = new Reader(bytes, reader.position, reader.position + size);
    if (id === 0) {
      readCustomSection(section, draft);
    } else {
      const place = sectionOrder.indexOf(id);
      if (id === 13) throw new CompileError('unsupported', 'exceptions', offset);
      if (place < 0) throw reader.malformed('malformed section id', offset);
      if (place <= last) throw reader.malformed('unexpected content after last section', offset);
      last = place;
      readSection(id, section, draft);
      if (!section.isAtEnd) throw section.malformed('section size mismatch');
    }
    reader.position += size;
  }
  checkCounts(draft, reader);
  return draft;
}

function readHeader(reader: Reader): void {
  if (reader.end < 4 || !startsWith(reader.bytes, [0x00, 0x61, 0x73, 0x6d], 0)) {
    throw reader.malformed('magic header not detected');
  }
  if (reader.end < 8 || !startsWith(reader.bytes, [0x01, 0x00, 0x00, 0x00], 4)) {
    throw reader.malformed('unknown binary version', 4);
  }
  reader.position = 8;
}

function startsWith(bytes: Uint8Array, start: readonly number[], at: number): boolean {
  return start.every((byte, i) => bytes[at + i] === byte);
}

function readSection(id: number, reader: Reader, draft: Draft): void {
  switch (id) {
    case 1:
      draft.types = reader.vector(() => readFunctionType(reader));
      break;
    case 2:
      draft.imports = reader.vector(() => readImport(reader));
      break;
    case 3:
      draft.functionTypes = reader.vector(() => ({
        offset: reader.position,
        typeIndex: reader.u32(),
      }));
      break;
    case 4:
      draft.tables = reader.vector(() => readTableType(reader));
      break;
    case 5:
      draft.memories = reader.vector(() => readMemoryType(reader));
      break;
    case 6:
      draft.globals = reader.vector(() => ({
        offset: reader.position,
        ...readGlobalType(reader),
        value: readExpression(reader),
      }));
      break;
    case 7:
      draft.exports = reader.vector(() => readExport(reader));
      break;
    case 8:
      draft.start = { offset: reader.position, index: reader.u32() };
      break;
    case 9:
      draft.elements = reader.vector(() => readElementSegment(reader));
      break;
    case 10:
      readCodeSection(reader, draft);
      break;
    case 11:
      draft.data = reader.vector(() => readDataSegment(reader));
      break;
    case 12:
      draft.dataCount = reader.u32();
      break;
  }
}

function readCustomSection(reader: Reader, draft: Draft): void {
  const name = reader.name();
  if (name === 'name') draft.functionNames = readFunctionNames(reader);
}

function readFunctionType(reader: Reader): FunctionType {
  const offset = reader.position;
  const form = reader.byte();
  if (form !== 0x60) {
    if (form === 0x5e || form === 0x5f || form === 0x4e || form === 0x4f || form === 0x50) {
      throw new CompileError('unsupported', 'garbage collection', offset);
    }
    throw reader.malformed('malformed function type', offset);
  }
  const parameters = reader.vector(() => readValueType(reader));
  return { parameters, results: reader.vector(() => readValueType(reader)) };
}

function readImport(reader: Reader): Import {
  const offset = reader.position;
  const module = reader.name();
  const name = reader.name();
  const kindOffset = reader.position;
  const kind = reader.byte();
  switch (kind) {
    case 0:
      return { module, name, offset, kind: 'function', typeIndex: reader.u32() };
    case 1:
      return { module, name, offset, kind: 'table', table: readTableType(reader) };
    case 2:
      return { module, name, offset, kind: 'memory', memory: readMemoryType(reader) };
    case 3:
      return { module, name, offset, kind: 'global', global: readGlobalType(reader) };
    case 4:
      throw new CompileError('unsupported', 'exceptions', kindOffset);
    default:
      throw reader.malformed('malformed import kind', kindOffset);
  }
}

function readTableType(reader: Reader): TableType {
  const offset = reader.position;
  return { offset, element: readReferenceType(reader), limits: readLimits(reader) };
}

function readMemoryType(reader: Reader): MemoryType {
  return { offset: reader.position, limits: readLimits(reader) };
}

function readLimits(reader: Reader): Limits {
  const offset = reader.position;
  const flags = reader.byte();
  if (flags === 2 || flags === 3) throw new CompileError('unsupported', 'threads', offset);
  if (flags === 4 || flags === 5) throw new CompileError('unsupported', '64-bit memory', offset);
  if (flags > 1) throw reader.malformed('malformed limits flags', offset);
  const minimum = reader.u32();
  return flags === 1 ? { minimum, maximum: reader.u32() } : { minimum };
}

function readGlobalType(reader: Reader): GlobalType {
  const type = readValueType(reader);
  const offset = reader.position;
  const mutability = reader.byte();
  if (mutability > 1) throw reader.malformed('malformed mutability', offset);
  return { type, isMutable: mutability === 1 };
}

const externalKinds: readonly ExternalKind[] = ['function', 'table', 'memory', 'global'];

function readExport(reader: Reader): Export {
  const offset = reader.position;
  const name = reader.name();
  const kindOffset = reader.position;
  const number = reader.byte();
  if (number === 4) throw new CompileError('unsupported', 'exceptions', kindOffset);
  const kind = externalKinds[number];
  if (kind === undefined) throw reader.malformed('malformed export kind', kindOffset);
  return { name, kind, index: reader.u32(), offset };
}

/** Bit 0: not active. Bit 1: declarative, or a table index is given. Bit 2: expressions. */
function readElementSegment(reader: Reader): ElementSegment {
  const offset = reader.position;
  const flags = reader.u32();
  if (flags > 7) throw reader.malformed('malformed elements segment kind', offset);
  let placement: Placement;
  if ((flags & 1) === 0) {
    const target = (flags & 2) !== 0 ? reader.u32() : 0;
    placement = { mode: 'active', target, start: readExpression(reader) };
  } else {
    placement = { mode: (flags & 2) !== 0 ? 'declarative' : 'passive' };
  }
  const hasKind = (flags & 3) !== 0;
  if ((flags & 4) === 0) {
    if (hasKind) readElementKind(reader);
    const functions = reader.vector(() => reader.u32());
    return { placement, type: FUNCREF, items: { kind: 'functions', functions }, offset };
  }
  const type = hasKind ? readReferenceType(reader) : FUNCREF;
  const expressions = reader.vector(() => readExpression(reader));
  return { placement, type, items: { kind: 'expressions', expressions }, offset };
}

function readElementKind(reader: Reader): void {
  const offset = reader.position;
  if (reader.byte() !== 0) throw reader.malformed('malformed element kind', offset);
}

function readDataSegment(reader: Reader): DataSegment {
  const offset = reader.position;
  const flags = reader.u32();
  if (flags > 2) throw reader.malformed('malformed data segment kind', offset);
  let placement: Placement = { mode: 'passive' };
  if (flags !== 1) {
    const target = flags === 2 ? reader.u32() : 0;
    placement = { mode: 'active', target, start: readExpression(reader) };
  }
  return { placement, bytes: reader.take(reader.u32()), offset };
}

function readCodeSection(reader: Reader, draft: Draft): void {
  const countOffset = reader.position;
  const count = reader.u32();
  if (count !== draft.functionTypes.length) {
    throw reader.malformed('function and code section have inconsistent lengths', countOffset);
  }
  const functions: FunctionBody[] = [];
  const needsDataCount = draft.dataCount === undefined;
  for (let i = 0; i < count; i++) {
    const size = reader.u32();
    const offset = reader.position;
    if (size > reader.end - offset) throw reader.malformed('length out of bounds', offset);
    const code = new Reader(reader.bytes, offset, offset + size);
    const locals = readLocals(code);
    const body = readExpression(code);
    if (!code.isAtEnd) throw code.malformed('END opcode expected');
    if (needsDataCount) checkNoDataIndex(body, reader);
    functions.push({ typeIndex: draft.functionTypes[i]!.typeIndex, locals, body, offset });
    reader.position = offset + size;
  }
  draft.functions = functions;
}

function readLocals(reader: Reader): LocalRun[] {
  let total = 0;
  return reader.vector(() => {
    const offset = reader.position;
    const count = reader.u32();
    total += count;
    if (total >= 2 ** 32) throw reader.malformed('too many locals', offset);
    return { count, type: readValueType(reader) };
  });
}

function checkNoDataIndex(body: Expression, reader: Reader): void {
  body.opcodes.forEach((opcode, i) => {
    if (opcode === MEMORY_INIT || opcode === DATA_DROP) {
      throw reader.malformed('data count section required', body.offsets[i]!);
    }
  });
}

function checkCounts(draft: Draft, reader: Reader): void {
  if (draft.functions.length !== draft.functionTypes.length) {
    throw reader.malformed('function and code section have inconsistent lengths');
  }
  if (draft.dataCount !== undefined && draft.dataCount !== draft.data.length) {
    throw reader.malformed('data count and data section have inconsistent lengths');
  }
}
