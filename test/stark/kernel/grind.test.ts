import { expect, it } from 'vitest';
import { createTranscript, findNonce } from '../../../src/stark/hash/transcript.ts';
import { createFindNonce } from '../../../src/stark/kernel/grind.ts';

const seeds = Array.from({ length: 24 }, (_, index) => createTranscript(`seed ${index}`).state());

it('finds the nonces that the plain search finds, in every lane', async () => {
  const search = await createFindNonce();
  const lanes = new Set<number>();
  for (const bits of [0, 1, 2, 3, 8]) {
    for (const seed of seeds) {
      const nonce = search(seed, bits);
      expect(nonce).toBe(findNonce(seed, bits));
      lanes.add(nonce % 4);
    }
  }
  expect(lanes.size).toBe(4);
});

it('goes on after a call that found none', async () => {
  const search = await createFindNonce();
  const found = seeds.slice(0, 3).map((seed) => search(seed, 17));
  expect(found).toEqual(seeds.slice(0, 3).map((seed) => findNonce(seed, 17)));
  expect(Math.max(...found)).toBeGreaterThan(2 ** 16);
});

it('gives the transcript the nonces of the plain one', async () => {
  const plain = createTranscript('test');
  const fast = createTranscript('test', await createFindNonce());
  for (const bits of [0, 5, 11]) expect(fast.grind('pow', bits)).toBe(plain.grind('pow', bits));
  expect(fast.state()).toEqual(plain.state());
});
