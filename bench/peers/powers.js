/**
 * Powers of tau that snarkjs reads, made here: what its users download, prepared for one size of circuit.
 *
 * `snarkjs powersoftau prepare phase2` takes hours in Wasm for what is a minute if tau is known: the Lagrange
 * polynomials are then evaluated in the field, and each value is multiplied with a generator once. Whoever made
 * such a file can forge proofs; for measuring that is of no account. Kept in node_modules/.cache.
 */

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  createBinFile,
  endWriteSection,
  startWriteSection,
  writeBigInt,
} from '@iden3/binfileutils';

const folder = fileURLToPath(new URL('node_modules/.cache/', import.meta.url));
/** Points to a task of a worker. */
const BATCH = 1024;

/**
 * @param {any} curve of ffjavascript
 * @param {number} power circuits of 2^power constraints and no other
 * @returns {Promise<string>} the path of the file
 */
export async function powersOfTau(curve, power) {
  const path = `${folder}powers-${power}.ptau`;
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const { Fr, G1, G2 } = curve;
  const [tau, alpha, beta] = Array.from({ length: 3 }, () =>
    Fr.e(BigInt(`0x${randomBytes(31).toString('hex')}`)),
  );
  const values = lagrangeValues(Fr, power, tau);
  // Of the polynomials of twice the size snarkjs reads the odd ones.
  const finer = lagrangeValues(Fr, power + 1, tau).filter((_, i) => i % 2 === 1);
  const scaled = (/** @type {any} */ factor) => values.map((value) => Fr.mul(factor, value));

  const part = `${path}.${process.pid}`;
  const file = await createBinFile(part, 'ptau', 1, 10);
  await startWriteSection(file, 1);
  await file.writeULE32(curve.F1.n64 * 8);
  await writeBigInt(file, curve.q, curve.F1.n64 * 8);
  await file.writeULE32(power);
  await file.writeULE32(power);
  await endWriteSection(file);
  const size = 2 ** power;
  await startWriteSection(file, 2);
  await file.write(await powersOf(curve, 2 * size - 1, tau));
  await endWriteSection(file);
  const sections = [
    { id: 4, group: G1, skipped: 0, scalars: [alpha] },
    { id: 5, group: G1, skipped: 0, scalars: [beta] },
    { id: 6, group: G2, skipped: 0, scalars: [beta] },
    { id: 12, group: G1, skipped: size - 1, scalars: values, odd: finer },
    { id: 13, group: G2, skipped: size - 1, scalars: values },
    { id: 14, group: G1, skipped: size - 1, scalars: scaled(alpha) },
    { id: 15, group: G1, skipped: size - 1, scalars: scaled(beta) },
  ];
  for (const { id, group, skipped, scalars, odd } of sections) {
    const length = group.F.n8 * 2;
    await startWriteSection(file, id);
    await file.write(new Uint8Array(skipped * length));
    await file.write(await multiples(curve, group, scalars));
    if (odd) {
      const points = await multiples(curve, group, odd);
      const spread = new Uint8Array(2 * points.length);
      for (let i = 0; i < odd.length; i++) {
        spread.set(points.subarray(i * length, (i + 1) * length), (2 * i + 1) * length);
      }
      await file.write(spread);
    }
    await endWriteSection(file);
  }
  await file.close();
  renameSync(part, path);
  return path;
}

/**
 * The first powers of tau times the generator of G1, affine, in Montgomery form.
 *
 * @param {any} curve
 * @param {number} count
 * @param {any} tau
 * @returns {Promise<Uint8Array>}
 */
export function powersOf({ Fr, G1 }, count, tau) {
  const generator = G1.toAffine(G1.g);
  const generators = new Uint8Array(count * generator.length);
  for (let i = 0; i < count; i++) generators.set(generator, i * generator.length);
  return G1.batchApplyKey(generators, Fr.one, tau);
}

/**
 * The Lagrange polynomials of the domain of size 2^power at tau: (tau^n - 1) / n * w^i / (tau - w^i).
 *
 * @param {any} Fr
 * @param {number} power
 * @param {any} tau
 */
function lagrangeValues(Fr, power, tau) {
  const size = 2 ** power;
  const factor = Fr.div(Fr.sub(Fr.exp(tau, size), Fr.one), Fr.e(size));
  const values = [];
  let root = Fr.one;
  for (let i = 0; i < size; i++) {
    values.push(Fr.div(Fr.mul(factor, root), Fr.sub(tau, root)));
    root = Fr.mul(root, Fr.w[power]);
  }
  return values;
}

/**
 * The generator times each scalar, affine, in Montgomery form; by the workers of ffjavascript.
 *
 * @param {any} curve
 * @param {any} group
 * @param {readonly Uint8Array[]} scalars
 */
async function multiples({ Fr, G1, tm }, group, scalars) {
  const name = group === G1 ? 'g1m' : 'g2m';
  const [affine, jacobian] = [group.F.n8 * 2, group.F.n8 * 3];
  const generator = group.toAffine(group.g);
  const batches = [];
  for (let start = 0; start < scalars.length; start += BATCH) {
    const batch = scalars.slice(start, start + BATCH);
    const bytes = new Uint8Array(batch.length * Fr.n8);
    batch.forEach((scalar, i) => {
      Fr.toRprLE(bytes, i * Fr.n8, scalar);
    });
    const task = [
      { cmd: 'ALLOCSET', var: 0, buff: generator },
      { cmd: 'ALLOCSET', var: 1, buff: bytes },
      { cmd: 'ALLOC', var: 2, len: batch.length * jacobian },
      ...batch.map((_, i) => ({
        cmd: 'CALL',
        fnName: `${name}_timesScalarAffine`,
        params: [
          { var: 0 },
          { var: 1, offset: i * Fr.n8 },
          { val: Fr.n8 },
          { var: 2, offset: i * jacobian },
        ],
      })),
      {
        cmd: 'CALL',
        fnName: `${name}_batchToAffine`,
        params: [{ var: 2 }, { val: batch.length }, { var: 2 }],
      },
      { cmd: 'GET', out: 0, var: 2, len: batch.length * affine },
    ];
    batches.push(tm.queueAction(task).then(([points]) => points));
  }
  return Buffer.concat(await Promise.all(batches));
}
