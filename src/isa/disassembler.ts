/**
 * Units and programs as text. What `disassemble` prints of a unit, `assemble` reads back as the same unit.
 * The syntax is described in `spec/2-instructions.md`.
 */

import { instructionAt, isImmediate, mnemonicAt, operandValue } from './encoding.ts';
import { formatOf } from './instructions.ts';
import { printOperand } from './operand-syntax.ts';
import type { Code, Program, Unit } from './program.ts';

const MNEMONIC_WIDTH = 8;

/** Throws a RangeError for a target that is neither in the unit nor right behind it. */
export function disassemble(unit: Unit): string {
  return [...header(unit), ...body(unit)].join('\n').concat('\n');
}

/** All units, each under a comment with its base pc, and the image in comments. */
export function disassembleProgram(program: Program): string {
  const { windows, globals, cells } = program.image;
  const lines = [
    `; ${program.vm} program, entry ${program.entry}, fp below ${program.limits.fpLimit}`,
    ...windows.map(
      ({ window, segment, byteLength, isWritable }) =>
        `; m${window}: segment ${segment}, ${byteLength} bytes, ${isWritable ? 'writable' : 'read-only'}`,
    ),
    ...globals.map(({ global, low, high }) => {
      const value = BigInt(low >>> 0) | (BigInt(high >>> 0) << 32n);
      return `; g${global}: ${value}`;
    }),
    ...cells.map((entry) => `; segment ${entry.segment}: ${entry.cells.length} cells`),
  ];
  const units = program.units.map(({ unit, base }) => `\n; base ${base}\n${disassemble(unit)}`);
  return `${lines.join('\n')}\n${units.join('')}`;
}

/** The text of the instruction at `pc`, its target given as `label` says. */
export function instructionText(code: Code, pc: number, label: (pc: number) => string): string {
  const name = mnemonicAt(code, pc);
  const { operands, alternative } = formatOf(name);
  const texts = operands.map((operand) => {
    if (operand.kind === 'target') return label(pc + code.target[pc]!);
    if (isImmediate(code, pc) && operand.name === alternative?.instead) {
      const { imm } = instructionAt(code, pc);
      return alternative.kind === 'wordImmediate'
        ? `${BigInt.asIntN(64, imm)}`
        : `${BigInt.asUintN(32, imm)}`;
    }
    return printOperand(operand.kind, operandValue(code, pc, operand));
  });
  return texts.length === 0 ? name : `${name.padEnd(MNEMONIC_WIDTH)} ${texts.join(', ')}`;
}

const quoted = (text: string): string => JSON.stringify(text);
const labelName = (pc: number): string => `L${pc}`;

function header(unit: Unit): string[] {
  const lines = [
    `.unit ${quoted(unit.name)} ${quoted(unit.frontend)} ${unit.frontendVersion}`,
    `.source 0x${Array.from(unit.sourceDigest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`,
  ];
  if (unit.isPrivileged) lines.push('.privileged');
  if (unit.allowedWindows.length > 0) {
    lines.push(`.windows ${unit.allowedWindows.map((window) => `m${window}`).join(' ')}`);
  }
  if (unit.allowedGlobals.length > 0) {
    lines.push(`.globals ${unit.allowedGlobals.map((global) => `g${global}`).join(' ')}`);
  }
  for (let i = 0; i < unit.pool.length; i += 8) {
    let value = 0n;
    for (let lane = 7; lane >= 0; lane--) {
      value = (value << 32n) | BigInt(unit.pool[i + lane]! >>> 0);
    }
    lines.push(`.constant c${i / 8} 0x${value.toString(16)}`);
  }
  let next = 0;
  unit.tables.forEach((table, number) => {
    const imports = [];
    while (unit.imports[next]?.table === number) imports.push(unit.imports[next++]!);
    lines.push(
      imports.length > 0
        ? `.imports t${number} ${imports[0]!.guest} ${imports.map(({ entry }) => quoted(entry)).join(' ')}`
        : `.table t${number} ${Array.from(table, labelName).join(' ')}`.trimEnd(),
    );
  });
  for (const { name, pc } of unit.entries) lines.push(`.entry ${quoted(name)} ${labelName(pc)}`);
  unit.runtimeEntries.forEach((pc, number) => {
    lines.push(`.runtime ${number} ${labelName(pc)}`);
  });
  return lines;
}

/** Local pcs that some label must stand at. */
function labelled(unit: Unit): Set<number> {
  const { code } = unit;
  const pcs = new Set<number>(unit.entries.map(({ pc }) => pc));
  for (const pc of unit.runtimeEntries) pcs.add(pc);
  for (const table of unit.tables) for (const pc of table) if (pc !== -1) pcs.add(pc);
  for (let pc = 0; pc < code.op.length; pc++) {
    if (formatOf(mnemonicAt(code, pc)).operands.some(({ kind }) => kind === 'target')) {
      pcs.add(pc + code.target[pc]!);
    }
  }
  for (const pc of pcs) {
    if (pc < 0 || pc > code.op.length) throw new RangeError(`target: outside the unit, at ${pc}`);
  }
  return pcs;
}

function body(unit: Unit): string[] {
  const { code } = unit;
  const labels = labelled(unit);
  const lines: string[] = [];
  let offset = -1;
  let nextFunction = 0;
  for (let pc = 0; pc <= code.op.length; pc++) {
    while (unit.functions[nextFunction]?.start === pc) {
      lines.push(`.function ${quoted(unit.functions[nextFunction++]!.name)}`);
    }
    if (labels.has(pc)) lines.push(`${labelName(pc)}:`);
    if (pc === code.op.length) break;
    if (unit.sourceMap[pc] !== offset) {
      offset = unit.sourceMap[pc]!;
      lines.push(`.at ${offset}`);
    }
    lines.push(`  ${instructionText(code, pc, labelName)}`);
  }
  return lines;
}
