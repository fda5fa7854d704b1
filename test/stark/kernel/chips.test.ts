import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machine } from '../../../src/isa/machine.ts';
import { lookupColumnCount } from '../../../src/stark/air/chip.ts';
import type { ExtendedTable } from '../../../src/stark/engine.ts';
import { type KernelEngine, kernelEngine } from '../../../src/stark/kernel/engine.ts';
import { layoutTables } from '../../../src/stark/layout.ts';
import { memoryOf } from '../../../src/stark/memory-plan.ts';
import { profiles } from '../../../src/stark/parameters.ts';
import { plainEngine } from '../../../src/stark/plain/engine.ts';
import type { Instance, TraceTable } from '../../../src/stark/system.ts';
import { P } from '../../support/synthetic.ts';
import { createDice } from '../../support/tampering.ts';

/** Enough rows for the chips to be compiled, and for a block and a part of one. */
const LOG_ROWS = 8;

const noPause = async (): Promise<void> => {};

/** Random elements, a quarter of them at the ends of the range. Constraints need not hold for what is compared here. */
function randomColumn(rows: number, seed: number): Uint32Array {
  const dice = createDice(seed);
  const edges = [0, 1, P - 1, 0xffff];
  return Uint32Array.from({ length: rows }, () =>
    dice(4) === 0 ? edges[dice(edges.length)]! : dice(P),
  );
}

/** An instance of the machine whose program tables are random, and a random trace with one table of every chip. */
function createCase(): { instance: Instance; tables: TraceTable[] } {
  let seed = 1;
  const columns = (count: number, logRows: number): Uint32Array[] =>
    Array.from({ length: count }, () => randomColumn(2 ** logRows, seed++));
  const programTables = machine.chips.filter(({ fixedSource }) => fixedSource === 'program');
  const instance: Instance = {
    system: machine,
    digest: new Uint8Array(32),
    statement: new Uint8Array(0),
    parameters: { fpLimit: 12345 },
    fixedTables: new Map(
      programTables.map(({ name, fixedColumns }) => [
        name,
        { logRows: LOG_ROWS, columns: columns(fixedColumns.length, LOG_ROWS) },
      ]),
    ),
    publicTerms: [],
  };
  const tables = machine.chips.map((chip): TraceTable => {
    const logRows = machine.constantTables.get(chip.name)?.logRows ?? LOG_ROWS;
    const realRows = 2 ** logRows;
    return { chip, logRows, realRows, columns: columns(chip.columns.length, logRows) };
  });
  return { instance, tables };
}

const { instance, tables } = createCase();

describe.each(['P100', 'P128'] as const)('every chip of the machine, compiled for %s', (name) => {
  const profile = profiles[name];
  const { field } = profile;
  let engine: KernelEngine;

  beforeAll(async () => {
    engine = (await kernelEngine())!;
    engine.begin(memoryOf(instance, profile, tables), 2);
  });

  afterAll(() => engine.end());

  const challenge = (k: number) => randomColumn(field.degree, 1000 + k);
  const challenges = { alpha: challenge(1), beta: challenge(2), gamma: challenge(3) };

  it('has the lookup columns of the plain twin', async () => {
    const plain = await plainEngine.lookupColumns(field, instance, tables, challenges, noPause);
    const fast = await engine.lookupColumns(field, instance, tables, challenges, noPause);
    tables.forEach(({ chip }, index) => {
      expect(fast[index]!.claimed, chip.name).toEqual(plain[index]!.claimed);
      expect(fast[index]!.columns.length, chip.name).toBe(plain[index]!.columns.length);
      const different = plain[index]!.columns.findIndex(
        (column, k) => Buffer.compare(bytesOf(column), bytesOf(fast[index]!.columns[k]!)) !== 0,
      );
      expect(different, chip.name).toBe(-1);
    });
    engine.free(fast.flatMap(({ columns }) => columns));
  });

  it('has the composition of the plain twin', async () => {
    const claims = tables.map(({ logRows }, chip) => ({ chip, logRows }));
    const laidOut = layoutTables(instance, profile, claims);
    if (!laidOut.ok) throw new Error(JSON.stringify(laidOut.rejection));
    const claimed = tables.map((_, k) => challenge(10 + k));
    let seed = 5000;
    const extended = tables.map(({ chip, logRows }): ExtendedTable => {
      const columns = (count: number): Uint32Array[] =>
        Array.from({ length: count }, () => randomColumn(2 ** (logRows + 1), seed++));
      return {
        main: columns(chip.columns.length),
        interaction: columns(field.degree * lookupColumnCount(chip)),
        fixed: columns(chip.fixedColumns.length),
      };
    });
    const resident = extended.map((table) => ({
      main: table.main.map(engine.adopt),
      interaction: table.interaction.map(engine.adopt),
      fixed: table.fixed.map(engine.adopt),
    }));
    const all = [field, instance, laidOut.value] as const;
    const plain = await plainEngine.compositionColumns(
      ...all,
      extended,
      claimed,
      challenges,
      noPause,
    );
    const fast = await engine.compositionColumns(...all, resident, claimed, challenges, noPause);
    expect(fast.length).toBe(plain.length);
    plain.forEach((column, k) => {
      expect(Buffer.compare(bytesOf(column), bytesOf(fast[k]!)), `column ${k}`).toBe(0);
    });
  });
});

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
