/**
 * Miden's SDK for the web. It proves transactions of Miden's chain and nothing else, so the work is the script of a
 * transaction on a mock chain that comes with it, and the kernel of the transaction is proven as well. Offline.
 *
 * It is made for browsers: IndexedDB is stood in for by fake-indexeddb, `fetch` reads its Wasm from the disk, and
 * without Web Workers it proves on one thread. The package has no verifier.
 */

import { readFileSync } from 'node:fs';
import { resultOf, SEED, startsOf } from './works.js';

/** The field of the machine. */
const GOLDILOCKS = 2n ** 64n - 2n ** 32n + 1n;

/**
 * @param {string} script
 * @returns {Promise<import('./peer.js').Prover>}
 */
async function make(script) {
  const network = globalThis.fetch;
  globalThis.fetch = async (address, options) =>
    String(address).startsWith('file:')
      ? new Response(readFileSync(new URL(String(address))), {
          headers: { 'content-type': 'application/wasm' },
        })
      : network(address, options);
  await import('fake-indexeddb/auto');
  const miden = await import('@miden-sdk/miden-sdk');
  const client = await miden.MockWebClient.createClient();
  await client.syncState();
  const wallet = await client.newWallet(miden.AccountStorageMode.private(), true, 0);
  const builder = await client.createCodeBuilder();
  const compiled = builder.compileTxScript(script);
  return {
    prove: async () => {
      const request = new miden.TransactionRequestBuilder().withCustomScript(compiled).build();
      const executed = await client.executeTransaction(wallet.id(), request);
      return client.proveTransaction(executed, miden.TransactionProver.newLocalProver());
    },
    bytesOf: (transaction) => transaction.serialize().length,
  };
}

/**
 * A loop that ends with the result on top of the stack, which is compared with what it should be.
 *
 * @param {readonly bigint[]} state from the top of the stack
 * @param {number} count
 * @param {string} body
 * @param {bigint} result
 */
function scriptOf([top, second], count, body, result) {
  return `begin
    push.${count} push.${second} push.${top} push.1
    while.true
        ${body}
        movup.2 sub.1 dup.0 movdn.3 neq.0
    end
    push.${result} assert_eq drop drop
end`;
}

/** @type {import('./peer.js').Peer} */
export const peer = {
  name: 'Miden SDK',
  packages: ['@miden-sdk/miden-sdk'],
  proof:
    'STARK of a general machine (its chain’s transaction kernel included); not zero-knowledge; no trusted set-up',
  security: '96 bits, conjectured',
  remark: 'a transaction on a mock chain; one thread under Node; the package has no verifier',
  works: {
    generator: {
      count: 2000,
      make: (count) =>
        make(
          scriptOf(
            [0n, SEED],
            count,
            `swap push.1664525 u32wrapping_mul push.1013904223 u32wrapping_add
        swap dup.1 u32xor`,
            resultOf('generator', count, 0n),
          ),
        ),
    },
    product: {
      impossible: 'its library has 256-bit products modulo 2^256 only; no reduction was written',
    },
    home: {
      count: 2000,
      modulus: GOLDILOCKS,
      make: (count) => {
        const [x, y] = startsOf(GOLDILOCKS);
        const result = resultOf('home', count, GOLDILOCKS);
        return make(scriptOf([y, x], count, 'dup.0 movup.2 mul', result));
      },
    },
  },
};
