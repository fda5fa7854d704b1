/**
 * Validation of modules (Wasm 3.4): everything but instruction sequences, which `validate-code.ts` does.
 *
 * A module that passes has no undefined behaviour; the lowering relies on every rule checked here.
 */

import { CompileError } from '../frontend.ts';
import { type Context, contextOf } from './context.ts';
import type { Expression } from './expression.ts';
import type { ElementSegment, Export, Limits, Module, Placement } from './module.ts';
import { opcodeOf } from './opcodes.ts';
import { type CodeRules, validateConstant, validateFunction } from './validate-code.ts';
import { FUNCREF, I32, isSameType, type ValueType } from './value-types.ts';

const PAGE_LIMIT = 65_536;
const REF_FUNC = opcodeOf('ref.func');

/** Throws `CompileError` of kind `invalid` at the first rule that is broken. */
export function validateModule(module: Module): Context {
  const context = contextOf(module);
  for (const item of module.imports) {
    if (item.kind === 'function' && module.types[item.typeIndex] === undefined) {
      throw invalid('unknown type', item.offset);
    }
  }
  for (const { typeIndex, offset } of module.functions) {
    if (module.types[typeIndex] === undefined) throw invalid('unknown type', offset);
  }
  for (const { limits, offset } of context.tables) validateLimits(limits, 2 ** 32 - 1, '', offset);
  for (const { limits, offset } of context.memories) {
    validateLimits(limits, PAGE_LIMIT, 'memory size must be at most 65536 pages', offset);
  }
  if (context.memories.length > 1) {
    throw invalid('multiple memories', context.memories[1]!.offset);
  }
  const rules: CodeRules = { context, declaredFunctions: declaredFunctions(module) };
  for (const { value, type, offset } of module.globals) {
    validateConstant(rules, value, type, offset);
  }
  validateExports(context);
  if (module.start !== undefined) validateStart(context, module.start.index, module.start.offset);
  for (const segment of module.elements) validateElements(rules, segment);
  for (const { placement, offset } of module.data) {
    if (placement.mode === 'active' && context.memories[placement.target] === undefined) {
      throw invalid(`unknown memory ${placement.target}`, offset);
    }
    validatePlacement(rules, placement, offset);
  }
  for (const body of module.functions) validateFunction(rules, body);
  return context;
}

function invalid(rule: string, offset: number): CompileError {
  return new CompileError('invalid', rule, offset);
}

function validateLimits(limits: Limits, bound: number, rule: string, offset: number): void {
  const { minimum, maximum } = limits;
  if (minimum > bound || (maximum !== undefined && maximum > bound)) throw invalid(rule, offset);
  if (maximum !== undefined && minimum > maximum) {
    throw invalid('size minimum must not be greater than maximum', offset);
  }
}

/** Functions that `ref.func` may name: those that occur outside of function bodies and the start. */
function declaredFunctions(module: Module): ReadonlySet<number> {
  const declared = new Set<number>();
  const collect = (expression: Expression): void => {
    expression.opcodes.forEach((opcode, i) => {
      if (opcode === REF_FUNC) declared.add(expression.first[i]!);
    });
  };
  for (const { value } of module.globals) collect(value);
  for (const { kind, index } of module.exports) if (kind === 'function') declared.add(index);
  for (const { items } of module.elements) {
    if (items.kind === 'functions') for (const index of items.functions) declared.add(index);
    else items.expressions.forEach(collect);
  }
  return declared;
}

function validateExports({ module, functionTypes, tables, memories, globals }: Context): void {
  const counts: Readonly<Record<Export['kind'], number>> = {
    function: functionTypes.length,
    table: tables.length,
    memory: memories.length,
    global: globals.length,
  };
  const names = new Set<string>();
  for (const { name, kind, index, offset } of module.exports) {
    if (index >= counts[kind]) throw invalid(`unknown ${kind} ${index}`, offset);
    if (names.has(name)) throw invalid('duplicate export name', offset);
    names.add(name);
  }
}

function validateStart({ module, functionTypes }: Context, index: number, offset: number): void {
  const typeIndex = functionTypes[index];
  if (typeIndex === undefined) throw invalid(`unknown function ${index}`, offset);
  if (!isSameType(module.types[typeIndex]!, { parameters: [], results: [] })) {
    throw invalid('start function', offset);
  }
}

function validateElements(rules: CodeRules, segment: ElementSegment): void {
  const { placement, type, items, offset } = segment;
  const { tables, functionTypes } = rules.context;
  if (placement.mode === 'active') {
    const table = tables[placement.target];
    if (table === undefined) throw invalid(`unknown table ${placement.target}`, offset);
    if (table.element !== type) throw invalid('type mismatch', offset);
  }
  validatePlacement(rules, placement, offset);
  if (items.kind === 'expressions') {
    for (const expression of items.expressions) validateConstant(rules, expression, type, offset);
  } else {
    if (type !== FUNCREF) throw invalid('type mismatch', offset);
    for (const index of items.functions) {
      if (functionTypes[index] === undefined) throw invalid(`unknown function ${index}`, offset);
    }
  }
}

function validatePlacement(rules: CodeRules, placement: Placement, offset: number): void {
  const type: ValueType = I32;
  if (placement.mode === 'active') validateConstant(rules, placement.start, type, offset);
}
