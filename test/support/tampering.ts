/** Proofs taken apart, changed and put together again, as an attacker would who knows the format. */

import { readBody, readContainer, writeBody, writeContainer } from '../../src/stark/codec.ts';
import type { Layout } from '../../src/stark/layout.ts';
import type { Proof } from '../../src/stark/proof.ts';
import type { Instance } from '../../src/stark/system.ts';

/** The container with its proof changed. `change` gets a deep copy that it may overwrite. */
export function tamper(
  instance: Instance,
  bytes: Uint8Array,
  change: (proof: Proof, layout: Layout) => Partial<Proof> | undefined,
): Uint8Array {
  const container = readContainer(bytes);
  if (!container.ok) throw new Error('expected a container');
  const body = readBody(instance, container.value.profile, container.value.body);
  if (!body.ok) throw new Error(`expected a proof: ${JSON.stringify(body.rejection)}`);
  const proof = structuredClone(body.value.proof);
  const changed = { ...proof, ...change(proof, body.value.layout) };
  return writeContainer({ ...container.value, body: writeBody(changed) });
}

/** A small generator of numbers in [0, bound), the same for the same seed. */
export function createDice(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39) >>> 0;
    return ((mixed ^ (mixed >>> 16)) >>> 0) % bound;
  };
}
