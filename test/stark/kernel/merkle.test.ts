import { afterAll, afterEach, expect, it } from 'vitest';
import { commitTables, type MerkleTable } from '../../../src/stark/hash/merkle.ts';
import { verifyOpening } from '../../../src/stark/hash/merkle-verify.ts';
import { KernelMemory } from '../../../src/stark/kernel/memory.ts';
import { createCommitTables, treeBytes } from '../../../src/stark/kernel/merkle.ts';
import { Crew } from '../../../src/stark/kernel/threads.ts';

const memory = new KernelMemory();
const crew = new Crew(memory, 2);
const commit = await createCommitTables(memory, crew);
const pause = (): Promise<void> => Promise.resolve();

afterEach(() => memory.end());
afterAll(() => crew.close());

/** Height and width of each table. */
type Shape = readonly (readonly [logHeight: number, width: number])[];

const shapes: readonly Shape[] = [
  // Every height alone, up to those that take rounds of tasks.
  ...Array.from({ length: 13 }, (_, logHeight): Shape => [[logHeight, 1 + (logHeight % 3)]]),
  [[11, 96]],
  [[13, 17]],
  // Lower tables at heights above, at and below the least range, the first and last one among them.
  [
    [7, 37],
    [4, 290],
    [0, 2],
  ],
  [
    [11, 40],
    [10, 300],
    [9, 1],
    [6, 257],
    [5, 16],
    [2, 3],
    [1, 600],
  ],
  [
    [3, 5],
    [12, 33],
    [12, 2],
    [3, 600],
    [8, 1],
  ],
  [
    [10, 0],
    [9, 20],
  ],
];

function tablesOf(shape: Shape): MerkleTable[] {
  const widths = shape.map(([logHeight, width]) => ({ logHeight, width }));
  const gaps = 4 * shape.reduce((sum, [height, width]) => sum + width * (2 ** height + 300), 0);
  memory.begin(treeBytes(widths) + gaps);
  let state = 1;
  return widths.map(({ logHeight, width }) => ({
    logHeight,
    columns: Array.from({ length: width }, () => {
      const column = memory.allocateRaw(2 ** logHeight);
      for (let row = 0; row < column.length; row++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        column[row] = state >>> 2;
      }
      return column;
    }),
  }));
}

for (const threads of [1, 2]) {
  it.each(shapes.map((shape) => ({ shape, name: shape.map(([h, w]) => `2^${h} x ${w}`) })))(
    `makes the plain tree over $name on ${threads} threads`,
    async ({ shape }) => {
      crew.engage(threads);
      const tables = tablesOf(shape);
      const before = tables.map(({ columns }) => columns.map((column) => column.slice()));
      const [plain, fast] = [commitTables(tables), await commit(tables, pause)];
      expect(fast.root).toEqual(plain.root);
      expect(fast.shape).toEqual(plain.shape);
      expect(tables.map(({ columns }) => columns)).toEqual(before);

      const height = 2 ** Math.max(...shape.map(([logHeight]) => logHeight));
      // The other half of the leaves' digests, all of them; then some.
      const half = Uint32Array.from({ length: Math.ceil(height / 2) }, (_, k) =>
        Math.min(2 * k + (k & 1), height - 1),
      );
      expect(fast.open(half).siblings).toEqual(plain.open(half).siblings);
      const some = Uint32Array.of(height - 1, 0, (77 * height) >>> 8, height - 1);
      const opening = fast.open(some);
      expect(opening).toEqual(plain.open(some));
      expect(verifyOpening('tree', fast.root, fast.shape, some, opening).ok).toBe(true);
    },
  );
}

it('takes no more memory than it says', async () => {
  crew.engage(2);
  const tables = tablesOf([
    [9, 20],
    [3, 300],
  ]);
  const columnBytes = memory.peakBytes;
  await commit(tables, pause);
  const shape = tables.map(({ logHeight, columns }) => ({ logHeight, width: columns.length }));
  expect(memory.peakBytes - columnBytes).toBeLessThanOrEqual(treeBytes(shape));
});

it('refuses columns of another length, and those that lie elsewhere', async () => {
  memory.begin(2 ** 20);
  const short = [{ logHeight: 3, columns: [memory.allocate(4)] }];
  await expect(commit(short, pause)).rejects.toThrow(RangeError);
  await expect(commit([], pause)).rejects.toThrow(RangeError);
  const elsewhere = [{ logHeight: 3, columns: [new Uint32Array(8)] }];
  await expect(commit(elsewhere, pause)).rejects.toThrow('lies elsewhere');
});

it('ends when the pause throws', async () => {
  // On two threads the other one may have made all calls before this one can pause.
  crew.engage(1);
  const stop = (): Promise<void> => Promise.reject(new Error('given up'));
  await expect(commit(tablesOf([[13, 40]]), stop)).rejects.toThrow('given up');
  memory.end();
  const tables = tablesOf([[13, 40]]);
  expect((await commit(tables, pause)).root).toEqual(commitTables(tables).root);
});
