/** The engine in plain TypeScript: what every phase means. One thread, ordinary arrays. */

import type { Engine } from '../engine.ts';
import { commitTables } from '../hash/merkle.ts';
import { findNonce } from '../hash/transcript.ts';
import { extendCoefficients, extendTable } from './columns.ts';
import { compositionColumns } from './composition.ts';
import { deepWord } from './deep-word.ts';
import { commitWord } from './fri.ts';
import { lookupColumns } from './lookup.ts';
import { openColumns } from './openings.ts';

export const plainEngine: Engine = {
  threads: 1,
  allocate: (length) => new Uint32Array(length),
  adopt: (column) => column,
  free() {},
  announce() {},
  async extendTables(tables, pause) {
    return sequentially(tables, (table) => extendTable(table, pause));
  },
  extendCoefficients,
  async commitTables(tables, pause) {
    const tree = commitTables(tables);
    await pause();
    return tree;
  },
  lookupColumns: (field, instance, tables, challenges, pause) =>
    sequentially(tables, (table) => lookupColumns(field, instance, table, challenges, pause)),
  compositionColumns,
  openColumns,
  deepWord,
  async commitWord(field, shape, word, walk, pause) {
    const commitment = commitWord(field, shape, word, walk);
    await pause();
    return commitment;
  },
  async findNonce(seed, bits) {
    return findNonce(seed, bits);
  },
};

async function sequentially<From, To>(
  items: readonly From[],
  convert: (item: From) => Promise<To>,
): Promise<To[]> {
  const converted: To[] = [];
  for (const item of items) converted.push(await convert(item));
  return converted;
}
