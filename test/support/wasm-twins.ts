/**
 * Integer twins of modules that only move floats about: every f32 becomes an i32 with the same bits, every
 * f64 an i64. Control flow, calls, locals, globals and memory behave the same, so that assertions about them
 * in modules with floats test an integer frontend too. A function that computes with floats becomes a
 * trap; which functions can reach one is told.
 */

import type { Expression } from '../../src/frontends/wasm/expression.ts';
import type { Module } from '../../src/frontends/wasm/module.ts';
import { opcodeOf, opcodeTable } from '../../src/frontends/wasm/opcodes.ts';
import { F32, F64, I32, I64, type ValueType } from '../../src/frontends/wasm/value-types.ts';

export interface Twin {
  readonly module: Module;
  /** Functions whose run may come to one that computed with floats. */
  readonly tainted: ReadonlySet<number>;
}

const twinType = (type: ValueType): ValueType => (type === F32 ? I32 : type === F64 ? I64 : type);

const twinOpcodes = new Map(
  [
    ['f32.const', 'i32.const'],
    ['f64.const', 'i64.const'],
    ['f32.load', 'i32.load'],
    ['f64.load', 'i64.load'],
    ['f32.store', 'i32.store'],
    ['f64.store', 'i64.store'],
    ['i32.reinterpret_f32', 'nop'],
    ['f32.reinterpret_i32', 'nop'],
    ['i64.reinterpret_f64', 'nop'],
    ['f64.reinterpret_i64', 'nop'],
  ].map(([name, twin]) => [opcodeOf(name!), opcodeOf(twin!)]),
);
const CALL = opcodeOf('call');
const CALL_INDIRECT = opcodeOf('call_indirect');

/** `undefined` where the expression computes with floats. */
function twinExpression(expression: Expression): Expression | undefined {
  const { opcodes, first, lists } = expression;
  const twins = opcodes.map((opcode) => twinOpcodes.get(opcode) ?? opcode);
  if (twins.some((opcode) => opcodeTable[opcode]!.lacks === 'floating point')) return undefined;
  return {
    ...expression,
    opcodes: twins,
    first: first.map((immediate, i) => {
      const isBlock = opcodeTable[opcodes[i]!]!.immediate === 'blockType';
      return isBlock && immediate < 0 ? twinType(immediate & 0x7f) - 0x80 : immediate;
    }),
    lists: opcodes.includes(opcodeOf('select_t')) ? lists.map(twinType) : lists,
  };
}

export function integerTwin(module: Module): Twin {
  const trap: Expression = {
    opcodes: [opcodeOf('unreachable'), opcodeOf('end')],
    offsets: [0, 0],
    first: [0, 0],
    second: [0, 0],
    lists: [],
  };
  const imported = module.imports.filter(({ kind }) => kind === 'function').length;
  const tainted = new Set<number>();
  const functions = module.functions.map((body, i) => {
    const twin = twinExpression(body.body);
    if (twin === undefined) tainted.add(imported + i);
    const locals = body.locals.map(({ count, type }) => ({ count, type: twinType(type) }));
    return { ...body, locals, body: twin ?? trap };
  });
  spreadTaint(module, imported, tainted);
  return {
    tainted,
    module: {
      ...module,
      types: module.types.map(({ parameters, results }) => ({
        parameters: parameters.map(twinType),
        results: results.map(twinType),
      })),
      globals: module.globals.map((global) => ({
        ...global,
        type: twinType(global.type),
        value: twinExpression(global.value) ?? global.value,
      })),
      functions,
    },
  };
}

/** Callers of tainted functions are tainted; an indirect call may come to any function. */
function spreadTaint(module: Module, imported: number, tainted: Set<number>): void {
  for (let before = -1; before !== tainted.size; ) {
    before = tainted.size;
    const isAny = tainted.size > 0;
    module.functions.forEach(({ body }, i) => {
      const reaches = body.opcodes.some(
        (opcode, k) =>
          (opcode === CALL && tainted.has(body.first[k]!)) || (opcode === CALL_INDIRECT && isAny),
      );
      if (reaches) tainted.add(imported + i);
    });
  }
}
