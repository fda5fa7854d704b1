/**
 * Noir, compiled by noir_wasm, proven by Barretenberg's UltraHonk in bb.js: its Wasm prover with threads, and the
 * native one that comes in the same package and that bb.js prefers in Node. The programs are in `noir/`.
 *
 * bb.js downloads its reference string when it first starts, 4 MiB, into node_modules/.cache. One of our own making will
 * not do: 5.0.0 refuses any but the one of its ceremony, and older ones make proofs that do not verify with another.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BN254 } from './snarkjs.js';
import { limbsOf, productSteps, SECP256K1, SEED, startsOf } from './works.js';

/** Of the reference string: enough for circuits of 2^16 gates. */
const POINTS = 2 ** 17;

/**
 * @param {string} name file in `noir/`
 * @param {Readonly<Record<string, unknown>>} constants put in front of it as globals
 */
async function compile(name, constants) {
  const { compile_program, createFileManager } = await import('@noir-lang/noir_wasm');
  const folder = mkdtempSync(join(tmpdir(), 'peers-noir-'));
  try {
    const globals = Object.entries(constants).map(([key, value]) => `global ${key} = ${value};\n`);
    const source = readFileSync(new URL(`noir/${name}.nr`, import.meta.url), 'utf8');
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/main.nr'), `${globals.join('')}\n${source}`);
    writeFileSync(join(folder, 'Nargo.toml'), `[package]\nname = "${name}"\ntype = "bin"\n`);
    return (await compile_program(createFileManager(folder))).program;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param {'Wasm' | 'NativeUnixSocket'} backend
 * @param {string} name
 * @param {Readonly<Record<string, unknown>>} constants
 * @param {() => Record<string, unknown>} inputsOf
 * @param {(result: bigint) => bigint[]} publicOf
 * @returns {Promise<import('./peer.js').Prover>}
 */
async function make(backend, name, constants, inputsOf, publicOf) {
  const { Barretenberg, BackendType, UltraHonkBackend, UltraHonkVerifierBackend } = await import(
    '@aztec/bb.js'
  );
  const { Noir } = await import('@noir-lang/noir_js');
  const program = await compile(name, constants);
  const api = await Barretenberg.new({
    backend: BackendType[backend],
    threads: availableParallelism(),
    crsPath: fileURLToPath(new URL('node_modules/.cache/bb-crs', import.meta.url)),
    srsSize: POINTS,
  });
  const prover = new UltraHonkBackend(program.bytecode, api);
  const verificationKey = await prover.getVerificationKey();
  const noir = new Noir(program);
  const verifier = new UltraHonkVerifierBackend(api);
  return {
    prove: async () => {
      const { witness } = await noir.execute(inputsOf());
      return prover.generateProof(witness);
    },
    verify: ({ proof }, result) => {
      const publicInputs = publicOf(result).map(
        (value) => `0x${value.toString(16).padStart(64, '0')}`,
      );
      return verifier.verifyProof({ proof, publicInputs, verificationKey });
    },
    bytesOf: ({ proof }) => proof.length,
    close: () => api.destroy(),
  };
}

/**
 * @param {'Wasm' | 'NativeUnixSocket'} backend
 * @param {string} shown
 * @returns {import('./peer.js').Peer}
 */
const peerWith = (backend, shown) => ({
  name: `Noir, bb.js ${shown}`,
  packages: ['@noir-lang/noir_js', '@noir-lang/noir_wasm', '@aztec/bb.js'],
  proof:
    'SNARK (UltraHonk, KZG, BN254) of a fixed circuit; zero-knowledge; one trusted set-up for all circuits',
  security: 'about 100 bits, estimated (BN254)',
  remark: 'the first run downloads a reference string from crs.aztec.network',
  works: {
    generator: {
      count: 4000,
      make: (count) =>
        make(
          backend,
          'generator',
          { 'TURNS: u32': count },
          () => ({ seed: Number(SEED) }),
          (result) => [SEED, result],
        ),
    },
    product: {
      count: 256,
      modulus: SECP256K1,
      make: (count, modulus) => {
        const limbs = (/** @type {bigint} */ value) => limbsOf(value, 3, 88);
        const texts = (/** @type {bigint} */ value) => limbs(value).map(String);
        return make(
          backend,
          'product',
          {
            'COUNT: u32': count,
            'MODULUS: [Field; 3]': `[${limbs(modulus)}]`,
            'STARTS: [[Field; 3]; 2]': `[${startsOf(modulus).map((start) => `[${limbs(start)}]`)}]`,
          },
          () => {
            const steps = productSteps(count, modulus);
            return {
              quotients: steps.map(({ quotient }) => texts(quotient)),
              remainders: steps.map(({ remainder }) => texts(remainder)),
            };
          },
          limbs,
        );
      },
    },
    home: {
      count: 30000,
      modulus: BN254,
      make: (count) =>
        make(
          backend,
          'home',
          { 'COUNT: u32': count, 'FIRST: Field': startsOf(BN254)[0] },
          () => ({ second: String(startsOf(BN254)[1]) }),
          (result) => [startsOf(BN254)[1], result],
        ),
    },
  },
});

export const wasm = peerWith('Wasm', 'Wasm');
export const native = peerWith('NativeUnixSocket', 'native');
