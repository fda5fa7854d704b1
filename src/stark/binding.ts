/**
 * What the transcript absorbs before the first commitment: everything a proof is about. Written once,
 * used by prover and verifier. `spec/7-proof-system.md`, "Transcript".
 */

import { createByteWriter } from './bytes.ts';
import { keyDigest } from './key.ts';
import type { TableClaim } from './layout.ts';
import type { Profile } from './parameters.ts';
import type { Instance } from './system.ts';

/** Changes with every change of the proof's meaning or encoding. */
export const FORMAT_VERSION = 1;
export const PROTOCOL = 'braid proof';

export function protocolPayload(profile: Profile): Uint8Array {
  const writer = createByteWriter();
  writer.u32(FORMAT_VERSION);
  writer.text(profile.name);
  writer.text(profile.field.name);
  writer.u32(profile.logBlowup);
  writer.u32(profile.queries);
  const { logup, outOfDomain, batch, fold, query } = profile.grind;
  for (const bits of [logup, outOfDomain, batch, fold, query]) writer.u32(bits);
  return writer.finish();
}

export function keyPayload(instance: Instance): Uint8Array {
  return keyDigest(instance.system);
}

/** Digest, statement, parameters and public terms. Fixed columns are bound through the digest. */
export function statementPayload(instance: Instance): Uint8Array {
  const writer = createByteWriter();
  writer.bytes(instance.digest);
  writer.bytes(instance.statement);
  const parameters = Object.entries(instance.parameters).sort(([left], [right]) =>
    left < right ? -1 : 1,
  );
  writer.u32(parameters.length);
  for (const [name, value] of parameters) {
    writer.text(name);
    writer.u32(value);
  }
  writer.u32(instance.publicTerms.length);
  for (const { bus, direction, message, multiplicity } of instance.publicTerms) {
    writer.u32(bus.id);
    writer.u8(direction === 'send' ? 0 : 1);
    writer.u32(message.length);
    for (const value of message) writer.u32(value);
    writer.u32(multiplicity);
  }
  return writer.finish();
}

export function shapePayload(claims: readonly TableClaim[]): Uint8Array {
  const writer = createByteWriter();
  writer.u32(claims.length);
  for (const { chip, logRows } of claims) {
    writer.u32(chip);
    writer.u8(logRows);
  }
  return writer.finish();
}

/** Field elements (claimed sums, opened values). */
export function elementsPayload(values: Uint32Array): Uint8Array {
  const writer = createByteWriter();
  writer.u32(values.length);
  writer.field(values);
  return writer.finish();
}

/** A root; empty for a tree without tables. */
export function rootPayload(root: Uint32Array | undefined): Uint8Array {
  const writer = createByteWriter();
  if (root !== undefined) writer.words(root);
  return writer.finish();
}
