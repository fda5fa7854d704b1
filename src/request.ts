/**
 * What a caller asks of a program, and what came of it, in the caller's terms: export names, argument
 * values, call data, bytes. The machine's terms (cells, header) are in `src/isa/statement.ts`.
 */

import {
  CALL_DATA_LIMIT,
  type EvmEnvironment,
  environmentCells,
  environmentOf,
} from './frontends/evm/environment.ts';
import type { Outcome } from './isa/outcome.ts';
import type { Program, ProgramExport } from './isa/program.ts';
import type { Call } from './isa/statement.ts';
import type { StatusText } from './isa/status.ts';
import { accept, type Checked, refuse } from './stark/rejection.ts';

/** Gas of an EVM call where the caller names none. */
export const DEFAULT_GAS = 30_000_000n;

export interface Request {
  /** Wasm: the exported function; needed where there are several. */
  readonly invoke?: string;
  /** Wasm: its arguments, signed or unsigned. */
  readonly arguments?: readonly (bigint | number)[];
  /** Wasm: bytes for `read_input`, public. */
  readonly input?: Uint8Array;
  /** EVM: the call data, public. */
  readonly calldata?: Uint8Array;
  /** EVM: the gas limit of the call, below 2^64; 30,000,000 if left out. */
  readonly gas?: bigint;
  /** EVM: addresses, value and block; zero where left out. */
  readonly environment?: Partial<EvmEnvironment>;
  /** Bytes that only the prover knows. */
  readonly privateInput?: Uint8Array;
}

export interface Result {
  /**
   * `returned`, `reverted`, `trapped`, `out-of-gas`, `invalid` or `unsupported`; of a run that the host's
   * limits ended, which cannot be proven, `step-limit` or `memory-limit`.
   */
  readonly status: StatusText | 'step-limit' | 'memory-limit';
  /** Why, where the status has a reason: the trap, the exceptional halt, the opcode. */
  readonly reason?: string;
  /** Wasm: results of the function, unsigned. */
  readonly results: readonly bigint[];
  /** EVM: return or revert data. Wasm: what the program wrote. */
  readonly output: Uint8Array;
  readonly gasUsed: bigint;
}

const LIMIT_64 = 2n ** 64n;

/**
 * The call that the request means for this program.
 *
 * @throws RangeError that names the field, if the program has no such export or an argument does not fit.
 */
export function callOf(program: Program, request: Request): Call {
  const foreign: (keyof Request)[] =
    program.vm === 'evm' ? ['invoke', 'arguments', 'input'] : ['calldata', 'gas', 'environment'];
  for (const name of foreign) {
    if (request[name] !== undefined) {
      throw new RangeError(`${name}: has no meaning for a program of kind ${program.vm}`);
    }
  }
  return program.vm === 'evm' ? evmCall(request) : wasmCall(program, request);
}

function evmCall(request: Request): Call {
  const gasLimit = request.gas ?? DEFAULT_GAS;
  if (gasLimit < 0n || gasLimit >= LIMIT_64) {
    throw new RangeError(`gas: expected 0 to 2^64 - 1, got ${gasLimit}`);
  }
  const input = request.calldata ?? new Uint8Array(0);
  if (input.length >= CALL_DATA_LIMIT) {
    throw new RangeError(
      `calldata: expected fewer than ${CALL_DATA_LIMIT} bytes, got ${input.length}`,
    );
  }
  return {
    exportNumber: 0,
    gasLimit,
    arguments: environmentCells(request.environment ?? {}),
    input,
  };
}

function wasmCall(program: Program, request: Request): Call {
  const exportNumber = findExport(program, request.invoke);
  const { name, parameters } = program.exports[exportNumber]!;
  const given = request.arguments ?? [];
  if (given.length !== parameters.length) {
    throw new RangeError(
      `arguments: ${name} takes ${parameters.length} (${parameters.join(', ')}), got ${given.length}`,
    );
  }
  return {
    exportNumber,
    gasLimit: 0n,
    arguments: parameters.map((type, i) => argumentCell(type, given[i]!, i)),
    input: request.input ?? new Uint8Array(0),
  };
}

function findExport({ exports }: Program, invoke: string | undefined): number {
  const names = exports.map(({ name }) => name).join(', ');
  if (exports.length === 0) throw new RangeError('invoke: the module exports no function');
  if (invoke === undefined) {
    if (exports.length === 1) return 0;
    throw new RangeError(`invoke: expected one of ${names}`);
  }
  const index = exports.findIndex(({ name }) => name === invoke);
  if (index < 0) throw new RangeError(`invoke: expected one of ${names}, got ${invoke}`);
  return index;
}

function argumentCell(
  type: ProgramExport['parameters'][number],
  value: bigint | number,
  i: number,
): bigint {
  const bits = bitsOf(type);
  if (typeof value === 'number' && !Number.isInteger(value)) {
    throw new RangeError(`argument ${i}: expected an integer, got ${value}`);
  }
  const integer = BigInt(value);
  if (integer < -(1n << (bits - 1n)) || integer >= 1n << bits) {
    throw new RangeError(`argument ${i}: expected an ${type}, got ${value}`);
  }
  return integer & ((1n << bits) - 1n);
}

function bitsOf(type: ProgramExport['parameters'][number]): bigint {
  return type.endsWith('64') ? 64n : 32n;
}

/** A call in the caller's terms. */
export interface Asked {
  /** Wasm: the exported function. */
  readonly invoked?: string;
  /** Wasm: its arguments, unsigned. */
  readonly arguments?: readonly bigint[];
  /** EVM: addresses, value and block, every field. */
  readonly environment?: Required<EvmEnvironment>;
  /** Wasm: the public input. EVM: the call data. */
  readonly input: Uint8Array;
  /** EVM: the gas limit. */
  readonly gasLimit: bigint;
}

/**
 * What a call of a statement asks: the inverse of {@link callOf}. Refuses what no request asks for, so that each
 * request has one statement and each statement that is proven means what it seems to: the machine would run
 * with an address of 200 bits, or call data longer than the lowering reads.
 */
export function askedBy(program: Program, call: Call): Checked<Asked> {
  return program.vm === 'evm' ? askedOfEvm(call) : askedOfWasm(program, call);
}

function askedOfEvm({ arguments: cells, gasLimit, input }: Call): Checked<Asked> {
  const environment = environmentOf(cells);
  if (environment === undefined) {
    return refuse({ code: 'not-canonical', where: 'environment', got: cells.length });
  }
  const greatest = CALL_DATA_LIMIT - 1;
  if (input.length > greatest) {
    return refuse({
      code: 'out-of-range',
      where: 'call data',
      least: 0,
      greatest,
      got: input.length,
    });
  }
  return accept({ environment, gasLimit, input });
}

function askedOfWasm(program: Program, call: Call): Checked<Asked> {
  const { exportNumber, arguments: given, gasLimit, input } = call;
  const called = program.exports[exportNumber];
  if (called === undefined) {
    return refuse({
      code: 'out-of-range',
      where: 'export',
      least: 0,
      greatest: program.exports.length - 1,
      got: exportNumber,
    });
  }
  const { name, parameters } = called;
  if (given.length !== parameters.length) {
    return refuse({
      code: 'wrong-length',
      where: `arguments of ${name}`,
      expected: parameters.length,
      got: given.length,
    });
  }
  const tooLong = parameters.findIndex((type, i) => given[i]! >= 1n << bitsOf(type));
  if (tooLong >= 0) {
    const got = Number(given[tooLong]);
    return refuse({ code: 'not-canonical', where: `argument ${tooLong} of ${name}`, got });
  }
  if (gasLimit !== 0n) {
    return refuse({ code: 'not-canonical', where: 'gas limit', got: Number(gasLimit) });
  }
  return accept({ invoked: name, arguments: given, gasLimit, input });
}

/** The outcome in the caller's terms. */
export function resultOf(call: Call, outcome: Outcome): Result {
  return {
    status: outcome.statusText,
    ...(outcome.reasonText === '' ? {} : { reason: outcome.reasonText }),
    results: outcome.results,
    output: outcome.output,
    gasUsed: call.gasLimit - outcome.gasLeft,
  };
}
