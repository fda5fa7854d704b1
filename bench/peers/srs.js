/**
 * The structured reference string of bb.js, made here: what it would download from crs.aztec.network. Whoever
 * made it can forge proofs; for measuring that is of no account. Kept in node_modules/.cache.
 */

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { powersOf } from './powers.js';

const folder = fileURLToPath(new URL('node_modules/.cache/', import.meta.url));
/** Of a point of G2: two coordinates of two numbers of 32 bytes. */
const G2_BYTES = 128;

/**
 * Powers of a random tau times the generator of G1, 64 bytes each, and tau times the generator of G2.
 *
 * @param {number} count
 * @returns {Promise<{ pointsBuf: Uint8Array, numPoints: number, g2Point: Uint8Array }>}
 */
export async function referenceString(count) {
  const path = `${folder}reference-${count}.bin`;
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, await make(count));
  }
  const bytes = new Uint8Array(readFileSync(path));
  return {
    g2Point: bytes.slice(0, G2_BYTES),
    pointsBuf: bytes.slice(G2_BYTES),
    numPoints: count,
  };
}

/** @param {number} count */
async function make(count) {
  const { getCurveFromName } = await import('ffjavascript');
  const curve = await getCurveFromName('bn128');
  const { Fr, G1, G2 } = curve;
  const tau = Fr.e(BigInt(`0x${randomBytes(31).toString('hex')}`));
  const points = await G1.batchLEMtoU(await powersOf(curve, count, tau));
  const g2Point = new Uint8Array(G2_BYTES);
  G2.toRprUncompressed(g2Point, 0, G2.toAffine(G2.timesFr(G2.g, tau)));
  await curve.terminate();
  return Buffer.concat([g2Point, points]);
}
