/**
 * snarkjs: Groth16 over BN254, circuits in Circom, compiled by circom2, a build of the Circom compiler in Wasm.
 *
 * Nothing is downloaded: the powers of tau are made here (`powers.js`), which is as good for measuring and worth nothing
 * for safety. The key of the circuit, by one contribution, is the set-up. The circuits are in `circom/`.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { powersOfTau } from './powers.js';
import { limbsOf, productSteps, SECP256K1, SEED, startsOf } from './works.js';

/** Binary logarithm of the size of all circuits here. */
const POWER = 14;

/** Limbs of the products: four of 64 bits. */
const LIMBS = 4;
const LIMB_BITS = 64;

/** The order of BN254: the field of its circuits. */
export const BN254 = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/**
 * @param {string} template file in `circom/`
 * @param {string} main its instance
 */
async function compile(template, main) {
  const require = createRequire(import.meta.url);
  const { CircomRunner, bindings } = require('circom2');
  const fs = await import('node:fs');
  const folder = mkdtempSync(join(tmpdir(), 'peers-circom-'));
  try {
    const source = readFileSync(new URL(`circom/${template}.circom`, import.meta.url), 'utf8');
    writeFileSync(join(folder, 'main.circom'), `${source}\ncomponent main = ${main};\n`);
    const circom = new CircomRunner({
      args: ['main.circom', '--r1cs', '--wasm', '-o', '.'],
      env: {},
      preopens: { '.': folder },
      bindings: { ...bindings, fs, exit: () => {} },
    });
    await circom.execute(readFileSync(require.resolve('circom2/circom.wasm')));
    return {
      r1cs: new Uint8Array(readFileSync(join(folder, 'main.r1cs'))),
      wasm: new Uint8Array(readFileSync(join(folder, 'main_js/main.wasm'))),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The key of the circuit.
 *
 * @param {any} snarkjs
 * @param {Uint8Array} r1cs
 */
async function keyOf(snarkjs, r1cs) {
  const memory = () => ({ type: 'mem' });
  const { nConstraints, nOutputs, nPubInputs, curve } = await snarkjs.r1cs.info(r1cs);
  if (nConstraints + nOutputs + nPubInputs + 1 > 2 ** POWER) {
    throw new RangeError(
      `circuit: expected fewer than 2^${POWER} constraints, got ${nConstraints}`,
    );
  }
  const [blank, key] = [memory(), memory()];
  await snarkjs.zKey.newZKey(r1cs, await powersOfTau(curve, POWER), blank);
  await snarkjs.zKey.contribute(blank, key, 'bench', 'no secret either');
  return { key, checked: await snarkjs.zKey.exportVerificationKey(key), nConstraints };
}

/**
 * @param {string} template
 * @param {string} main
 * @param {() => Record<string, unknown>} inputsOf
 * @param {(result: bigint) => bigint[]} publicOf the public signals of a result
 * @returns {Promise<import('./peer.js').Prover>}
 */
async function make(template, main, inputsOf, publicOf) {
  const snarkjs = await import('snarkjs');
  const { r1cs, wasm } = await compile(template, main);
  const { key, checked, nConstraints } = await keyOf(snarkjs, r1cs);
  console.error(`snarkjs, ${main}: ${nConstraints} constraints`);
  return {
    prove: () => snarkjs.groth16.fullProve(inputsOf(), wasm, key),
    verify: ({ proof }, result) =>
      snarkjs.groth16.verify(checked, publicOf(result).map(String), proof),
    // Two points of G1 and one of G2, affine, as the contracts that snarkjs writes take them.
    bytesOf: () => 8 * 32,
    close: () => globalThis.curve_bn128?.terminate(),
  };
}

/** @type {import('./peer.js').Peer} */
export const peer = {
  name: 'snarkjs',
  packages: ['snarkjs', 'circom2'],
  proof:
    'SNARK (Groth16, BN254) of a fixed circuit; zero-knowledge; trusted set-up for each circuit',
  security: 'about 100 bits, estimated (BN254)',
  remark: 'powers of tau made here, not downloaded, and not counted as set-up',
  obtain: async () => {
    const snarkjs = await import('snarkjs');
    await powersOfTau(await snarkjs.curves.getCurveFromName('bn128'), POWER);
  },
  works: {
    generator: {
      count: 150,
      make: (count) =>
        make(
          'generator',
          `Generator(${count})`,
          () => ({ seed: SEED }),
          (result) => [result],
        ),
    },
    product: {
      count: 20,
      modulus: SECP256K1,
      make: (count, modulus) => {
        const limbs = (/** @type {bigint} */ value) => limbsOf(value, LIMBS, LIMB_BITS);
        return make(
          'product',
          `Products(${count}, [${limbs(modulus)}], [${startsOf(modulus).map((start) => `[${limbs(start)}]`)}])`,
          () => {
            const steps = productSteps(count, modulus);
            return {
              quotients: steps.map(({ quotient }) => limbs(quotient)),
              remainders: steps.map(({ remainder }) => limbs(remainder)),
            };
          },
          limbs,
        );
      },
    },
    home: {
      count: 16000,
      modulus: BN254,
      make: (count) =>
        make(
          'home',
          `Products(${count}, ${startsOf(BN254)[0]})`,
          () => ({ second: startsOf(BN254)[1] }),
          (result) => [result],
        ),
    },
  },
};
