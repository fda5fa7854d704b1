/**
 * FRI, verifier: replay the challenges, check every leaf against the layer above it, and the last word against the
 * coefficients, of which there are exactly as many as the shape says. spec/7-proof-system.md, "FRI".
 */
import type { ByteReader, ByteWriter } from '../bytes.ts';
import type { Ext, ExtensionField } from '../field/extension.ts';
import { isCanonical } from '../field/m31.ts';
import type { Digest } from '../hash/blake3.ts';
import { digestToBytes, wordsToBytes } from '../hash/digest.ts';
import {
  distinctIndices,
  type MerkleOpening,
  readOpening,
  verifyOpening,
  writeOpening,
} from '../hash/merkle-verify.ts';
import type { Walk } from '../hash/schedule.ts';
import { indexPoint } from '../poly/domain.ts';
import { accept, type Checked, type Rejection, refuse } from '../rejection.ts';
import { evaluateFinal, foldLeaf } from './fold.ts';
import { type FriShape, layerTable, locate } from './shape.ts';

export interface FriProof {
  /** One for each layer. */
  readonly roots: readonly Digest[];
  readonly foldNonces: readonly number[];
  /** Consecutive extension elements, 2^finalLogLength of them. */
  readonly finalCoefficients: Uint32Array;
  /** One for each layer. */
  readonly openings: readonly MerkleOpening[];
}

/** Walks `friRoot0` to `finalCoefficients` and returns the challenges lambda, one for each layer. */
export function replayCommitments(
  field: ExtensionField,
  shape: FriShape,
  proof: FriProof,
  walk: Walk,
): Checked<readonly Ext[]> {
  const wrong = checkLengths(field, shape, proof);
  if (wrong !== undefined) return refuse(wrong);
  const lambdas: Ext[] = [];
  for (let layer = 0; layer < shape.foldBits.length; layer++) {
    walk.absorb(`friRoot${layer}`, digestToBytes(proof.roots[layer]));
    if (!walk.checkGrind(`fold${layer}`, proof.foldNonces[layer])) {
      return refuse({ code: 'bad-nonce', where: `fold ${layer}` });
    }
    lambdas.push(walk.challenge(`lambda${layer}`));
  }
  walk.absorb('finalCoefficients', wordsToBytes(proof.finalCoefficients));
  return accept(lambdas);
}

function checkLengths(
  field: ExtensionField,
  shape: FriShape,
  proof: FriProof,
): Rejection | undefined {
  const layers = shape.foldBits.length;
  const lengths: [string, number, number][] = [
    ['fri roots', layers, proof.roots.length],
    ['fri nonces', layers, proof.foldNonces.length],
    ['fri openings', layers, proof.openings.length],
    [
      'fri final coefficients',
      2 ** shape.finalLogLength * field.degree,
      proof.finalCoefficients.length,
    ],
    ...proof.roots.map((root): [string, number, number] => ['fri root', 8, root.length]),
  ];
  for (const [where, expected, got] of lengths) {
    if (expected !== got) return { code: 'wrong-length', where, expected, got };
  }
  const value = proof.finalCoefficients.find((coordinate) => !isCanonical(coordinate));
  if (value === undefined) return undefined;
  return { code: 'not-canonical', where: 'fri final coefficients', got: value };
}

/**
 * Checks all layers at `indices` of the first word (at least one; repeats allowed), whose values `wordAt` gives,
 * computed by the caller from its own openings. The proof's lengths are those `replayCommitments` accepted.
 */
export function verifyQueries(
  field: ExtensionField,
  shape: FriShape,
  proof: FriProof,
  lambdas: readonly Ext[],
  indices: Uint32Array,
  wordAt: (index: number) => Ext,
): Checked<true> {
  let current = distinctIndices(indices);
  /** Value of the current word at each of `current`. */
  let values = new Map<number, Ext>();
  for (const index of current) values.set(index, wordAt(index));

  for (let layer = 0; layer < shape.foldBits.length; layer++) {
    const table = layerTable(shape, layer, field.degree);
    const leaves = distinctIndices(current.map((index) => locate(shape, layer, index).leaf));
    const opened = verifyOpening(
      `fri layer ${layer}`,
      proof.roots[layer],
      [table],
      leaves,
      proof.openings[layer],
    );
    if (!opened.ok) return opened;
    for (const [index, value] of values) {
      const { leaf, position } = locate(shape, layer, index);
      const committed = field.at(opened.value.row(0, leaf), position * field.degree);
      if (!field.equal(committed, value)) return refuse({ code: 'fri-word', layer, index });
    }
    values = new Map();
    for (const leaf of leaves) {
      const row = opened.value.row(0, leaf);
      values.set(leaf, foldLeaf(field, shape, layer, leaf, row, lambdas[layer]));
    }
    current = leaves;
  }

  // The last word lies on the x-coordinates of the half coset of twice its length.
  const logCoset = shape.finalLogLength + shape.logBlowup + 1;
  for (const [index, value] of values) {
    const expected = evaluateFinal(field, proof.finalCoefficients, indexPoint(logCoset, index).x);
    if (!field.equal(expected, value)) return refuse({ code: 'fri-final', index });
  }
  return accept(true);
}

/** Writes a proof; all lengths but those of the openings follow from the shape. */
export function writeFriProof(writer: ByteWriter, proof: FriProof): void {
  for (const root of proof.roots) writer.words(root);
  for (const nonce of proof.foldNonces) writer.u53(nonce);
  writer.field(proof.finalCoefficients);
  for (const opening of proof.openings) writeOpening(writer, opening);
}

/** Reads a proof of at most `queries` indices. */
export function readFriProof(
  reader: ByteReader,
  field: ExtensionField,
  shape: FriShape,
  queries: number,
): FriProof {
  const roots = shape.foldBits.map((_, layer) => reader.words(`fri root ${layer}`, 8));
  const foldNonces = shape.foldBits.map((_, layer) => reader.u53(`fri nonce ${layer}`));
  const length = 2 ** shape.finalLogLength * field.degree;
  const finalCoefficients = reader.field('fri final coefficients', length);
  const openings = shape.foldBits.map((_, layer) => {
    const table = layerTable(shape, layer, field.degree);
    return readOpening(reader, `fri layer ${layer}`, [table], queries);
  });
  return { roots, foldNonces, finalCoefficients, openings };
}
