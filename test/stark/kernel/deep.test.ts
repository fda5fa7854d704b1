import { describe, expect, it } from 'vitest';
import { deepLines, deepPowers } from '../../../src/stark/deep.ts';
import { degree6 } from '../../../src/stark/field/degree6.ts';
import { qm31 } from '../../../src/stark/field/qm31.ts';
import { createDeepWord } from '../../../src/stark/kernel/deep.ts';
import { deepWord } from '../../../src/stark/plain/deep-word.ts';
import {
  engage,
  type OpenedHeight,
  openedColumns,
  openedLayout,
  pause,
  plainTransforms,
  randomElement,
  randomPoint,
  residues,
} from './opened-columns.ts';

const cases: [string, OpenedHeight[]][] = [
  ['one column of the least height', [{ logRows: 4, columns: 1, next: 0 }]],
  [
    'heights from 2^4 to 2^13',
    [13, 12, 10, 9, 5, 4].map((logRows, k) => ({ logRows, columns: 3 + k, next: k })),
  ],
  [
    'many low columns, one of them opened twice',
    [
      { logRows: 6, columns: 150, next: 0 },
      { logRows: 5, columns: 1, next: 1 },
    ],
  ],
  [
    'several tasks',
    [
      { logRows: 13, columns: 40, next: 0 },
      { logRows: 12, columns: 2, next: 2 },
    ],
  ],
];

describe.each([qm31, degree6])('the DEEP word over $name', (field) => {
  it.each(cases)('is that of the plain twin, by one thread and by two: %s', async (_, heights) => {
    const layout = openedLayout(heights);
    const points = [randomPoint(field, 1), randomPoint(field, 2)] as const;
    const opened = residues(layout.openings.length * field.degree, 9);
    const powers = deepPowers(field, layout, randomElement(field, 3));
    const lines = deepLines(field, layout, opened, powers, points);
    const plain = openedColumns(heights, undefined);
    const expected = await deepWord(field, layout, plain, powers, lines, pause);
    for (const threads of [1, 2]) {
      const { memory, crew, keep } = engage(threads, 2 ** 23);
      const compute = await createDeepWord(memory, crew, plainTransforms(keep));
      const resident = openedColumns(heights, memory);
      const word = await compute(field, layout, resident, powers, lines, pause);
      const copies = word.map((coordinate) => Uint32Array.from(coordinate));
      crew.close();
      expect(copies).toEqual(expected);
    }
  });

  it('refuses lines that are not through conjugate points', async () => {
    const heights = [{ logRows: 4, columns: 1, next: 0 }];
    const { memory, crew, keep } = engage(1, 2 ** 20);
    const layout = openedLayout(heights);
    const points = [randomPoint(field, 1), randomPoint(field, 2)] as const;
    const powers = deepPowers(field, layout, randomElement(field, 3));
    const [line, other] = deepLines(field, layout, residues(field.degree, 9), powers, points);
    const wrong = { ...line, rest: field.add(line.rest, field.one()) };
    const compute = await createDeepWord(memory, crew, plainTransforms(keep));
    const resident = openedColumns(heights, memory);
    await expect(compute(field, layout, resident, powers, [wrong, other], pause)).rejects.toThrow(
      'conjugate points',
    );
  });
});
