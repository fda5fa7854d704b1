/**
 * Inputs as the machine sees them: cells of the public-input and the private-input segment.
 *
 * Public input (segment 1): export number, gas limit, number of arguments, byte length of the input; then
 * `argumentCells` cells, fixed for a program; then the input's bytes. Private input (segment 2): its byte
 * length, then its bytes. All cells are listed, zeros too (spec/9-programs.md). The prover and the
 * verifier make the public cells alike, from the statement.
 */

import { type Program, PUBLIC_HEADER_CELLS } from './program.ts';
import type { RunInput } from './state.ts';

/** What a caller asks of a program. */
export interface CallInput {
  /** Number of the export; by default 0. */
  readonly exportNumber?: number;
  /** First value of the gas register, below 2^64; by default 0. */
  readonly gasLimit?: bigint;
  /** Words, one cell each, taken modulo 2^64. Not together with `environment`. */
  readonly arguments?: readonly bigint[];
  /** Wide words, four cells each, taken modulo 2^256. */
  readonly environment?: readonly bigint[];
  readonly input?: Uint8Array;
  readonly privateInput?: Uint8Array;
}

const WIDE_CELLS = 4;

/**
 * The input of a run. Throws a RangeError if there are more arguments than the program has cells for, or
 * a number is out of range.
 */
export function runInputOf(program: Program, call: CallInput): RunInput {
  return {
    publicInput: publicInputCells(program, call),
    privateInput: privateInputCells(call.privateInput ?? new Uint8Array(0)),
    gas: lanesOf(gasLimitOf(call), 1),
  };
}

/** All cells of the public input from cell 0, two lanes each. Throws as `runInputOf`. */
export function publicInputCells(
  program: Pick<Program, 'argumentCells'>,
  call: CallInput,
): Int32Array {
  const { exportNumber = 0, environment, input = new Uint8Array(0) } = call;
  if (!Number.isInteger(exportNumber) || exportNumber < 0 || exportNumber >= 2 ** 32) {
    throw new RangeError(`exportNumber: expected 0 to 2^32 - 1, got ${exportNumber}`);
  }
  if (environment !== undefined && call.arguments !== undefined) {
    throw new TypeError('arguments: expected none beside an environment');
  }
  const values = environment ?? call.arguments ?? [];
  const width = environment === undefined ? 1 : WIDE_CELLS;
  const { argumentCells } = program;
  if (values.length * width > argumentCells) {
    throw new RangeError(
      `arguments: expected at most ${argumentCells} cells, got ${values.length * width}`,
    );
  }
  const head = PUBLIC_HEADER_CELLS + argumentCells;
  const lanes = new Int32Array(2 * (head + Math.ceil(input.length / 8)));
  lanes[0] = exportNumber;
  lanes.set(lanesOf(gasLimitOf(call), 1), 2);
  lanes[4] = values.length;
  lanes[6] = input.length;
  values.forEach((value, i) => {
    lanes.set(lanesOf(value, width), 2 * (PUBLIC_HEADER_CELLS + i * width));
  });
  putBytes(lanes, head, input);
  return lanes;
}

/** All cells of the private input from cell 0, two lanes each. */
export function privateInputCells(bytes: Uint8Array): Int32Array {
  const lanes = new Int32Array(2 * (1 + Math.ceil(bytes.length / 8)));
  lanes[0] = bytes.length;
  putBytes(lanes, 1, bytes);
  return lanes;
}

function gasLimitOf({ gasLimit = 0n }: CallInput): bigint {
  if (gasLimit < 0n || gasLimit >= 2n ** 64n) {
    throw new RangeError(`gasLimit: expected 0 to 2^64 - 1, got ${gasLimit}`);
  }
  return gasLimit;
}

/** Little endian, `cells` cells of two lanes. */
function lanesOf(value: bigint, cells: number): Int32Array {
  return Int32Array.from({ length: 2 * cells }, (_, i) =>
    Number(BigInt.asIntN(32, value >> BigInt(32 * i))),
  );
}

/** Bytes into cells from `cell` on, little endian. */
function putBytes(lanes: Int32Array, cell: number, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) {
    lanes[2 * cell + (i >>> 2)] |= bytes[i] << ((i & 3) << 3);
  }
}
