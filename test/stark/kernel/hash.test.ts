import { blake3 as oracle } from '@noble/hashes/blake3.js';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestToBytes, wordsToBytes } from '../../../src/stark/hash/digest.ts';
import { hashRows } from '../../../src/stark/hash/merkle.ts';
import { LEAF_KEY, NODE_KEY } from '../../../src/stark/hash/merkle-verify.ts';
import { assembleHash, hashNames } from '../../../src/stark/kernel/hash.ts';
import { KernelMemory, MAX_PAGES } from '../../../src/stark/kernel/memory.ts';
import { Crew } from '../../../src/stark/kernel/threads.ts';

const memory = new KernelMemory();
const crew = new Crew(memory, 1);
const limits = { initial: 1, maximum: MAX_PAGES, shared: memory.isShared };
const { hashLayer } = await crew.load(await WebAssembly.compile(assembleHash(limits)), hashNames);

beforeEach(() => memory.begin(2 ** 24));
afterEach(() => memory.end());
afterAll(() => crew.close());

/** Any 32-bit words: a row may hold what is no field element. */
function words(length: number, seed: number): Uint32Array {
  let state = seed;
  const array = memory.allocateRaw(length);
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    array[index] = state ^ (state >>> 15);
  }
  return array;
}

function columnsOf(width: number, count: number): Uint32Array[] {
  return Array.from({ length: width }, (_, k) => words(count, 31 * k + width));
}

/** Digests of the rows from `start` on, by the kernel. */
function digestsOf(
  key: Uint32Array,
  children: Uint32Array | undefined,
  columns: readonly Uint32Array[],
  start: number,
  rows: number,
): Uint32Array {
  const table = memory.allocateRaw(8 + columns.length);
  table.set(key);
  table.set(
    columns.map((column) => memory.addressOf(column)),
    8,
  );
  const digests = memory.allocate(8 * (start + rows));
  const at = memory.addressOf(table);
  const inner = children === undefined ? 0 : memory.addressOf(children);
  const to = memory.addressOf(digests);
  crew.call(hashLayer, at + 32, columns.length, inner, at, to, start, rows);
  return digests.slice(8 * start);
}

describe('the BLAKE3 kernel', () => {
  // Around one block, one chunk (256 words) and chunk counts with and without complete subtrees.
  const widths = [0, 1, 3, 15, 16, 17, 31, 32, 33, 100, 255, 256, 257, 272, 511, 512, 513, 600];
  const wide = [768, 1025, 1280, 1793, 2049, 4097];

  it.each([...widths, ...wide])('hashes leaves of %i words as the plain twin', (width) => {
    const columns = columnsOf(width, 16);
    expect(digestsOf(LEAF_KEY, undefined, columns, 0, 16)).toEqual(
      hashRows(LEAF_KEY, undefined, columns, 16),
    );
  });

  it.each([...widths, 239, 240, 241, 1009])('hashes nodes with %i words of their own', (width) => {
    const columns = columnsOf(width, 8);
    const children = words(8 * 16, 5);
    expect(digestsOf(NODE_KEY, children, columns, 0, 8)).toEqual(
      hashRows(NODE_KEY, children, columns, 8),
    );
  });

  it.each([4, 8, 12, 20, 256, 1020, 1024, 1028, 2048])(
    'hashes %i rows, tile after tile',
    (count) => {
      const columns = columnsOf(19, count);
      const children = words(16 * count, 6);
      for (const inner of [undefined, children]) {
        expect(digestsOf(NODE_KEY, inner, columns, 0, count)).toEqual(
          hashRows(NODE_KEY, inner, columns, count),
        );
      }
    },
  );

  it.each([4, 28, 1024, 1032])('hashes from row %i on', (start) => {
    const columns = columnsOf(21, start + 24);
    const children = words(16 * (start + 24), 7);
    for (const inner of [undefined, children]) {
      expect(digestsOf(LEAF_KEY, inner, columns, start, 24)).toEqual(
        hashRows(LEAF_KEY, inner, columns, start + 24).slice(8 * start),
      );
    }
  });

  it('writes nothing but its rows', () => {
    const columns = columnsOf(5, 16);
    const table = memory.allocateRaw(13);
    table.set(LEAF_KEY);
    columns.forEach((column, k) => {
      table[8 + k] = memory.addressOf(column);
    });
    const digests = memory.allocateRaw(8 * 16).fill(7);
    const before = columns.map((column) => column.slice());
    const at = memory.addressOf(table);
    crew.call(hashLayer, at + 32, 5, 0, at, memory.addressOf(digests), 4, 8);
    expect([...digests.subarray(0, 32), ...digests.subarray(96)].every((word) => word === 7)).toBe(
      true,
    );
    expect(digests.slice(32, 96)).toEqual(hashRows(LEAF_KEY, undefined, columns, 16).slice(32, 96));
    expect(columns).toEqual(before);
  });

  it('forgets a longer row before a shorter one', () => {
    const columns = columnsOf(40, 8);
    for (const width of [40, 5, 23, 1]) {
      const some = columns.slice(0, width);
      expect(digestsOf(LEAF_KEY, undefined, some, 0, 8)).toEqual(
        hashRows(LEAF_KEY, undefined, some, 8),
      );
    }
  });

  it('is standard BLAKE3', () => {
    const columns = columnsOf(300, 4);
    const digests = digestsOf(LEAF_KEY, undefined, columns, 0, 4);
    for (let row = 0; row < 4; row++) {
      const message = wordsToBytes(Uint32Array.from(columns, (column) => column[row]!));
      const expected = oracle(message, { key: digestToBytes(LEAF_KEY) });
      expect(digestToBytes(digests.subarray(8 * row, 8 * row + 8))).toEqual(expected);
    }
  });
});
