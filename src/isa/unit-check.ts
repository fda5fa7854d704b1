/**
 * What the linker refuses in a unit taken alone. Together with the fault rules of the chips this is what isolates
 * guests from each other and from the runtime. `spec/9-programs.md` lists the rules.
 */

import { checkInstruction, columnOf, isImmediate, operandValue, shapeOf } from './encoding.ts';
import type { Operand } from './formats.ts';
import { type Mnemonic, rowOf } from './instructions.ts';
import type { Unit } from './program.ts';
import { findWideViolation } from './wide-floor.ts';

export type LinkErrorCode =
  | 'malformed-unit'
  | 'bad-instruction'
  | 'not-privileged'
  | 'window-not-allowed'
  | 'global-not-allowed'
  | 'wide-register-below-frame'
  | 'target-outside'
  | 'table-entry-outside'
  | 'no-such-table'
  | 'table-length'
  | 'no-such-constant'
  | 'no-such-runtime-entry'
  | 'falls-through'
  | 'block-rule'
  | 'immediate-of-wnot'
  | 'too-many-tables'
  | 'too-many-constants'
  | 'duplicate-source'
  | 'duplicate-entry'
  | 'halt-count'
  | 'no-stub'
  | 'no-such-import'
  | 'too-long'
  | 'limits'
  | 'image';

/** Why units are not linked. */
export interface LinkError {
  readonly code: LinkErrorCode;
  /** Name of the unit; empty where the fault is in the program as a whole. */
  readonly unit: string;
  /** Local pc, -1 where none is concerned. */
  readonly pc: number;
  readonly message: string;
}

/** Greatest number of instructions of a program: `pc` stays below 2^28. */
export const PC_LIMIT = 2 ** 28;

/** The first rule that the unit breaks. `runtimeEntries` is how many entries the program's runtime has. */
export function checkUnit(unit: Unit, runtimeEntries: number): LinkError | undefined {
  const refuse = (code: LinkErrorCode, pc: number, message: string): LinkError => ({
    code,
    unit: unit.name,
    pc,
    message,
  });
  return (
    checkShape(unit, refuse) ??
    checkCode(unit, runtimeEntries, refuse) ??
    (unit.isPrivileged ? undefined : checkWide(unit, refuse))
  );
}

type Refuse = (code: LinkErrorCode, pc: number, message: string) => LinkError;

function checkShape(unit: Unit, refuse: Refuse): LinkError | undefined {
  const { code, tables, imports } = unit;
  const length = code.op.length;
  const isInside = (pc: number): boolean => Number.isInteger(pc) && pc >= 0 && pc < length;
  if (length === 0) return refuse('malformed-unit', -1, 'expected at least one instruction');
  if (Object.values(code).some((column: Int32Array) => column.length !== length)) {
    return refuse('malformed-unit', -1, 'expected columns of one length');
  }
  if (unit.sourceDigest.length !== 32) {
    return refuse(
      'malformed-unit',
      -1,
      `source digest: expected 32 bytes, got ${unit.sourceDigest.length}`,
    );
  }
  if (unit.pool.length % 8 !== 0) {
    return refuse('malformed-unit', -1, `pool: expected eight lanes each, got ${unit.pool.length}`);
  }
  if (!unit.isPrivileged && (imports.length > 0 || unit.runtimeEntries.length > 0)) {
    return refuse('not-privileged', -1, 'a guest has runtime entries or imports');
  }
  // Keys of tables and constants lie in the unit's own stretch of pcs.
  if (tables.length >= length) {
    return refuse('too-many-tables', -1, `${tables.length} tables for ${length} instructions`);
  }
  if (unit.pool.length / 8 > length) {
    return refuse(
      'too-many-constants',
      -1,
      `${unit.pool.length / 8} constants for ${length} instructions`,
    );
  }
  const names = new Set<string>();
  for (const { name, pc } of unit.entries) {
    if (!isInside(pc)) return refuse('target-outside', pc, `entry ${name} is outside the unit`);
    if (names.has(name)) return refuse('duplicate-entry', pc, `entry ${name} twice`);
    names.add(name);
  }
  for (const [number, pc] of unit.runtimeEntries.entries()) {
    if (!isInside(pc)) {
      return refuse('target-outside', pc, `runtime entry ${number} is outside the unit`);
    }
  }
  const imported = new Set(imports.map(({ table, index }) => `${table} ${index}`));
  if (imported.size !== imports.length) {
    return refuse('no-such-import', -1, 'two imports for one table entry');
  }
  for (const { table, index } of imports) {
    if (tables[table]?.[index] !== -1) {
      return refuse('no-such-import', -1, `table ${table} has no place for an import at ${index}`);
    }
  }
  for (const [table, entries] of tables.entries()) {
    for (const [index, pc] of entries.entries()) {
      if (isInside(pc) || (pc === -1 && imported.has(`${table} ${index}`))) continue;
      return refuse(
        'table-entry-outside',
        pc,
        `table ${table}, entry ${index} is outside the unit`,
      );
    }
  }
  return undefined;
}

function checkCode(unit: Unit, runtimeEntries: number, refuse: Refuse): LinkError | undefined {
  const { code } = unit;
  const length = code.op.length;
  const allowed: Allowed = {
    windows: new Set(unit.allowedWindows),
    globals: new Set(unit.allowedGlobals),
    runtimeEntries,
  };
  for (let pc = 0; pc < length; pc++) {
    const problem = checkInstruction(code, pc);
    if (problem) return refuse('bad-instruction', pc, problem.message);
    const { name, references } = shapeOf[code.op[pc]!]!;
    if (rowOf(name).privileged && !unit.isPrivileged) {
      return refuse('not-privileged', pc, `${name} is privileged`);
    }
    if (name === 'wnot' && !(isImmediate(code, pc) && code.immLow[pc] === 0)) {
      return refuse('immediate-of-wnot', pc, 'wnot: expected the immediate 0 as second source');
    }
    if (name === 'block') {
      const [need, grow, slide] = [code.rd[pc]!, code.rs1[pc]!, code.rs2[pc]!];
      if (slide < -need || slide > grow) {
        return refuse('block-rule', pc, `expected -${need} <= slide <= ${grow}, got ${slide}`);
      }
    }
    for (const operand of references) {
      const error = checkReference(unit, pc, name, operand, allowed);
      if (error) return refuse(error[0], pc, error[1]);
    }
  }
  // A call goes on behind itself when it returns, so it is no end either.
  const last = shapeOf[code.op[length - 1]!]!;
  if (last.flow !== 'never') {
    return refuse('falls-through', length - 1, `the last instruction, ${last.name}, can go on`);
  }
  return undefined;
}

interface Allowed {
  readonly windows: ReadonlySet<number>;
  readonly globals: ReadonlySet<number>;
  readonly runtimeEntries: number;
}

/** Checks an operand that names something outside the instruction. */
function checkReference(
  unit: Unit,
  pc: number,
  name: Mnemonic,
  operand: Operand,
  allowed: Allowed,
): readonly [LinkErrorCode, string] | undefined {
  const { code } = unit;
  switch (operand.kind) {
    case 'target': {
      const target = pc + code.target[pc]!;
      return target >= 0 && target < code.op.length
        ? undefined
        : ['target-outside', `${name}: target ${target} is outside the unit`];
    }
    case 'window': {
      const window = operandValue(code, pc, operand);
      return unit.isPrivileged || allowed.windows.has(window)
        ? undefined
        : ['window-not-allowed', `${name}: m${window} is not the unit's`];
    }
    case 'global': {
      const global = operandValue(code, pc, operand);
      return unit.isPrivileged || allowed.globals.has(global)
        ? undefined
        : ['global-not-allowed', `${name}: g${global} is not the unit's`];
    }
    case 'entry': {
      const entry = operandValue(code, pc, operand);
      return entry < allowed.runtimeEntries
        ? undefined
        : ['no-such-runtime-entry', `${name}: the runtime has no entry ${entry}`];
    }
    case 'pool': {
      const constant = operandValue(code, pc, operand);
      return constant < unit.pool.length / 8
        ? undefined
        : ['no-such-constant', `${name}: the pool has no constant ${constant}`];
    }
    case 'table': {
      const number = operandValue(code, pc, operand);
      const table = unit.tables[number];
      if (table === undefined) return ['no-such-table', `${name}: the unit has no table ${number}`];
      // An index is looked up modulo p, so the length must be that of the table: an index below it is below p.
      const length = columnOf(code, 'imm.high')[pc]! >>> 0;
      return length === table.length
        ? undefined
        : ['table-length', `${name}: table ${number} has ${table.length} entries, not ${length}`];
    }
    default:
      return undefined;
  }
}

function checkWide(unit: Unit, refuse: Refuse): LinkError | undefined {
  const violation = findWideViolation(unit);
  if (violation === undefined) return undefined;
  const { pc, operand, index, floor } = violation;
  return refuse(
    'wide-register-below-frame',
    pc,
    `${operand}: w[${index}] where the depth is known to be at least ${floor} only`,
  );
}
