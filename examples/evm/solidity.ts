/**
 * Solidity for examples and tests: source to the code of one contract, and the call data of its functions.
 *
 * The encoding covers what the examples need: words, and one trailing `bytes` argument.
 */

import solc from 'solc';

export interface SolidityContract {
  /** The code as it would stand on the chain. */
  readonly code: Uint8Array;
  /** Selector by signature, `squareRoot(uint256)`. */
  readonly selectors: ReadonlyMap<string, string>;
}

export interface SolidityOptions {
  /** By the new code generator; off if left out. */
  readonly viaIr?: boolean;
  /** Optimizer runs; 200 if left out, no optimizer for 0. */
  readonly runs?: number;
}

interface SolcOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Record<
    string,
    Record<
      string,
      {
        readonly evm: {
          readonly deployedBytecode: { readonly object: string };
          readonly methodIdentifiers: Record<string, string>;
        };
      }
    >
  >;
}

/** Compiles for Osaka. Throws an Error with the compiler's messages if there is one of severity `error`. */
export function compileSolidity(
  source: string,
  contract: string,
  options: SolidityOptions = {},
): SolidityContract {
  const { viaIr = false, runs = 200 } = options;
  const input = {
    language: 'Solidity',
    sources: { 'source.sol': { content: source } },
    settings: {
      evmVersion: 'osaka',
      viaIR: viaIr,
      optimizer: { enabled: runs > 0, runs: Math.max(runs, 1) },
      outputSelection: { '*': { '*': ['evm.deployedBytecode.object', 'evm.methodIdentifiers'] } },
    },
  };
  const output: SolcOutput = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'));
  }
  const compiled = output.contracts['source.sol']?.[contract];
  if (compiled === undefined) throw new Error(`contract: expected one named ${contract}`);
  return {
    code: fromHex(compiled.evm.deployedBytecode.object),
    selectors: new Map(Object.entries(compiled.evm.methodIdentifiers)),
  };
}

/** Call data: the selector, then words (negative ones in two's complement), then `bytes` if given. */
export function encodeCall(
  contract: SolidityContract,
  signature: string,
  words: readonly bigint[],
  bytes?: Uint8Array,
): Uint8Array {
  const selector = contract.selectors.get(signature);
  if (selector === undefined) throw new Error(`signature: the contract has no ${signature}`);
  const hex = (value: bigint): string => BigInt.asUintN(256, value).toString(16).padStart(64, '0');
  let text = selector + words.map(hex).join('');
  if (bytes !== undefined) {
    text += hex(32n * BigInt(words.length + 1)) + hex(BigInt(bytes.length));
    const padded = new Uint8Array(32 * Math.ceil(bytes.length / 32));
    padded.set(bytes);
    text += toHex(padded);
  }
  return fromHex(text);
}

/** The words of return data; a last incomplete one is left out. */
export function decodeWords(data: Uint8Array): bigint[] {
  return Array.from({ length: Math.floor(data.length / 32) }, (_, i) =>
    BigInt(`0x${toHex(data.subarray(32 * i, 32 * i + 32))}`),
  );
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Hex without a prefix, of even length. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}
