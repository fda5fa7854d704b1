/**
 * Proofs as bytes. `spec/8-proof-format.md` has the layout.
 *
 * A proof is a container (magic, version, profile, statement) around a body. The statement can be read
 * without the body, because only from it the caller can tell what the body is a proof of. Each value
 * has one encoding; lengths follow from the list of tables and are never read.
 */

import { FORMAT_VERSION } from './binding.ts';
import { type ByteReader, createByteReader, createByteWriter } from './bytes.ts';
import { friShape } from './fri/shape.ts';
import { readFriProof, writeFriProof } from './fri/verify.ts';
import type { MerkleOpening } from './hash/merkle-verify.ts';
import { readOpening, writeOpening } from './hash/merkle-verify.ts';
import {
  type Layout,
  layoutTables,
  MAX_INSTANCES,
  MAX_LOG_ROWS,
  MIN_LOG_ROWS,
  type TableClaim,
  type TreeName,
  treeNames,
} from './layout.ts';
import type { Profile } from './parameters.ts';
import { profiles } from './parameters.ts';
import type { Proof } from './proof.ts';
import { type Checked, refuse } from './rejection.ts';
import { type Instance, MAX_STATEMENT_BYTES } from './system.ts';

const MAGIC = [0x42, 0x52, 0x41, 0x49, 0x44];

/** Profiles by their number in a container. */
const profileNames = ['test', 'P100', 'P128'] as const;

export interface Container {
  readonly profile: Profile;
  readonly statement: Uint8Array;
  readonly body: Uint8Array;
}

export function writeContainer({ profile, statement, body }: Container): Uint8Array {
  const writer = createByteWriter();
  for (const byte of MAGIC) writer.u8(byte);
  writer.u8(FORMAT_VERSION);
  writer.u8(profileNames.indexOf(profile.name));
  writer.bytes(statement);
  writer.raw(body);
  return writer.finish();
}

/** Splits a container; neither statement nor body are looked at. Never throws. */
export function readContainer(bytes: Uint8Array): Checked<Container> {
  const reader = createByteReader(bytes);
  for (const expected of MAGIC) {
    const got = reader.u8('magic');
    if (got !== expected) {
      reader.reject({ code: 'mismatch', where: 'magic', expected: 'BRAID', got: String(got) });
    }
  }
  const version = reader.u8('version');
  if (version !== FORMAT_VERSION) {
    const expected = String(FORMAT_VERSION);
    reader.reject({ code: 'mismatch', where: 'version', expected, got: String(version) });
  }
  const profileNumber = reader.u8('profile');
  const name = profileNames[profileNumber];
  if (name === undefined) {
    const greatest = profileNames.length - 1;
    reader.reject({
      code: 'out-of-range',
      where: 'profile',
      least: 0,
      greatest,
      got: profileNumber,
    });
  }
  const statement = reader.bytes('statement', MAX_STATEMENT_BYTES);
  const start = MAGIC.length + 2 + 4 + statement.length;
  const body = reader.raw('body', Math.max(0, bytes.length - start));
  return reader.finish({ profile: profiles[name ?? 'test'], statement, body });
}

export function writeBody(proof: Proof): Uint8Array {
  const writer = createByteWriter();
  writer.u32(proof.claims.length);
  for (const { chip, logRows } of proof.claims) {
    writer.u32(chip);
    writer.u8(logRows);
  }
  writer.words(proof.mainRoot);
  writer.u53(proof.nonces.logup);
  writer.field(proof.claimedSums);
  if (proof.interactionRoot !== undefined) writer.words(proof.interactionRoot);
  writer.words(proof.compositionRoot);
  writer.u53(proof.nonces.outOfDomain);
  writer.field(proof.openedValues);
  writer.u53(proof.nonces.batch);
  writeFriProof(writer, proof.fri);
  writer.u53(proof.nonces.query);
  for (const tree of treeNames) {
    const opening = proof.trees[tree];
    if (opening !== undefined) writeOpening(writer, opening);
  }
  return writer.finish();
}

/** Reads a body; the layout is checked before anything that depends on it is read. Never throws. */
export function readBody(
  instance: Instance,
  profile: Profile,
  body: Uint8Array,
): Checked<{ readonly proof: Proof; readonly layout: Layout }> {
  const reader = createByteReader(body);
  const claims = readClaims(reader, instance.system.chips.length);
  if (reader.rejection !== undefined) return refuse(reader.rejection);
  const laidOut = layoutTables(instance, profile, claims);
  if (!laidOut.ok) return laidOut;
  const layout = laidOut.value;
  const { field } = profile;
  const mainRoot = reader.words('main root', 8);
  const logup = reader.u53('lookup nonce');
  const claimedSums = reader.field('claimed sums', claims.length * field.degree);
  const interactionRoot =
    layout.trees.interaction.length > 0 ? reader.words('interaction root', 8) : undefined;
  const compositionRoot = reader.words('composition root', 8);
  const outOfDomain = reader.u53('out-of-domain nonce');
  const openedValues = reader.field('opened values', layout.openings.length * field.degree);
  const batch = reader.u53('batch nonce');
  const fri = readFriProof(
    reader,
    field,
    friShape(layout.logRows, profile.logBlowup),
    profile.queries,
  );
  const query = reader.u53('query nonce');
  const tree = (name: TreeName): MerkleOpening | undefined =>
    layout.trees[name].length > 0
      ? readOpening(reader, name, layout.trees[name], profile.queries)
      : undefined;
  const trees = {
    main: tree('main'),
    interaction: tree('interaction'),
    constant: tree('constant'),
    composition: tree('composition'),
  };
  return reader.finish({
    layout,
    proof: {
      claims,
      mainRoot,
      interactionRoot,
      compositionRoot,
      claimedSums,
      openedValues,
      nonces: { logup, outOfDomain, batch, query },
      fri,
      trees,
    },
  });
}

function readClaims(reader: ByteReader, chipCount: number): TableClaim[] {
  const count = reader.u32Between('tables', 1, chipCount * MAX_INSTANCES);
  const claims: TableClaim[] = [];
  for (let i = 0; i < count && reader.rejection === undefined; i++) {
    const chip = reader.u32Between('chip', 0, chipCount - 1);
    const logRows = reader.u8('rows');
    if (logRows < MIN_LOG_ROWS || logRows > MAX_LOG_ROWS) {
      reader.reject({
        code: 'out-of-range',
        where: 'rows',
        least: MIN_LOG_ROWS,
        greatest: MAX_LOG_ROWS,
        got: logRows,
      });
    }
    claims.push({ chip, logRows });
  }
  return claims;
}
