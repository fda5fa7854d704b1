/**
 * What a file of a peer exports: how its proofs are to be read, and for each work how to make a prover.
 * These files load their packages when a prover is made, so that to list them costs nothing.
 */

/**
 * @typedef {object} Prover
 * @property {() => Promise<unknown>} prove from the inputs to the proof, witness or execution included
 * @property {(proof: any, result: bigint) => Promise<boolean>} [verify] that the work has that result; left out
 *   where the package has no verifier
 * @property {(proof: any) => number} bytesOf length of the proof as it would be sent
 * @property {(proof: any) => string} [remark] what the proof says of itself
 * @property {() => unknown} [close]
 */

/**
 * @typedef {object} Possible
 * @property {number} count steps, or products
 * @property {bigint} [modulus] of the products
 * @property {(count: number, modulus: bigint) => Promise<Prover>} make compiles, makes keys
 * @property {string} [remark]
 */

/** @typedef {{ readonly impossible: string }} Impossible */

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {readonly string[]} packages whose versions are printed
 * @property {string} proof kind, zero knowledge, trusted set-up
 * @property {string} security bits of security, as its documents say
 * @property {string} [remark]
 * @property {() => Promise<void>} [obtain] makes what its users download, once; not counted
 * @property {Readonly<Record<import('./works.js').WorkName, Possible | Impossible>>} works
 */

export {};
