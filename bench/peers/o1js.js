/**
 * o1js: Kimchi and Pickles over the Pasta curves, circuits in JavaScript. Its Wasm prover, and the native one that
 * npm installs beside it. Nothing is downloaded, and its cache of keys is not used: making them is the set-up.
 */

import { INCREMENT, limbsOf, MULTIPLIER, SECP256K1, SEED, startsOf } from './works.js';

/** The field of its circuits. */
const PALLAS = 28948022309329048855892746252171976963363056481941560715954676764349967630337n;

/**
 * @param {'wasm' | 'native'} backend
 * @param {(o1js: any) => { output: any, circuit: () => any }} describe
 * @param {(result: bigint) => bigint[]} outputOf the public output of a result
 * @returns {Promise<import('./peer.js').Prover>}
 */
async function make(backend, describe, outputOf) {
  const o1js = await import('o1js');
  o1js.setBackend(backend);
  const { output, circuit } = describe(o1js);
  const program = o1js.ZkProgram({
    name: 'peer',
    publicOutput: output,
    methods: {
      run: { privateInputs: [], method: async () => ({ publicOutput: circuit() }) },
    },
  });
  const { run } = await program.analyzeMethods();
  console.error(`o1js: ${run.rows} rows`);
  const { verificationKey } = await program.compile({ cache: o1js.Cache.None });
  return {
    prove: async () => (await program.run()).proof,
    verify: (proof, result) =>
      o1js.verify(
        { ...proof.toJSON(), publicOutput: outputOf(result).map(String) },
        verificationKey,
      ),
    bytesOf: (proof) => Buffer.from(proof.toJSON().proof, 'base64').length,
  };
}

/** @param {number} count */
const generator =
  (count) =>
  (/** @type {any} */ { Field, Gadgets, Provable }) => ({
    output: Field,
    circuit() {
      let x = Provable.witness(Field, () => Field(SEED));
      x.assertEquals(SEED);
      let sum = Field(0);
      for (let i = 0; i < count; i++) {
        // The quotient is below 2^21; 32 bits are what the gadget checks.
        x = Gadgets.divMod32(x.mul(MULTIPLIER).add(INCREMENT)).remainder;
        sum = Gadgets.xor(sum, x, 32);
      }
      return sum;
    },
  });

/**
 * @param {number} count
 * @param {bigint} modulus
 */
const products =
  (count, modulus) =>
  (/** @type {any} */ { Field, Gadgets, Provable }) => {
    const Limbs = Provable.Array(Field, 3);
    const { ForeignField } = Gadgets;
    return {
      output: Limbs,
      circuit() {
        let [x, y] = startsOf(modulus).map((start) => {
          const limbs = Provable.witness(Limbs, () =>
            limbsOf(start, 3, 88).map((limb) => Field(limb)),
          );
          limbsOf(start, 3, 88).forEach((limb, i) => {
            limbs[i].assertEquals(limb);
          });
          return limbs;
        });
        let unchecked = [];
        for (let i = 0; i < count; i++) {
          [x, y] = [y, ForeignField.mul(x, y, modulus)];
          // What is a factor has to be almost reduced; three at a time cost least.
          unchecked.push(y);
          if (unchecked.length === 3 || i === count - 1) {
            ForeignField.assertAlmostReduced(unchecked, modulus, { skipMrc: true });
            unchecked = [];
          }
        }
        return y;
      },
    };
  };

/** @param {number} count */
const homeProducts =
  (count) =>
  (/** @type {any} */ { Field, Provable }) => ({
    output: Field,
    circuit() {
      let [x, y] = startsOf(PALLAS).map((start) => {
        const value = Provable.witness(Field, () => Field(start));
        value.assertEquals(start);
        return value;
      });
      for (let i = 0; i < count; i++) [x, y] = [y, x.mul(y)];
      return y;
    },
  });

/**
 * @param {'wasm' | 'native'} backend
 * @returns {import('./peer.js').Peer}
 */
const peerWith = (backend) => ({
  name: `o1js, ${backend}`,
  packages: ['o1js'],
  proof:
    'SNARK (Kimchi, Pickles; Pasta curves) of a fixed circuit; zero-knowledge; no trusted set-up',
  security: 'about 128 bits, claimed (discrete logarithm, Pasta)',
  works: {
    generator: {
      count: 4000,
      make: (count) => make(backend, generator(count), (result) => [result]),
    },
    product: {
      count: 1024,
      modulus: SECP256K1,
      make: (count, modulus) =>
        make(backend, products(count, modulus), (result) => limbsOf(result, 3, 88)),
    },
    home: {
      count: 30000,
      modulus: PALLAS,
      make: (count) => make(backend, homeProducts(count), (result) => [result]),
    },
  },
});

export const wasm = peerWith('wasm');
export const native = peerWith('native');
