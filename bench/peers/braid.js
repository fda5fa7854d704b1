/** Braid itself, as built: `npm run build` in the root of the repository must have run. */

import { existsSync } from 'node:fs';
import { INCREMENT, MULTIPLIER, SEED, startsOf } from './works.js';

const entry = new URL('../../dist/index.js', import.meta.url);

async function braid() {
  if (!existsSync(entry)) {
    throw new Error(
      'Braid is not built: run `npm ci && npm run build` in the root of the repository',
    );
  }
  return import(entry.href);
}

/**
 * @param {number} count
 * @returns {Promise<import('./peer.js').Prover>}
 */
async function makeGenerator(count) {
  const { compileWasm, prove, verify } = await braid();
  const program = compileWasm(generatorModule());
  const request = { arguments: [count] };
  return {
    prove: async () => (await prove(program, request)).proof,
    verify: async (proof, result) => {
      const expect = { status: 'returned', arguments: [BigInt(count)], results: [result] };
      return (await verify(proof, { program, expect })).ok;
    },
    bytesOf: (proof) => proof.length,
  };
}

/**
 * @param {number} count
 * @param {bigint} modulus
 * @returns {Promise<import('./peer.js').Prover>}
 */
async function makeProducts(count, modulus) {
  const { compileEvm, prove, verify } = await braid();
  const program = compileEvm(productCode(modulus));
  const calldata = bytesOf(BigInt(count));
  const gas = 2n ** 40n;
  return {
    prove: async () => (await prove(program, { calldata, gas })).proof,
    verify: async (proof, result) => {
      const expect = { status: 'returned', input: calldata, output: bytesOf(result) };
      return (await verify(proof, { program, expect })).ok;
    },
    bytesOf: (proof) => proof.length,
  };
}

/** @type {import('./peer.js').Peer} */
export const peer = {
  name: 'Braid (P100)',
  packages: [],
  proof:
    'STARK (circle FRI over M31, BLAKE3) of a general machine; not zero-knowledge; no trusted set-up',
  security: '100 bits, proven (unique decoding)',
  works: {
    generator: { count: 4096, make: makeGenerator },
    product: { count: 1024, make: makeProducts },
    home: { count: 1024, make: makeProducts },
  },
};

/** `run(turns: i32) -> i32`, a module of one function. */
function generatorModule() {
  const body = [
    ...[0x01, 0x02, 0x7f], // two locals of i32: x, sum
    ...[0x41, ...signed(SEED), 0x21, 0x01], // x = seed
    ...[0x03, 0x40], // loop
    ...[0x20, 0x01, 0x41, ...signed(MULTIPLIER), 0x6c], // x * multiplier
    ...[0x41, ...signed(INCREMENT), 0x6a, 0x22, 0x01], // + increment, tee x
    ...[0x20, 0x02, 0x73, 0x21, 0x02], // sum = x xor sum
    ...[0x20, 0x00, 0x41, 0x01, 0x6b, 0x22, 0x00, 0x0d, 0x00], // turns = turns - 1, branch
    ...[0x0b, 0x20, 0x02, 0x0b], // end, sum, end
  ];
  const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const types = [0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f];
  const functions = [0x03, 0x02, 0x01, 0x00];
  const exported = [0x07, 0x07, 0x01, 0x03, 0x72, 0x75, 0x6e, 0x00, 0x00];
  const code = [0x0a, body.length + 2, 0x01, body.length, ...body];
  return Uint8Array.from([...magic, ...types, ...functions, ...exported, ...code]);
}

/**
 * LEB128, signed.
 *
 * @param {bigint} value not negative
 */
function signed(value) {
  const bytes = [];
  for (let rest = value; ; rest >>= 7n) {
    const digit = Number(rest & 0x7fn);
    if (rest < 0x40n) return [...bytes, digit];
    bytes.push(digit | 0x80);
  }
}

/**
 * EVM code: the number of products is the first word of the call data, the last remainder is returned.
 *
 * @param {bigint} modulus
 */
function productCode(modulus) {
  const [x, y] = startsOf(modulus);
  const start = [0x5f, 0x35, 0x7f, ...bytesOf(x), 0x7f, ...bytesOf(y)]; // count x y
  return Uint8Array.from([
    ...start,
    ...[0x5b], // JUMPDEST: n x y
    ...[0x90, 0x7f, ...bytesOf(modulus)], // SWAP1 PUSH32: n y x p
    ...[0x90, 0x82, 0x09], // SWAP1 DUP3 MULMOD: n y z
    ...[0x91, 0x60, 0x01, 0x90, 0x03], // SWAP2 PUSH1 1 SWAP1 SUB: z y n-1
    ...[0x91, 0x82, 0x60, start.length, 0x57], // SWAP2 DUP3 PUSH1 JUMPI: n-1 y z
    ...[0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3], // the last z: PUSH0 MSTORE, PUSH1 32 PUSH0 RETURN
  ]);
}

/**
 * A word of 32 bytes, the most significant first.
 *
 * @param {bigint} value
 */
function bytesOf(value) {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'));
}
