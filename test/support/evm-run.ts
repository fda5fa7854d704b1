/** Runs lowered EVM code on the interpreter and reads the outcome from the header of its output. */

import {
  CALL_DATA_START,
  type EvmEnvironment,
  environmentCells,
  environmentWords,
} from '../../src/frontends/evm/environment.ts';
import { OUTPUT_START } from '../../src/frontends/evm/layout.ts';
import { type RunInput, run } from '../../src/isa/interpreter.ts';
import type { Program } from '../../src/isa/program.ts';
import { type StatusName, statusOf } from '../../src/isa/status.ts';

export interface EvmCall {
  readonly gas: bigint;
  readonly data?: Uint8Array;
  readonly environment?: EvmEnvironment;
}

export interface EvmOutcome {
  readonly status: StatusName;
  readonly reason: number;
  readonly gasLeft: bigint;
  readonly output: Uint8Array;
  readonly steps: number;
}

/** The statement of a call as the machine's input. */
export function evmInput({ gas, data = new Uint8Array(0), environment }: EvmCall): RunInput {
  const cells = [0n, gas, BigInt(environmentWords.length), BigInt(data.length)];
  cells.push(...environmentCells(environment));
  const bytes = new Uint8Array(CALL_DATA_START + 8 * Math.ceil(data.length / 8));
  const view = new DataView(bytes.buffer);
  cells.forEach((cell, i) => {
    view.setBigUint64(8 * i, cell, true);
  });
  bytes.set(data, CALL_DATA_START);
  return {
    publicInput: Int32Array.from({ length: bytes.length / 4 }, (_, i) =>
      view.getInt32(4 * i, true),
    ),
    privateInput: new Int32Array(2),
    gas: Int32Array.of(Number(BigInt.asIntN(32, gas)), Number(BigInt.asIntN(32, gas >> 32n))),
  };
}

export function runEvm(program: Program, call: EvmCall, maxSteps = 50_000_000): EvmOutcome {
  const result = run(program, evmInput(call), { maxSteps });
  if (result.status !== 'halted') throw new Error(`the run ended by ${result.status}`);
  const lanes = new Int32Array(2);
  const cell = (number: number): bigint => {
    result.output.readCell(lanes, 0, number);
    return BigInt.asUintN(32, BigInt(lanes[0]!)) | (BigInt.asUintN(32, BigInt(lanes[1]!)) << 32n);
  };
  const status = statusOf(Number(cell(0)));
  if (status === undefined) throw new Error(`no status has the code ${cell(0)}`);
  const length = Number(cell(3));
  const output = new Uint8Array(8 * Math.ceil(length / 8));
  const view = new DataView(output.buffer);
  for (let at = 0; at < output.length; at += 8) {
    view.setBigUint64(at, cell((OUTPUT_START + at) / 8), true);
  }
  return {
    status,
    reason: Number(cell(1)),
    gasLeft: cell(2),
    output: output.slice(0, length),
    steps: result.steps,
  };
}
