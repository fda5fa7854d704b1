import { describe, expect, it } from 'vitest';
import { createByteReader, createByteWriter } from '../../../src/stark/bytes.ts';
import { degree6 } from '../../../src/stark/field/degree6.ts';
import type { ExtColumn, ExtensionField } from '../../../src/stark/field/extension.ts';
import { createExtColumn, elementOf } from '../../../src/stark/field/extension-column.ts';
import { MODULUS } from '../../../src/stark/field/m31.ts';
import { qm31 } from '../../../src/stark/field/qm31.ts';
import { evaluateFinal, foldLeaf } from '../../../src/stark/fri/fold.ts';
import { openLayers } from '../../../src/stark/fri/query.ts';
import { type FriShape, friShape, layerTable, locate } from '../../../src/stark/fri/shape.ts';
import {
  type FriProof,
  readFriProof,
  replayCommitments,
  verifyQueries,
  writeFriProof,
} from '../../../src/stark/fri/verify.ts';
import { digestToBytes } from '../../../src/stark/hash/digest.ts';
import { friSchedule, walkSchedule } from '../../../src/stark/hash/schedule.ts';
import { createTranscript } from '../../../src/stark/hash/transcript.ts';
import { foldWord } from '../../../src/stark/plain/fold-word.ts';
import { commitWord } from '../../../src/stark/plain/fri.ts';
import { indexPoint } from '../../../src/stark/poly/domain.ts';
import { evaluateOn } from '../../../src/stark/poly/fft.ts';

const QUERIES = 12;
const bits = { logup: 0, outOfDomain: 0, batch: 0, fold: 2, query: 2 };

function randomColumn(length: number, seed: number): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % MODULUS;
  });
}

/** A word of the code: each coordinate a random polynomial of 2^logRows coefficients. */
function honestWord(field: ExtensionField, shape: FriShape): Uint32Array[] {
  return Array.from({ length: field.degree }, (_, k) =>
    evaluateOn(randomColumn(2 ** shape.logRows, k + 1), shape.logRows + shape.logBlowup),
  );
}

const startWalk = (field: ExtensionField, shape: FriShape) =>
  walkSchedule(friSchedule(shape.foldBits.length), createTranscript('fri test'), field, bits);

interface FullProof extends FriProof {
  readonly queryNonce: number;
}

function prove(field: ExtensionField, shape: FriShape, word: ExtColumn): FullProof {
  const walk = startWalk(field, shape);
  const commitment = commitWord(field, shape, word, walk);
  const queryNonce = walk.grind('query');
  const indices = walk.indices('queries', QUERIES, shape.logWordLengths[0]);
  walk.finish();
  const { roots, foldNonces, finalCoefficients } = commitment;
  const openings = openLayers(shape, commitment, indices);
  return { roots, foldNonces, finalCoefficients, openings, queryNonce };
}

/** 'accepted', or the code of the rejection. */
function verify(field: ExtensionField, shape: FriShape, word: ExtColumn, proof: FullProof): string {
  const walk = startWalk(field, shape);
  const replayed = replayCommitments(field, shape, proof, walk);
  if (!replayed.ok) return replayed.rejection.code;
  if (!walk.checkGrind('query', proof.queryNonce)) return 'bad-query-nonce';
  const indices = walk.indices('queries', QUERIES, shape.logWordLengths[0]);
  const wordAt = (index: number) => elementOf(word, index);
  const checked = verifyQueries(field, shape, proof, replayed.value, indices, wordAt);
  return checked.ok ? 'accepted' : checked.rejection.code;
}

describe('the shape of FRI', () => {
  it.each([
    [1, 1, [1], [2], 0],
    [4, 1, [1], [5], 3],
    [6, 1, [1], [7], 5],
    [7, 1, [1], [8], 6],
    [8, 1, [2], [9], 6],
    [9, 1, [3], [10], 6],
    [10, 1, [3, 1], [11, 8], 6],
    [11, 2, [3, 2], [13, 10], 6],
    [22, 1, [3, 3, 3, 3, 3, 1], [23, 20, 17, 14, 11, 8], 6],
  ])(
    'of 2^%i rows at blowup 2^%i is a function of these alone',
    (logRows, logBlowup, folds, words, last) => {
      const shape = friShape(logRows, logBlowup);
      expect(shape.foldBits).toEqual(folds);
      expect(shape.logWordLengths).toEqual(words);
      expect(shape.finalLogLength).toBe(last);
    },
  );
  it('refuses heights without a fold or beyond the greatest domain', () => {
    expect(() => friShape(0, 1)).toThrow(RangeError);
    expect(() => friShape(5, 0)).toThrow(RangeError);
    expect(() => friShape(30, 1)).toThrow(RangeError);
  });
  it('puts each index of a word at a place of its own, conjugates and antipodes in one leaf', () => {
    const shape = friShape(10, 1);
    const places = new Set<string>();
    for (let index = 0; index < 2 ** 11; index++) {
      const { leaf, position } = locate(shape, 0, index);
      places.add(`${leaf} ${position}`);
      expect(locate(shape, 0, index ^ 1).leaf).toBe(leaf);
      expect(locate(shape, 0, index ^ (2 ** 10)).leaf).toBe(leaf);
    }
    expect(places.size).toBe(2 ** 11);
    expect(locate(shape, 1, 77)).toEqual({ leaf: 38, position: 1 });
  });
});

describe.each([qm31, degree6])('FRI over $name', (field) => {
  const lambda = field.basis(field.degree - 1);
  lambda[0] = 17;

  it.each([1, 2, 5, 8, 9, 11])('folds words as it folds leaves, 2^%i rows', (logRows) => {
    const shape = friShape(logRows, 1);
    let word: Uint32Array[] = Array.from({ length: field.degree }, (_, k) =>
      randomColumn(2 ** (logRows + 1), 50 + k),
    );
    shape.foldBits.forEach((_, layer) => {
      const length = word[0].length;
      expect(length).toBe(2 ** shape.logWordLengths[layer]);
      const { logHeight, width } = layerTable(shape, layer, field.degree);
      const leaves = new Uint32Array(2 ** logHeight * width);
      for (let index = 0; index < length; index++) {
        const { leaf, position } = locate(shape, layer, index);
        leaves.set(elementOf(word, index), leaf * width + position * field.degree);
      }
      const folded = foldWord(field, shape, layer, word, lambda);
      for (let leaf = 0; leaf < 2 ** logHeight; leaf++) {
        const values = leaves.subarray(leaf * width, (leaf + 1) * width);
        expect(elementOf(folded, leaf)).toEqual(
          foldLeaf(field, shape, layer, leaf, values, lambda),
        );
      }
      word = folded;
    });
  });

  it('folds by the definition: parts combined by powers of lambda', () => {
    // f = sum of y^{j0} x^{j1} pi(x)^{j2} c_j: with 8 coefficients one fold by 8 leaves the sum of lambda^j c_j.
    const coefficients = createExtColumn(field, 8);
    coefficients.forEach((column, k) => {
      column.set(randomColumn(8, 9 + k));
    });
    const shape: FriShape = {
      logRows: 3,
      logBlowup: 1,
      foldBits: [3],
      logWordLengths: [4],
      finalLogLength: 0,
    };
    const word = coefficients.map((column) => evaluateOn(column, 4));
    const folded = foldWord(field, shape, 0, word, lambda);
    let expected = field.zero();
    for (let position = 0; position < 8; position++) {
      // j0 stands on top of the coefficient layout and at the bottom of the exponent of lambda.
      const exponent = ((position & 3) << 1) | (position >> 2);
      const term = field.mul(field.pow(lambda, exponent), elementOf(coefficients, position));
      expected = field.add(expected, term);
    }
    for (let index = 0; index < 2; index++) expect(elementOf(folded, index)).toEqual(expected);
  });

  it('evaluates the final polynomial on its basis', () => {
    const coefficients = randomColumn(8 * field.degree, 4);
    const { x } = indexPoint(6, 5);
    const double = (value: number) => evaluateBase([MODULUS - 1, 0, 2], value);
    const basis = [0, 1, 2, 3, 4, 5, 6, 7].map((j) => {
      const factors = [x, double(x), double(double(x))].filter((_, bit) => (j >> bit) & 1);
      return factors.reduce(
        (product, factor) => Number((BigInt(product) * BigInt(factor)) % BigInt(MODULUS)),
        1,
      );
    });
    let expected = field.zero();
    basis.forEach((value, j) => {
      expected = field.add(
        expected,
        field.mulBase(field.at(coefficients, j * field.degree), value),
      );
    });
    expect(evaluateFinal(field, coefficients, x)).toEqual(expected);
  });

  it.each([
    [1, 1],
    [3, 2],
    [7, 1],
    [9, 1],
    [10, 3],
    [11, 1],
  ])('accepts an honest word of 2^%i rows at blowup 2^%i', (logRows, logBlowup) => {
    const shape = friShape(logRows, logBlowup);
    const word = honestWord(field, shape);
    expect(verify(field, shape, word, prove(field, shape, word))).toBe('accepted');
  });

  it('goes to bytes and back', () => {
    const shape = friShape(10, 1);
    const proof = prove(field, shape, honestWord(field, shape));
    const writer = createByteWriter();
    writeFriProof(writer, proof);
    const bytes = writer.finish();
    const reader = createByteReader(bytes);
    const { queryNonce: _, ...friProof } = proof;
    expect(readFriProof(reader, field, shape, QUERIES)).toEqual(friProof);
    expect(reader.finish(0).ok).toBe(true);
    for (const end of [0, 31, 100, bytes.length - 1]) {
      const short = createByteReader(bytes.subarray(0, end));
      readFriProof(short, field, shape, QUERIES);
      expect(short.finish(0).ok).toBe(false);
    }
  });
});

/** A polynomial over the base field, by BigInt. */
function evaluateBase(coefficients: readonly number[], x: number): number {
  const p = BigInt(MODULUS);
  let value = 0n;
  for (const c of [...coefficients].reverse()) value = (value * BigInt(x) + BigInt(c)) % p;
  return Number(value);
}

describe('attacks on FRI', () => {
  const field = qm31;
  const shape = friShape(10, 1);
  const word = honestWord(field, shape);
  const honest = prove(field, shape, word);
  const lastOf = <T>(values: readonly T[]) => values.slice(0, -1);

  it('mean nothing unless the honest proof is accepted', () => {
    expect(verify(field, shape, word, honest)).toBe('accepted');
  });

  it('cannot commit to a word of higher degree', () => {
    const length = 2 ** (shape.logRows + shape.logBlowup);
    const tooHigh = Array.from({ length: field.degree }, (_, k) =>
      evaluateOn(randomColumn(length, k), shape.logRows + shape.logBlowup),
    );
    expect(() => prove(field, shape, tooHigh)).toThrow(/coefficients/);
    // The verifier alone: a prover that sends the first coefficients of the last word regardless.
    const forged = proveRegardless(field, shape, tooHigh);
    expect(verify(field, shape, tooHigh, forged)).toBe('fri-final');
    // One coefficient too many is as bad as all.
    const oneMore = word.map((column) => column.slice());
    const extra = new Uint32Array(length);
    extra[length / 4] = 1;
    const extraValues = evaluateOn(extra, shape.logRows + shape.logBlowup);
    oneMore[0] = oneMore[0].map((value, index) => (value + extraValues[index]) % MODULUS);
    expect(verify(field, shape, oneMore, proveRegardless(field, shape, oneMore))).toBe('fri-final');
  });

  it('cannot commit to one word and answer for another', () => {
    const other = word.map((column) => column.map((value) => (value + 1) % MODULUS));
    expect(verify(field, shape, other, honest)).toBe('fri-word');
  });

  it('cannot send a final polynomial of another length', () => {
    const { finalCoefficients } = honest;
    const lengths = [
      new Uint32Array(0),
      finalCoefficients.subarray(0, finalCoefficients.length - field.degree),
      finalCoefficients.subarray(0, finalCoefficients.length - 1),
      Uint32Array.of(...finalCoefficients, ...field.zero()),
      Uint32Array.of(...finalCoefficients, ...finalCoefficients),
    ];
    for (const coefficients of lengths) {
      const forged = { ...honest, finalCoefficients: coefficients };
      expect(verify(field, shape, word, forged)).toBe('wrong-length');
    }
  });

  it('cannot send more or fewer layers', () => {
    const { roots, foldNonces, openings } = honest;
    const forgeries = [
      { ...honest, roots: lastOf(roots) },
      { ...honest, roots: [...roots, roots[0]] },
      { ...honest, foldNonces: lastOf(foldNonces) },
      { ...honest, foldNonces: [...foldNonces, 0] },
      { ...honest, openings: lastOf(openings) },
      { ...honest, openings: [...openings, openings[0]] },
      { ...honest, roots: roots.map((root) => root.subarray(1)) },
      {
        ...honest,
        roots: lastOf(roots),
        foldNonces: lastOf(foldNonces),
        openings: lastOf(openings),
      },
    ];
    for (const forged of forgeries) expect(verify(field, shape, word, forged)).toBe('wrong-length');
  });

  it('cannot change any part of the proof', () => {
    const flip = (values: Uint32Array, at: number) => {
      const changed = values.slice();
      changed[at] ^= 1;
      return changed;
    };
    const replace = <T>(values: readonly T[], at: number, value: T) =>
      values.map((old, index) => (index === at ? value : old));
    const { roots, foldNonces, finalCoefficients, openings } = honest;
    const forgeries: FullProof[] = [
      { ...honest, queryNonce: honest.queryNonce + 1 },
      { ...honest, finalCoefficients: flip(finalCoefficients, 0) },
      { ...honest, finalCoefficients: flip(finalCoefficients, finalCoefficients.length - 1) },
    ];
    for (let layer = 0; layer < roots.length; layer++) {
      const { rows, siblings } = openings[layer];
      const open = (opening: FriProof['openings'][number]) => replace(openings, layer, opening);
      forgeries.push(
        { ...honest, roots: replace(roots, layer, flip(roots[layer], 3)) },
        { ...honest, foldNonces: replace(foldNonces, layer, foldNonces[layer] + 1) },
        { ...honest, openings: open({ rows: [flip(rows[0], 5)], siblings }) },
        { ...honest, openings: open({ rows, siblings: flip(siblings, 7) }) },
        { ...honest, openings: open({ rows: [], siblings }) },
      );
    }
    for (const forged of forgeries) {
      expect(verify(field, shape, word, forged)).not.toBe('accepted');
    }
  });

  it('cannot take a nonce without its bits for a fold', () => {
    let nonce = honest.foldNonces[0];
    const hasBits = (value: number) => {
      const transcript = createTranscript('fri test');
      transcript.absorb('friRoot0', digestToBytes(honest.roots[0]));
      return transcript.checkGrind('fold0', bits.fold, value);
    };
    expect(hasBits(nonce)).toBe(true);
    while (hasBits(nonce)) nonce++;
    const foldNonces = [nonce, ...honest.foldNonces.slice(1)];
    expect(verify(field, shape, word, { ...honest, foldNonces })).toBe('bad-nonce');
  });

  it('cannot send a coefficient in its other encoding', () => {
    const finalCoefficients = honest.finalCoefficients.slice();
    finalCoefficients[1] = MODULUS;
    expect(verify(field, shape, word, { ...honest, finalCoefficients })).toBe('not-canonical');
  });

  it('cannot take a lower blowup or other folds for the same word', () => {
    for (const [logRows, logBlowup] of [
      [11, 1],
      [9, 2],
      [10, 2],
    ]) {
      const other = friShape(logRows, logBlowup);
      const bigger = word.map((column) => Uint32Array.of(...column, ...column));
      expect(verify(field, other, bigger, honest)).not.toBe('accepted');
    }
  });
});

/** A cheating prover: folds and commits any word, and sends the lowest coefficients of the last one. */
function proveRegardless(field: ExtensionField, shape: FriShape, word: ExtColumn): FullProof {
  // Twice the rows at the same length let commitWord take the word; all but the coefficients is as in the true shape.
  const generous: FriShape = { ...shape, finalLogLength: shape.finalLogLength + shape.logBlowup };
  const walk = walkSchedule(
    friSchedule(shape.foldBits.length),
    createTranscript('fri test'),
    field,
    bits,
  );
  const commitment = commitWord(field, generous, word, {
    ...walk,
    absorb(name, payload) {
      walk.absorb(
        name,
        name === 'finalCoefficients' ? payload.subarray(0, payload.length / 2) : payload,
      );
    },
  });
  const queryNonce = walk.grind('query');
  const indices = walk.indices('queries', QUERIES, shape.logWordLengths[0]);
  const length = commitment.finalCoefficients.length / 2;
  return {
    roots: commitment.roots,
    foldNonces: commitment.foldNonces,
    finalCoefficients: commitment.finalCoefficients.slice(0, length),
    openings: openLayers(shape, commitment, indices),
    queryNonce,
  };
}
