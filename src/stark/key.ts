/**
 * The verifying key's digest: everything both sides must agree on before any instance.
 *
 * A system is written out canonically (chips in order, with columns, constraints, interactions,
 * sources, strides; buses; constant tables with their root; limits) and hashed. Expressions are
 * written as a list of distinct nodes in order of first use, so that the digest depends on what is
 * computed and not on which objects are shared. Names of columns and rules are in it, meanings and
 * comments are not.
 */

import { type Bus, type ChipDescription, checkDescription } from './air/chip.ts';
import type { Expr } from './air/expr.ts';
import { createByteWriter } from './bytes.ts';
import { isCanonical } from './field/m31.ts';
import { digest } from './hash/digest.ts';
import { accept, type Checked, refuse } from './rejection.ts';
import { fixedLogRows, type Instance, type System } from './system.ts';

/** 32 bytes. Cached per system object. */
export function keyDigest(system: System): Uint8Array {
  let found = digests.get(system);
  if (found === undefined) {
    found = digest(encodeSystem(system));
    digests.set(system, found);
  }
  return found;
}

const digests = new WeakMap<System, Uint8Array>();

/** The canonical bytes that {@link keyDigest} hashes. */
export function encodeSystem(system: System): Uint8Array {
  const writer = createByteWriter();
  writer.text('braid verifying key 1');
  writer.text(system.name);
  writer.u53(system.clockLimit);
  writer.bytes(system.constantRoot);
  writer.u32(system.buses.length);
  for (const bus of system.buses) {
    writer.text(bus.name);
    writer.u32(bus.id);
    writer.u32(bus.fields.length);
    for (const field of bus.fields) writer.text(field);
  }
  writer.u32(system.chips.length);
  for (const chip of system.chips) {
    for (const line of describeLines(chip)) writer.text(line);
    writer.text('end');
    const constant = system.constantTables.get(chip.name);
    writer.u32(constant === undefined ? 0 : constant.logRows);
  }
  return writer.finish();
}

/** 32 bytes, the same for chips that say the same. Cached per description. */
export function chipDigest(chip: ChipDescription): Uint8Array {
  let found = chipDigests.get(chip);
  if (found === undefined) {
    const writer = createByteWriter();
    for (const line of describeLines(chip)) writer.text(line);
    found = digest(writer.finish());
    chipDigests.set(chip, found);
  }
  return found;
}

const chipDigests = new WeakMap<ChipDescription, Uint8Array>();

/** One line for each fact of a chip; node numbers count within the chip. */
function describeLines(chip: ChipDescription): string[] {
  const lines = [
    `chip ${chip.name}`,
    `fixed ${chip.fixedSource} instances ${chip.instances} stride ${chip.stride}`,
    ...chip.columns.map(({ name }) => `column ${name}`),
    ...chip.fixedColumns.map(({ name }) => `fixed column ${name}`),
  ];
  const numbers = new Map<string, number>();
  const byExpr = new Map<Expr, number>();
  const numberOf = (expr: Expr): number => {
    const found = byExpr.get(expr);
    if (found !== undefined) return found;
    const text = nodeText(expr);
    let number = numbers.get(text);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(text, number);
      lines.push(text);
    }
    byExpr.set(expr, number);
    return number;
  };
  const nodeText = (expr: Expr): string => {
    switch (expr.kind) {
      case 'column':
        return `${expr.source} ${expr.index}`;
      case 'next':
        return `next ${expr.column.index}`;
      case 'lastRow':
        return 'lastRow';
      case 'constant':
        return `constant ${expr.value}`;
      case 'parameter':
        return `parameter ${expr.name}`;
      default:
        return `${expr.kind} ${numberOf(expr.left)} ${numberOf(expr.right)}`;
    }
  };
  for (const { name, expr } of chip.constraints) lines.push(`zero ${numberOf(expr)} ${name}`);
  for (const { name, bus, direction, message, multiplicity } of chip.interactions) {
    const parts = message.map(numberOf).join(' ');
    lines.push(`${direction} ${bus.id} (${parts}) times ${numberOf(multiplicity)} ${name}`);
  }
  return lines;
}

/**
 * Laws of a whole system, beyond those of each chip.
 *
 * @throws TypeError naming what breaks them.
 */
export function checkSystem(system: System): void {
  if (checked.has(system)) return;
  const fail = (what: string): never => {
    throw new TypeError(`system ${system.name}: ${what}`);
  };
  const ids = new Map<number, Bus>();
  for (const bus of system.buses) {
    if (!Number.isInteger(bus.id) || bus.id < 1 || bus.id > 0xffff) fail(`bus ${bus.name}: bad id`);
    if (ids.has(bus.id)) fail(`bus ${bus.name}: id ${bus.id} is taken`);
    ids.set(bus.id, bus);
  }
  if (system.constantRoot.length !== 32) fail('expected a constant root of 32 bytes');
  const names = new Set<string>();
  for (const chip of system.chips) {
    checkDescription(chip);
    if (names.has(chip.name)) fail(`chip ${chip.name}: name is taken`);
    names.add(chip.name);
    for (const { name, bus, message } of chip.interactions) {
      const known = ids.get(bus.id);
      if (known === undefined) fail(`${chip.name}, ${name}: unknown bus ${bus.name}`);
      if (known!.fields.length !== message.length) fail(`${chip.name}, ${name}: wrong width`);
    }
    if (!Number.isInteger(chip.stride) || chip.stride < 0) fail(`chip ${chip.name}: bad stride`);
    if (chip.columns.length === 0) fail(`chip ${chip.name}: no committed column`);
    if (chip.fixedSource !== 'none' && chip.instances !== 'one') {
      fail(`chip ${chip.name}: fixed columns need a single table`);
    }
    const constant = system.constantTables.has(chip.name);
    if (constant !== (chip.fixedSource === 'constant')) fail(`chip ${chip.name}: constant table`);
  }
  checked.add(system);
}

/** Systems known to be lawful. */
const checked = new WeakSet<System>();

/**
 * Laws of an instance: what a machine computes from a statement must fit its system. A machine should
 * never break them; but statements come from proofs, so this refuses and does not throw. Fixed cells are
 * not looked at one by one.
 *
 * @throws TypeError if the system is at fault, or fixed columns are missing altogether.
 */
export function checkInstance(instance: Instance): Checked<true> {
  const { system } = instance;
  checkSystem(system);
  const wrongLength = (where: string, expected: number, got: number) =>
    refuse({ code: 'wrong-length', where, expected, got });
  for (const chip of system.chips) {
    if (chip.fixedSource !== 'program') continue;
    const rows = 2 ** fixedLogRows(instance, chip)!;
    const { columns } = instance.fixedTables.get(chip.name)!;
    if (columns.length !== chip.fixedColumns.length) {
      return wrongLength(`columns of ${chip.name}`, chip.fixedColumns.length, columns.length);
    }
    const short = columns.find((column) => column.length !== rows);
    if (short !== undefined) return wrongLength(`fixed rows of ${chip.name}`, rows, short.length);
  }
  for (const [name, value] of Object.entries(instance.parameters)) {
    if (!isCanonical(value)) {
      return refuse({ code: 'not-canonical', where: `parameter ${name}`, got: value });
    }
  }
  for (const [index, { bus, message, multiplicity }] of instance.publicTerms.entries()) {
    const where = `public term ${index}`;
    // One width for each bus is what keeps messages of different lengths apart.
    const width = system.buses.find(({ id }) => id === bus.id)?.fields.length ?? 0;
    if (width !== message.length) return wrongLength(where, width, message.length);
    const wrong = [...message, multiplicity].find((value) => !isCanonical(value));
    if (wrong !== undefined) return refuse({ code: 'not-canonical', where, got: wrong });
  }
  return accept(true);
}
