import { describe, expect, it } from 'vitest';
import { degree6 } from '../../../src/stark/field/degree6.ts';
import type { ExtensionField } from '../../../src/stark/field/extension.ts';
import { qm31 } from '../../../src/stark/field/qm31.ts';
import { type FriShape, friShape } from '../../../src/stark/fri/shape.ts';
import { commitTables } from '../../../src/stark/hash/merkle.ts';
import { friSchedule, walkSchedule } from '../../../src/stark/hash/schedule.ts';
import { createTranscript } from '../../../src/stark/hash/transcript.ts';
import { createCommitWord } from '../../../src/stark/kernel/fri.ts';
import { commitWord } from '../../../src/stark/plain/fri.ts';
import { evaluateOn } from '../../../src/stark/poly/fft.ts';
import { engage, pause, plainTransforms, residues } from './opened-columns.ts';

const bits = { logup: 0, outOfDomain: 0, batch: 0, fold: 2, query: 2 };

const startWalk = (field: ExtensionField, shape: FriShape) =>
  walkSchedule(friSchedule(shape.foldBits.length), createTranscript('fri test'), field, bits);

/** A word of the code: each coordinate a random polynomial of 2^logRows coefficients. */
const honestWord = (field: ExtensionField, logRows: number): Uint32Array[] =>
  Array.from({ length: field.degree }, (_, k) =>
    evaluateOn(residues(2 ** logRows, k + 1), logRows + 1),
  );

async function commitBoth(
  field: ExtensionField,
  threads: number,
  logRows: number,
  word: readonly Uint32Array[],
) {
  const shape = friShape(logRows, 1);
  const { memory, crew, keep } = engage(threads, 2 ** 23);
  const tables = new Map<number, ReturnType<ReturnType<typeof plainTransforms>['twiddles']>>();
  for (let log = 2; log <= logRows + 1; log++) tables.set(log, plainTransforms(keep).twiddles(log));
  const commit = await createCommitWord(
    memory,
    crew,
    async (committed) => commitTables(committed),
    (log) => tables.get(log)!,
  );
  const resident = word.map((coordinate) => {
    const column = memory.allocateRaw(coordinate.length);
    column.set(coordinate);
    return column;
  });
  try {
    return await commit(field, shape, resident, startWalk(field, shape), pause);
  } finally {
    crew.close();
  }
}

describe.each([qm31, degree6])('the commit phase of FRI over $name', (field) => {
  // From words that are left to the plain twin to two layers of kernels and two tasks.
  it.each([4, 6, 7, 8, 9, 10, 11, 12, 13, 15])(
    'is that of the plain twin for 2^%i rows, by one thread and by two',
    async (logRows) => {
      const shape = friShape(logRows, 1);
      const word = honestWord(field, logRows);
      const expected = commitWord(field, shape, word, startWalk(field, shape));
      for (const threads of [1, 2]) {
        const commitment = await commitBoth(field, threads, logRows, word);
        expect(commitment.roots).toEqual(expected.roots);
        expect(commitment.foldNonces).toEqual(expected.foldNonces);
        expect(commitment.finalCoefficients).toEqual(expected.finalCoefficients);
        const indices = Uint32Array.of(0, 5, 2 ** (shape.logWordLengths[0] - 3) - 1);
        expect(commitment.trees[0].open(indices)).toEqual(expected.trees[0].open(indices));
      }
    },
  );

  it('refuses a word that is no polynomial of the height', async () => {
    const word = honestWord(field, 11);
    word[1][77] ^= 1;
    await expect(commitBoth(field, 1, 11, word)).rejects.toThrow('coefficients, got more');
  });
});
