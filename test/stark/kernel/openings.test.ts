import { describe, expect, it } from 'vitest';
import { degree6 } from '../../../src/stark/field/degree6.ts';
import { qm31 } from '../../../src/stark/field/qm31.ts';
import { createOpenings } from '../../../src/stark/kernel/openings.ts';
import { openColumns } from '../../../src/stark/plain/openings.ts';
import {
  engage,
  type OpenedHeight,
  openedColumns,
  openedLayout,
  pause,
  randomPoint,
} from './opened-columns.ts';

const cases: [string, OpenedHeight[]][] = [
  ['one column of the least height', [{ logRows: 4, columns: 1, next: 0 }]],
  [
    'heights from 2^4 to 2^13',
    [13, 12, 11, 10, 9, 5, 4].map((logRows, k) => ({ logRows, columns: 3 + k, next: k })),
  ],
  [
    'many low columns',
    [
      { logRows: 6, columns: 150, next: 90 },
      { logRows: 5, columns: 1, next: 1 },
    ],
  ],
  ['a column of several tasks', [{ logRows: 17, columns: 2, next: 1 }]],
];

describe.each([qm31, degree6])('openings over $name', (field) => {
  it.each(cases)(
    'are those of the plain twin, by one thread and by two: %s',
    async (_, heights) => {
      const layout = openedLayout(heights);
      const points = [randomPoint(field, 1), randomPoint(field, 2)] as const;
      const plain = openedColumns(heights, undefined);
      const expected = await openColumns(field, layout, points, plain, pause);
      for (const threads of [1, 2]) {
        const { memory, crew } = engage(threads, 2 ** 22);
        const open = await createOpenings(memory, crew);
        const resident = openedColumns(heights, memory);
        const values = await open(field, layout, points, resident, pause);
        crew.close();
        expect(values).toEqual(expected);
      }
    },
  );
});
