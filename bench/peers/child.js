/**
 * One prover on one work, in a process of its own: `node child.js PEER WORK COUNT MODULUS`, forked by main.js,
 * to which it tells when the set-up is over, and at last its figures or why there are none.
 */

import { peers } from './peers.js';
import { resultOf } from './works.js';

/** Proofs after the first one: at most so many, and no further one after so many seconds. */
const MOST_PROOFS = 5;
const PROVING_SECONDS = 20;
const MOST_VERIFICATIONS = 7;
const VERIFYING_SECONDS = 5;

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<{ seconds: number, value: T }>}
 */
async function timed(work) {
  const start = performance.now();
  const value = await work();
  return { seconds: (performance.now() - start) / 1000, value };
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @param {number} most
 * @param {number} seconds
 */
async function repeated(work, most, seconds) {
  const times = [];
  let total = 0;
  while (times.length === 0 || (times.length < most && total < seconds)) {
    const { seconds: taken } = await timed(work);
    times.push(taken);
    total += taken;
  }
  const sorted = times.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, samples: times.length };
}

/**
 * @param {string} peerName
 * @param {string} workName
 * @param {number} count
 * @param {bigint} modulus
 */
async function measure(peerName, workName, count, modulus) {
  const peer = peers.find(({ name }) => name === peerName);
  const work = peer?.works[workName];
  if (work === undefined || !('make' in work)) throw new Error(`no ${workName} of ${peerName}`);
  await peer?.obtain?.();
  const result = resultOf(workName, count, modulus);
  const { seconds: setUp, value: prover } = await timed(() => work.make(count, modulus));
  process.send({ phase: 'proving' });
  const { seconds: firstProof, value: proof } = await timed(prover.prove);
  const { verify } = prover;
  if (verify) {
    if (!(await verify(proof, result))) throw new Error('its proof does not verify');
    if (await isAccepted(verify, proof, result ^ 1n)) throw new Error('accepts a wrong result');
  }
  const proving = await repeated(prover.prove, MOST_PROOFS, PROVING_SECONDS);
  const verifying = verify
    ? await repeated(() => verify(proof, result), MOST_VERIFICATIONS, VERIFYING_SECONDS)
    : undefined;
  const bytes = prover.bytesOf(proof);
  await prover.close?.();
  return {
    setUpSeconds: setUp,
    firstProofSeconds: firstProof,
    proveSeconds: proving.median,
    samples: proving.samples,
    verifySeconds: verifying?.median,
    bytes,
  };
}

/**
 * @param {NonNullable<import('./peer.js').Prover['verify']>} verify
 * @param {unknown} proof
 * @param {bigint} result
 */
async function isAccepted(verify, proof, result) {
  try {
    return await verify(proof, result);
  } catch {
    return false;
  }
}

/**
 * The message, and that of what caused it.
 *
 * @param {unknown} error
 * @returns {string}
 */
function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${reasonOf(error.cause)})`;
}

const [peerName, workName, count, modulus] = process.argv.slice(2);
try {
  const figures = await measure(peerName, workName, Number(count), BigInt(modulus));
  process.send({ figures }, () => process.exit(0));
} catch (error) {
  const reason = reasonOf(error);
  console.error(error);
  process.send({ reason }, () => process.exit(1));
}
