/**
 * What the frontend does not lower (yet): a valid module that needs it is refused, with the feature and the offset.
 *
 * Refusing is decided here, before lowering, so that the lowering may rely on every instruction it meets.
 */

import { CompileError } from '../frontend.ts';
import { braidFunctions } from './braid-imports.ts';
import type { Context } from './context.ts';
import { blockTypeByte, EMPTY_BLOCK } from './expression.ts';
import type { FunctionBody, Import, Module } from './module.ts';
import { opcodeTable } from './opcodes.ts';
import {
  FUNCREF,
  type FunctionType,
  isFloat,
  isReference,
  isSameType,
  type ValueType,
} from './value-types.ts';

/** As in the engines of browsers; it also bounds the moves for one branch or call. */
export const TYPE_LENGTH_LIMIT = 1000;
/** One page less than the format allows, so that every address and length fits 32 bits. */
export const PAGE_LIMIT = 65_535;

/** Throws `CompileError` of kind `unsupported`, or does nothing. */
export function checkSupport(context: Context): void {
  const { module } = context;
  for (const item of module.imports) checkImport(item, module);
  for (const { element, offset } of context.tables) {
    if (element !== FUNCREF) throw unsupported('reference types', offset);
  }
  for (const { limits, offset } of context.memories) {
    if (limits.minimum > PAGE_LIMIT) throw unsupported('a memory of 65536 pages', offset);
  }
  for (const { type, offset } of module.globals) checkType(type, offset);
  for (const { placement, offset } of module.data) {
    if (placement.mode === 'active' && placement.target !== 0) {
      throw unsupported('multiple memories', offset);
    }
  }
  for (const body of module.functions) checkBody(body, module);
}

function unsupported(feature: string, offset: number): CompileError {
  return new CompileError('unsupported', feature, offset);
}

function checkImport(item: Import, module: Module): void {
  const name = `import of ${item.kind} ${item.module}.${item.name}`;
  const known = item.module === 'braid' ? braidFunctions[item.name] : undefined;
  if (item.kind !== 'function' || known === undefined) throw unsupported(name, item.offset);
  if (!isSameType(module.types[item.typeIndex]!, known.type)) {
    throw unsupported(`${name} with another type`, item.offset);
  }
}

function checkType(type: ValueType, offset: number): void {
  if (isFloat(type)) throw unsupported('floating point', offset);
  if (isReference(type)) throw unsupported('reference types', offset);
}

function checkFunctionType({ parameters, results }: FunctionType, offset: number): void {
  for (const type of parameters) checkType(type, offset);
  for (const type of results) checkType(type, offset);
  if (parameters.length > TYPE_LENGTH_LIMIT || results.length > TYPE_LENGTH_LIMIT) {
    throw unsupported(`more than ${TYPE_LENGTH_LIMIT} parameters or results`, offset);
  }
}

function checkBody({ typeIndex, locals, body, offset }: FunctionBody, module: Module): void {
  checkFunctionType(module.types[typeIndex]!, offset);
  for (const { type, count } of locals) if (count > 0) checkType(type, offset);
  const { opcodes, offsets, first, second, lists } = body;
  for (let i = 0; i < opcodes.length; i++) {
    const { lacks, immediate } = opcodeTable[opcodes[i]!]!;
    const at = offsets[i]!;
    if (lacks !== undefined) throw unsupported(lacks, at);
    const operand = first[i]!;
    if (immediate === 'blockType') {
      const byte = blockTypeByte(operand);
      if (operand >= 0) checkFunctionType(module.types[operand]!, at);
      else if (byte !== EMPTY_BLOCK) checkType(byte, at);
    } else if (immediate === 'call') {
      checkFunctionType(module.types[operand]!, at);
    } else if (immediate === 'types') {
      for (let k = 0; k < second[i]!; k++) checkType(lists[operand + k]!, at);
    }
  }
}
