/**
 * The laws that every chip obeys, as one call in its test:
 *
 * - honest rows are accepted and tell the truth; the row of zeros is accepted and sends nothing;
 * - the forger finds no lie, neither from random lies nor from wrong instruction flags;
 * - with any rule deleted it finds one, unless the test names the rule as redundant and says why.
 *
 * Rules that differ in digits only are taken for symmetric: the first, the middle and the last of more
 * than three stand for all.
 */

import { expect, it } from 'vitest';
import type { InstructionChip } from '../../src/isa/chips/chip.ts';
import type { RowFacts } from '../../src/isa/chips/row.ts';
import { instructions } from '../../src/isa/instructions.ts';
import { cellsPerRow } from '../../src/stark/air/chip.ts';
import { MODULUS } from '../../src/stark/field/m31.ts';
import { Forger, type Judge, type Lie, randomNumbers } from './forger.ts';
import {
  type Case,
  fillRows,
  instructionAssumptions,
  instructionJudge,
  type Meaning,
} from './instruction-rows.ts';
import { type CompiledRules, compileRules } from './rules.ts';

/** Degree of the extension of the default profile, for counting cells. */
const EXTENSION_DEGREE = 4;

export interface DescriptionLaws {
  readonly compiled: CompiledRules;
  /** Windows of honest rows as `compiled` wants them: main cells, then fixed cells and last-row marks. */
  readonly honest: readonly Uint32Array[];
  readonly judge: Judge;
  /** Rules whose deletion opens nothing, with the reason. */
  readonly redundant?: Readonly<Record<string, string>>;
  /** Rules that a test of its own shows to be needed. */
  readonly shown?: readonly string[];
  /** Tries against the complete rules. */
  readonly tries?: number;
  /** Tries after which the forger gives up on a deleted rule. */
  readonly deletionTries?: number;
}

/** A row made by hand that one rule alone refuses: for rules that the search cannot get round. */
export interface Forgery {
  readonly rule: string;
  /** The honest row that it starts from. */
  readonly from: Case;
  /** Integers that become the values of cells, modulo p, by name of the column. */
  readonly cells?: Readonly<Record<string, number>>;
  /** What to add to cells. */
  readonly changes?: Readonly<Record<string, number>>;
}

export interface ChipLaws {
  readonly chip: InstructionChip;
  readonly forgeries?: readonly Forgery[];
  readonly cases: readonly Case[];
  readonly meaning: Meaning;
  readonly parameters?: Readonly<Record<string, number>>;
  readonly facts?: RowFacts;
  readonly redundant?: Readonly<Record<string, string>>;
  readonly tries?: number;
  readonly deletionTries?: number;
  /** Committed cells of one row; a change shows here. */
  readonly cells: number;
}

/** States the laws of an instruction chip as tests. */
export function chipLaws(laws: ChipLaws): void {
  const { chip, cases, meaning } = laws;
  const { description } = chip;
  const compiled = compileRules(description, laws.parameters, instructionAssumptions(chip));
  const judge = instructionJudge(chip, compiled, meaning);
  const honest = rowsOf(fillRows(chip, cases, meaning, laws.facts), compiled);

  it(`commits ${laws.cells} cells for each row`, () => {
    expect(cellsPerRow(description, EXTENSION_DEGREE)).toBe(laws.cells);
  });

  it('has a case for every instruction of the chip', () => {
    const names = Object.entries(instructions).filter(([, row]) => row.chip === description.name);
    const covered = new Set<string>(cases.map(({ name }) => name));
    expect(names.map(([name]) => name).filter((name) => !covered.has(name))).toEqual([]);
  });

  it('accepts the row of zeros, which sends nothing', () => {
    const zeros = new Uint32Array(compiled.cellCount);
    expect(brokenRules(compiled, zeros)).toEqual([]);
    const sending = compiled.faces.filter((face) => face.multiplicity.value(zeros) !== 0);
    const looking = compiled.rules.filter(
      ({ kind, multiplicity }) => kind !== 'constraint' && multiplicity!.value(zeros) !== 0,
    );
    expect([...sending, ...looking].map(({ name }) => name)).toEqual([]);
  });

  it('takes no row with wrong instruction flags', () => {
    const forger = new Forger(compiled, honest, judge);
    expect(describeLie(wrongFlags(compiled, honest, forger))).toBeUndefined();
  });

  const zeros = new Uint32Array(compiled.cellCount);
  // Every fourth start is a padding row, so that lies in padding are tried too.
  const starts = honest.flatMap((row, index) => (index % 3 === 0 ? [row, zeros] : [row]));
  const forgeries = laws.forgeries ?? [];
  const shown = forgeries.map(({ rule }) => rule);
  descriptionLaws({ ...laws, compiled, honest: starts, judge, shown });

  for (const [number, { rule, from, cells = {}, changes = {} }] of forgeries.entries()) {
    it(`needs "${rule}" against forgery ${number} by hand`, () => {
      const row = rowsOf(fillRows(chip, [from], meaning, laws.facts), compiled)[0]!;
      const set = (name: string, base: (index: number) => number, value: number): void => {
        const column = description.columns.find((entry) => entry.name === name);
        if (!column) throw new RangeError(`forgery: expected a column, got ${name}`);
        const residue = (base(column.index) + value) % MODULUS;
        row[column.index] = residue < 0 ? residue + MODULUS : residue;
      };
      for (const [name, value] of Object.entries(cells)) set(name, () => 0, value);
      for (const [name, value] of Object.entries(changes)) set(name, (index) => row[index]!, value);
      expect(brokenRules(compiled, row)).toEqual([rule]);
      expect(judge(row)).toBe('lie');
    });
  }
}

/** States the laws that need no instruction: for chips given by description and honest rows. */
export function descriptionLaws(laws: DescriptionLaws): void {
  const { compiled, honest, judge } = laws;
  const redundant = laws.redundant ?? {};
  const deletionTries = laws.deletionTries ?? 30_000;

  it(`accepts honest rows, and they tell the truth`, () => {
    const wrong = honest.flatMap((row) => {
      const broken = brokenRules(compiled, row);
      return broken.length === 0 && judge(row) === 'truth'
        ? []
        : [{ row: named(compiled, row), broken }];
    });
    expect(wrong.slice(0, 2)).toEqual([]);
  });

  it('uses every column', () => {
    const used = new Set<number>();
    for (const rule of compiled.rules) for (const cell of rule.cells) used.add(cell);
    for (const { message, multiplicity } of compiled.faces) {
      for (const form of [...message, multiplicity]) for (const cell of form.cells) used.add(cell);
    }
    const { columns } = compiled.description;
    expect(columns.filter(({ index }) => !used.has(index)).map(({ name }) => name)).toEqual([]);
  });

  it('withstands the forger', () => {
    const forger = new Forger(compiled, honest, judge);
    expect(describeLie(forger.search({ tries: laws.tries ?? 40_000, seed: 1 }))).toBeUndefined();
  });

  it('needs every rule', () => {
    const forger = new Forger(compiled, honest, judge);
    const idle = representatives(compiled, redundant).filter((deleted, k) => {
      if (laws.shown?.includes(deleted)) return false;
      return forger.search({ tries: deletionTries, seed: 100 + k, deleted }) === undefined;
    });
    expect(idle).toEqual([]);
  });

  if (Object.keys(redundant).length > 0) {
    it('is right about its redundant rules', () => {
      const names = new Set(compiled.rules.map(({ name }) => name));
      expect(Object.keys(redundant).filter((name) => !names.has(name))).toEqual([]);
      const forger = new Forger(compiled, honest, judge);
      const needed = Object.keys(redundant).filter((deleted, k) => {
        return (
          forger.search({ tries: Math.min(5_000, deletionTries), seed: 900 + k, deleted }) !==
          undefined
        );
      });
      expect(needed).toEqual([]);
    });
  }
}

/** Rows of columns as the forger wants them. */
export function rowsOf(columns: readonly Uint32Array[], compiled: CompiledRules): Uint32Array[] {
  return Array.from({ length: columns[0]!.length }, (_, index) => {
    const row = new Uint32Array(compiled.cellCount);
    columns.forEach((column, k) => {
      row[k] = column[index]!;
    });
    return row;
  });
}

export function brokenRules(compiled: CompiledRules, cells: Uint32Array): string[] {
  return compiled.rules.filter((rule) => rule.isBroken(cells)).map(({ name }) => name);
}

/** The rules to delete: of each group of names that differ in digits only, at most three. */
function representatives(
  compiled: CompiledRules,
  redundant: Readonly<Record<string, string>>,
): string[] {
  const groups = new Map<string, Set<string>>();
  for (const { name, kind } of compiled.rules) {
    if (kind === 'assumption' || name in redundant) continue;
    const group = `${kind} ${name.replace(/\d+/g, '#')}`;
    groups.set(group, (groups.get(group) ?? new Set()).add(name));
  }
  return [...groups.values()].flatMap((set) => {
    const names = [...set];
    if (names.length <= 3) return names;
    return [names[0]!, names[names.length >> 1]!, names[names.length - 1]!];
  });
}

/** All flags 0, and every pair of flags 1 at once, with as much repaired as the forger can. */
function wrongFlags(
  compiled: CompiledRules,
  honest: readonly Uint32Array[],
  forger: Forger,
): Lie | undefined {
  const fetch = compiled.faces.find(({ name }) => name === 'fetch')!;
  const flags = [...new Set([...fetch.multiplicity.cells, ...fetch.message[1]!.cells])];
  const random = randomNumbers(7);
  const sets: ReadonlyMap<number, number>[] = [new Map(flags.map((flag) => [flag, 0]))];
  flags.forEach((first, i) => {
    for (const second of flags.slice(i + 1))
      sets.push(
        new Map([
          [first, 1],
          [second, 1],
        ]),
      );
  });
  for (const [k, set] of sets.entries()) {
    for (let start = 0; start < 4; start++) {
      const row = honest[random(honest.length)]!;
      const lie = forger.searchFrom(row, set, { tries: 100, seed: 50 * k + start });
      if (lie) return lie;
    }
  }
  return undefined;
}

function named(compiled: CompiledRules, row: Uint32Array): Record<string, number> {
  return Object.fromEntries(
    Array.from(row.subarray(0, compiled.mainCells), (value, cell) => [
      compiled.nameOf(cell),
      value,
    ]),
  );
}

/** What a failing test shows of a lie. */
function describeLie(lie: Lie | undefined): Lie['changes'] | undefined {
  return lie?.changes;
}
