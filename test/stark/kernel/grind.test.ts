import { afterAll, expect, it } from 'vitest';
import { createTranscript, findNonce } from '../../../src/stark/hash/transcript.ts';
import { createNonceSearch } from '../../../src/stark/kernel/grind.ts';
import { KernelMemory } from '../../../src/stark/kernel/memory.ts';
import { Crew } from '../../../src/stark/kernel/threads.ts';

const seeds = Array.from({ length: 24 }, (_, index) => createTranscript(`seed ${index}`).state());
const pause = (): Promise<void> => Promise.resolve();

const memory = new KernelMemory();
const crew = new Crew(memory, 2);
const search = await createNonceSearch(memory, crew);
afterAll(() => crew.close());

it('finds the nonces that the plain search finds, in every lane', () => {
  const lanes = new Set<number>();
  for (const bits of [0, 1, 2, 3, 8]) {
    for (const seed of seeds) {
      const nonce = search.findNonce(seed, bits);
      expect(nonce).toBe(findNonce(seed, bits));
      lanes.add(nonce % 4);
    }
  }
  expect(lanes.size).toBe(4);
});

it('goes on after a range that has none', () => {
  const found = seeds.slice(0, 3).map((seed) => search.findNonce(seed, 17));
  expect(found).toEqual(seeds.slice(0, 3).map((seed) => findNonce(seed, 17)));
  expect(Math.max(...found)).toBeGreaterThan(2 ** 16);
});

it.each([1, 2])('finds the least nonce on %i threads', async (threads) => {
  crew.engage(threads);
  for (const bits of [0, 3, 12, 15, 16]) {
    for (const seed of seeds.slice(0, 8)) {
      expect(await search.findNonceOnThreads(seed, bits, pause)).toBe(search.findNonce(seed, bits));
    }
  }
});

it('goes on after a round of ranges that have none', async () => {
  crew.engage(2);
  const [bits, round] = [22, 2 ** 22];
  // The first seed whose nonce is beyond a round: one in three is.
  for (const seed of seeds) {
    const nonce = await search.findNonceOnThreads(seed, bits, pause);
    if (nonce < round) continue;
    expect(search.findNonce(seed, bits)).toBe(nonce);
    return;
  }
  expect.unreachable('no seed needs a second round');
});

it('finds the nonces that a transcript finds', () => {
  for (const bits of [0, 5, 11]) {
    const transcript = createTranscript('test');
    const seed = transcript.grindSeed('pow', bits);
    expect(search.findNonce(seed, bits)).toBe(transcript.grind('pow', bits));
  }
});
