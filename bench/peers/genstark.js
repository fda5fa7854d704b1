/**
 * genSTARK: STARKs of computations written in AirScript, in plain JavaScript where its field is not the one it has
 * Wasm for. Its field is the number system of the program, so the product chain is over a prime that suits it.
 */

import { resultOf, startsOf } from './works.js';

/** 256 bits, and 2^32 divides its predecessor. */
const MODULUS = 2n ** 256n - 351n * 2n ** 32n + 1n;

/**
 * @param {number} count
 * @returns {Promise<import('./peer.js').Prover>}
 */
async function makeProducts(count) {
  const { default: genstark } = await import('@guildofweavers/genstark');
  const [x, y] = startsOf(MODULUS);
  const source = `
define Products over prime field (2^256 - 351 * 2^32 + 1) {
    secret input x: element[1];
    secret input y: element[1];

    transition 2 registers {
        for each (x, y) {
            init { yield [x, y]; }
            for steps [1..${count}] { yield [$r1, $r0 * $r1]; }
        }
    }

    enforce 2 constraints {
        for all steps { enforce transition($r) = $n; }
    }
}`;
  const stark = genstark.instantiateScript(Buffer.from(source), undefined, null);
  const assertions = (/** @type {bigint} */ result) => [
    { register: 0, step: 0, value: x },
    { register: 1, step: 0, value: y },
    { register: 1, step: count, value: result },
  ];
  const result = resultOf('home', count, MODULUS);
  return {
    prove: async () => stark.prove(assertions(result), [[x], [y]]),
    verify: async (proof, claimed) => stark.verify(assertions(claimed), proof),
    bytesOf: (proof) => stark.serialize(proof).length,
  };
}

/** @type {import('./peer.js').Peer} */
export const peer = {
  name: 'genSTARK',
  packages: ['@guildofweavers/genstark'],
  proof: 'STARK of a fixed computation; not zero-knowledge; no trusted set-up',
  security: '113 bits, conjectured, as its securityLevel says',
  works: {
    generator: {
      impossible:
        'a step is field arithmetic alone, without bit operations or witnesses of its own',
    },
    product: {
      impossible: 'its field would have to be that of secp256k1, which has no subgroup of size 2^k',
    },
    home: { count: 8191, modulus: MODULUS, make: makeProducts },
  },
};
