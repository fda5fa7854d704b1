import { blake3 as oracle } from '@noble/hashes/blake3.js';
import { describe, expect, it } from 'vitest';
import { digestToBytes, wordsToBytes } from '../../../src/stark/hash/digest.ts';
import { commitTables, type HashRows, hashRows } from '../../../src/stark/hash/merkle.ts';
import { LEAF_KEY, NODE_KEY } from '../../../src/stark/hash/merkle-verify.ts';
import { createHashRows } from '../../../src/stark/kernel/hash.ts';

/** Any 32-bit words: a row may hold what is no field element. */
function words(length: number, seed: number): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state ^ (state >>> 15);
  });
}

function columnsOf(width: number, count: number): Uint32Array[] {
  return Array.from({ length: width }, (_, k) => words(count, 31 * k + width));
}

/** A twin that must not be asked. */
const refuse: HashRows = () => {
  throw new Error('left to the plain twin');
};

describe('the BLAKE3 kernel', () => {
  // Around one block, one chunk (256 words) and chunk counts with and without complete subtrees.
  const widths = [0, 1, 3, 15, 16, 17, 31, 32, 33, 100, 255, 256, 257, 272, 511, 512, 513];
  const wide = [768, 1025, 1280, 1793, 2049];

  it.each([...widths, ...wide])('hashes leaves of %i words as the plain twin', async (width) => {
    const kernel = await createHashRows(refuse);
    const columns = columnsOf(width, 16);
    expect(kernel(LEAF_KEY, undefined, columns, 16)).toEqual(
      hashRows(LEAF_KEY, undefined, columns, 16),
    );
  });

  it.each([...widths, 1009])('hashes nodes with %i words of their own', async (width) => {
    const kernel = await createHashRows(refuse);
    const columns = columnsOf(width, 8);
    const children = words(8 * 16, 5);
    expect(kernel(NODE_KEY, children, columns, 8)).toEqual(
      hashRows(NODE_KEY, children, columns, 8),
    );
  });

  it.each([4, 8, 256, 512, 1024, 2048])('hashes %i rows, tile after tile', async (count) => {
    const kernel = await createHashRows(refuse);
    const columns = columnsOf(19, count);
    const children = words(16 * count, 6);
    for (const inner of [undefined, children]) {
      expect(kernel(NODE_KEY, inner, columns, count)).toEqual(
        hashRows(NODE_KEY, inner, columns, count),
      );
    }
  });

  it('forgets a longer row before a shorter one', async () => {
    const kernel = await createHashRows(refuse);
    const columns = columnsOf(40, 8);
    for (const width of [40, 5, 23, 1]) {
      const some = columns.slice(0, width);
      expect(kernel(LEAF_KEY, undefined, some, 8)).toEqual(hashRows(LEAF_KEY, undefined, some, 8));
    }
  });

  it('is standard BLAKE3', async () => {
    const kernel = await createHashRows(refuse);
    const columns = columnsOf(300, 4);
    const digests = kernel(LEAF_KEY, undefined, columns, 4);
    for (let row = 0; row < 4; row++) {
      const message = wordsToBytes(Uint32Array.from(columns, (column) => column[row]!));
      const expected = oracle(message, { key: digestToBytes(LEAF_KEY) });
      expect(digestToBytes(digests.subarray(8 * row, 8 * row + 8))).toEqual(expected);
    }
  });

  it('leaves less than four rows to its twin', async () => {
    const kernel = await createHashRows(hashRows);
    for (const count of [1, 2]) {
      const columns = columnsOf(3, count);
      expect(kernel(LEAF_KEY, undefined, columns, count)).toEqual(
        hashRows(LEAF_KEY, undefined, columns, count),
      );
    }
  });

  it('makes the same trees', async () => {
    const kernel = await createHashRows(hashRows);
    const tables = [
      { logHeight: 7, columns: columnsOf(37, 128) },
      { logHeight: 4, columns: columnsOf(290, 16) },
      { logHeight: 0, columns: columnsOf(2, 1) },
    ];
    const [plain, fast] = [commitTables(tables), commitTables(tables, kernel)];
    expect(fast.root).toEqual(plain.root);
    const indices = Uint32Array.of(0, 77, 127);
    expect(fast.open(indices)).toEqual(plain.open(indices));
  });
});
