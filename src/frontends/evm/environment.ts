/**
 * The environment of a call: who calls, with what, in which block. Public input, chosen by the statement.
 *
 * Each word of it takes four cells of the public input and stands there as 32 bytes, the most significant first, so
 * that one wide load reads it. `spec/3-lowering-evm.md`.
 */

import { PUBLIC_HEADER_CELLS } from '../../isa/program.ts';

/** Words below 2^256; addresses below 2^160. Everything is 0 if left out. */
export interface EvmEnvironment {
  /** Of the contract that runs. */
  readonly address?: bigint;
  readonly origin?: bigint;
  readonly caller?: bigint;
  readonly callValue?: bigint;
  readonly gasPrice?: bigint;
  readonly coinbase?: bigint;
  readonly timestamp?: bigint;
  readonly blockNumber?: bigint;
  readonly prevRandao?: bigint;
  readonly blockGasLimit?: bigint;
  readonly chainId?: bigint;
  readonly baseFee?: bigint;
  readonly blobBaseFee?: bigint;
}

/** Opcode and field of each environment word, in the order of the public input. */
export const environmentWords = [
  { opcode: 'ADDRESS', field: 'address', bits: 160 },
  { opcode: 'ORIGIN', field: 'origin', bits: 160 },
  { opcode: 'CALLER', field: 'caller', bits: 160 },
  { opcode: 'CALLVALUE', field: 'callValue', bits: 256 },
  { opcode: 'GASPRICE', field: 'gasPrice', bits: 256 },
  { opcode: 'COINBASE', field: 'coinbase', bits: 160 },
  { opcode: 'TIMESTAMP', field: 'timestamp', bits: 256 },
  { opcode: 'NUMBER', field: 'blockNumber', bits: 256 },
  { opcode: 'PREVRANDAO', field: 'prevRandao', bits: 256 },
  { opcode: 'GASLIMIT', field: 'blockGasLimit', bits: 256 },
  { opcode: 'CHAINID', field: 'chainId', bits: 256 },
  { opcode: 'BASEFEE', field: 'baseFee', bits: 256 },
  { opcode: 'BLOBBASEFEE', field: 'blobBaseFee', bits: 256 },
] as const satisfies readonly {
  readonly opcode: string;
  readonly field: keyof EvmEnvironment;
  readonly bits: number;
}[];

const zeroEnvironment: Required<EvmEnvironment> = {
  address: 0n,
  origin: 0n,
  caller: 0n,
  callValue: 0n,
  gasPrice: 0n,
  coinbase: 0n,
  timestamp: 0n,
  blockNumber: 0n,
  prevRandao: 0n,
  blockGasLimit: 0n,
  chainId: 0n,
  baseFee: 0n,
  blobBaseFee: 0n,
};

const CELLS_OF_WORD = 4;

/** Cells that the environment takes in the public input. */
export const ENVIRONMENT_CELLS = CELLS_OF_WORD * environmentWords.length;
/** Byte offset of the call data in the public input. */
export const CALL_DATA_START = 8 * (PUBLIC_HEADER_CELLS + ENVIRONMENT_CELLS);

/** Call data is shorter than this many bytes. */
export const CALL_DATA_LIMIT = 2 ** 25;
/** Bytes of the windows on public input, code and output: what is read past the data is zero. */
export const DATA_WINDOW_BYTES = 2 ** 26;

/** Byte offset of environment word i in the public input. */
export function environmentOffset(word: number): number {
  return 8 * (PUBLIC_HEADER_CELLS + CELLS_OF_WORD * word);
}

/**
 * The argument cells of the public input, each below 2^64. Throws a RangeError for a field that is too large.
 */
export function environmentCells(environment: EvmEnvironment = {}): bigint[] {
  const cells: bigint[] = [];
  const view = new DataView(new ArrayBuffer(8));
  for (const { field, bits } of environmentWords) {
    const value = environment[field] ?? 0n;
    if (value < 0n || value >= 1n << BigInt(bits)) {
      throw new RangeError(`${field}: expected 0 to 2^${bits} - 1, got ${value}`);
    }
    for (let cell = 0; cell < CELLS_OF_WORD; cell++) {
      // Cells are little endian, the word in them is not.
      const shift = BigInt(64 * (CELLS_OF_WORD - 1 - cell));
      view.setBigUint64(0, BigInt.asUintN(64, value >> shift));
      cells.push(view.getBigUint64(0, true));
    }
  }
  return cells;
}

/** The environment that argument cells say; undefined if they are of no environment. */
export function environmentOf(cells: readonly bigint[]): Required<EvmEnvironment> | undefined {
  if (cells.length !== ENVIRONMENT_CELLS) return undefined;
  const environment: Record<keyof EvmEnvironment, bigint> = { ...zeroEnvironment };
  const view = new DataView(new ArrayBuffer(8));
  for (const [word, { field, bits }] of environmentWords.entries()) {
    let value = 0n;
    for (let cell = 0; cell < CELLS_OF_WORD; cell++) {
      view.setBigUint64(0, cells[CELLS_OF_WORD * word + cell]!, true);
      value = (value << 64n) | view.getBigUint64(0);
    }
    // An address of more than 160 bits is none, though the machine would push it.
    if (value >= 1n << BigInt(bits)) return undefined;
    environment[field] = value;
  }
  return environment;
}
