/**
 * The verifier: is this a proof of the instance? Its steps are those of `prover.ts`, in the order of
 * the transcript (`spec/7-proof-system.md`). It loads neither prover nor transforms, runs on any bytes
 * without throwing, and believes nothing of a proof that it can compute itself.
 */

import {
  elementsPayload,
  keyPayload,
  PROTOCOL,
  protocolPayload,
  rootPayload,
  shapePayload,
  statementPayload,
} from './binding.ts';
import { readBody, readContainer } from './codec.ts';
import { expectedComposition, openedComposition } from './constraints.ts';
import { createWordReader, deepLines, deepPowers, openedPoints, treeIndices } from './deep.ts';
import type { Ext, ExtensionField } from './field/extension.ts';
import { publicSum } from './fingerprint.ts';
import { friShape } from './fri/shape.ts';
import { replayCommitments, verifyQueries } from './fri/verify.ts';
import { blake3 } from './hash/blake3.ts';
import { bytesToDigest, digestToHex } from './hash/digest.ts';
import { type OpenedRows, verifyOpening } from './hash/merkle-verify.ts';
import { type GrindName, proofSchedule, walkSchedule } from './hash/schedule.ts';
import { createTranscript } from './hash/transcript.ts';
import { checkInstance } from './key.ts';
import { type Layout, type TreeName, treeNames } from './layout.ts';
import { type Profile, type SecurityReport, securityBits } from './parameters.ts';
import { isAdmissiblePoint, pointFromChallenge } from './poly/domain.ts';
import type { Proof } from './proof.ts';
import { accept, type Checked, type Rejection, refuse } from './rejection.ts';
import type { Instance } from './system.ts';

export type Verdict =
  | {
      readonly ok: true;
      /** Provable bits of this very proof: its heights, columns, constraints and lookups. */
      readonly provenBits: number;
      /** The round that has the least. */
      readonly bindingRound: string;
    }
  | { readonly ok: false; readonly rejection: Rejection };

export interface VerifyOptions {
  /** The only profile accepted. Without it P100 and P128 are, and `test` is not. */
  readonly profile?: Profile['name'];
}

/** Verifies a whole container against an instance that is known beforehand. */
export function verifyInstance(
  instance: Instance,
  bytes: Uint8Array,
  options: VerifyOptions = {},
): Verdict {
  const container = readContainer(bytes);
  if (!container.ok) return container;
  const { profile, statement, body } = container.value;
  const rightProfile = acceptProfile(profile, options);
  if (!rightProfile.ok) return rightProfile;
  if (!equalBytes(statement, instance.statement)) {
    return mismatch('statement', fingerprint(instance.statement), fingerprint(statement));
  }
  return verifyBody(instance, profile, body);
}

/** Whether the caller takes proofs of this profile. */
export function acceptProfile(profile: Profile, options: VerifyOptions): Checked<true> {
  const wanted = options.profile === undefined ? ['P100', 'P128'] : [options.profile];
  if (wanted.includes(profile.name)) return accept(true);
  return mismatch('profile', wanted.join(' or '), profile.name);
}

/**
 * Verifies the body of a container. The caller has built `instance` from the container's statement and
 * decided that `profile` is strong enough.
 *
 * @throws TypeError if the system itself breaks its rules, never for what a proof says.
 */
export function verifyBody(instance: Instance, profile: Profile, body: Uint8Array): Verdict {
  const lawful = checkInstance(instance);
  if (!lawful.ok) return lawful;
  // 1. The list of tables fixes the layout; from the layout follows what the proof can be worth.
  const decoded = readBody(instance, profile, body);
  if (!decoded.ok) return decoded;
  const { proof, layout } = decoded.value;
  const security = securityBits(profile, layout.size);
  // So written, what is no number is refused too.
  if (!(security.bits >= profile.bits)) {
    return refuse({
      code: 'too-weak',
      where: security.binding,
      expected: profile.bits,
      got: security.bits,
    });
  }
  const verified = verifyProof(instance, profile, proof, layout);
  return verified.ok ? worth(security) : verified;
}

function worth({ bits, binding }: SecurityReport): Verdict {
  return { ok: true, provenBits: bits, bindingRound: binding };
}

function verifyProof(
  instance: Instance,
  profile: Profile,
  proof: Proof,
  layout: Layout,
): Checked<true> {
  const { field } = profile;
  const shape = friShape(layout.logRows, profile.logBlowup);
  const walk = walkSchedule(
    proofSchedule(shape.foldBits.length),
    createTranscript(PROTOCOL),
    field,
    profile.grind,
  );
  const badNonce = (where: GrindName) => refuse({ code: 'bad-nonce', where });
  walk.absorb('protocol', protocolPayload(profile));
  walk.absorb('key', keyPayload(instance));
  walk.absorb('statement', statementPayload(instance));
  walk.absorb('shape', shapePayload(proof.claims));

  // 2. The trace, before any challenge.
  walk.absorb('mainRoot', rootPayload(proof.mainRoot));

  // 3. Lookups: all fractions, the verifier's own too, sum to zero.
  if (!walk.checkGrind('logup', proof.nonces.logup)) {
    return badNonce('logup');
  }
  const challenges = { alpha: walk.challenge('alpha'), beta: walk.challenge('beta') };
  walk.absorb('claimedSums', elementsPayload(proof.claimedSums));
  walk.absorb('interactionRoot', rootPayload(proof.interactionRoot));
  const claimed = layout.tables.map((_, i) => field.at(proof.claimedSums, i * field.degree));
  const publicTotal = publicSum(field, challenges, instance.publicTerms);
  const balance = checkBalance(field, layout, claimed, publicTotal);
  if (!balance.ok) return balance;

  // 4. and 5. All constraints at the out-of-domain point, from the opened values.
  const gamma = walk.challenge('gamma');
  walk.absorb('compositionRoot', rootPayload(proof.compositionRoot));
  if (!walk.checkGrind('outOfDomain', proof.nonces.outOfDomain)) {
    return badNonce('outOfDomain');
  }
  const zeta = pointFromChallenge(field, walk.challenge('zeta'));
  if (zeta === undefined || !isAdmissiblePoint(field, zeta, layout.logRows)) {
    return refuse({ code: 'bad-point', where: 'zeta' });
  }
  walk.absorb('openedValues', elementsPayload(proof.openedValues));
  const claims = {
    ...challenges,
    zeta,
    gamma,
    claimed,
    opened: (position: number): Ext => field.at(proof.openedValues, position * field.degree),
  };
  const expected = expectedComposition(field, instance, layout, claims);
  if (expected === undefined) return refuse({ code: 'bad-point', where: 'zeta' });
  if (!field.equal(expected, openedComposition(field, layout, claims))) {
    return refuse({ code: 'constraints', where: 'zeta' });
  }

  // 6. One word for all openings, of low degree only if all are true.
  if (!walk.checkGrind('batch', proof.nonces.batch)) {
    return badNonce('batch');
  }
  const powers = deepPowers(field, layout, walk.challenge('delta'));
  const points = openedPoints(field, layout.logRows, zeta);
  const lines = deepLines(field, layout, proof.openedValues, powers, points);
  const lambdas = replayCommitments(field, shape, proof.fri, walk);
  if (!lambdas.ok) return lambdas;

  // 7. Queries: rows against roots, the word against rows, FRI against the word.
  if (!walk.checkGrind('query', proof.nonces.query)) {
    return badNonce('query');
  }
  const logSize = layout.logRows + profile.logBlowup;
  const indices = walk.indices('queries', profile.queries, logSize);
  walk.finish();
  const rows = checkTrees(instance, profile, proof, layout, indices);
  if (!rows.ok) return rows;
  const wordAt = createWordReader(field, layout, profile.logBlowup, powers, lines, rows.value);
  return verifyQueries(field, shape, proof.fri, lambdas.value, indices, wordAt);
}

/** A table without messages claims nothing; all claims and the public terms cancel. */
function checkBalance(
  field: ExtensionField,
  layout: Layout,
  claimed: readonly Ext[],
  publicTotal: Ext | undefined,
): Checked<true> {
  if (publicTotal === undefined) return refuse({ code: 'bus-balance', where: 'public terms' });
  let sum = publicTotal;
  for (const [index, { chip }] of layout.tables.entries()) {
    const value = claimed[index]!;
    if (chip.interactions.length === 0 && !field.isZero(value)) {
      return refuse({ code: 'bus-balance', where: chip.name });
    }
    sum = field.add(sum, value);
  }
  if (!field.isZero(sum)) return refuse({ code: 'bus-balance', where: 'all tables' });
  return accept(true);
}

/** The opened rows of every tree, each checked against its root. */
function checkTrees(
  instance: Instance,
  profile: Profile,
  proof: Proof,
  layout: Layout,
  indices: Uint32Array,
): Checked<Record<TreeName, OpenedRows | undefined>> {
  const roots: Record<TreeName, Uint32Array | undefined> = {
    main: proof.mainRoot,
    interaction: proof.interactionRoot,
    constant: bytesToDigest(instance.system.constantRoot),
    composition: proof.compositionRoot,
  };
  const rows: Record<TreeName, OpenedRows | undefined> = {
    main: undefined,
    interaction: undefined,
    constant: undefined,
    composition: undefined,
  };
  for (const tree of treeNames) {
    const opening = proof.trees[tree];
    const root = roots[tree];
    if (opening === undefined || root === undefined) continue;
    const at = treeIndices(layout, profile.logBlowup, tree, indices);
    const checked = verifyOpening(tree, root, layout.trees[tree], at, opening);
    if (!checked.ok) return checked;
    rows[tree] = checked.value;
  }
  return accept(rows);
}

function mismatch(where: string, expected: string, got: string) {
  return refuse({ code: 'mismatch', where, expected, got });
}

function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

/** A short name for long bytes, in messages. */
function fingerprint(bytes: Uint8Array): string {
  return `${bytes.length} bytes, ${digestToHex(blake3(bytes)).slice(0, 16)}`;
}
