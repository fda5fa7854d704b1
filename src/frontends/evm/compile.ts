/**
 * The EVM frontend: the code of one contract in, a linked program out.
 *
 * Every byte string is a contract: what is no opcode halts exceptionally when it is reached. The code runs as a call
 * with the gas limit of the statement, on its call data and environment. `spec/3-lowering-evm.md`.
 */

import { UnitBuilder } from '../../isa/builder.ts';
import { digestOfSource } from '../../isa/digests.ts';
import { link } from '../../isa/linker.ts';
import type { ImageCells, Program } from '../../isa/program.ts';
import { CompileError, type Frontend } from '../frontend.ts';
import { basicBlocks, jumpDestinations } from './bytecode.ts';
import {
  CALL_DATA_START,
  DATA_WINDOW_BYTES,
  ENVIRONMENT_CELLS,
  environmentOffset,
} from './environment.ts';
import {
  CODE_SEGMENT,
  CODE_WINDOW,
  MEMORY_SEGMENT,
  MEMORY_WINDOW,
  PUBLIC_WINDOW,
} from './layout.ts';
import { type Contract, lowerContract } from './lower.ts';
import { EVM_LOWERING_VERSION, evmRuntime } from './runtime.ts';

export interface EvmOptions {
  /** Name of the unit, for statistics; `contract` if left out. */
  readonly name?: string;
}

/** Code is at most as long as what one call can carry; the protocol's own limit is 24 KiB. */
const GREATEST_CODE_BYTES = 2 ** 24;

/**
 * Lowers the code of one contract. Linear and deterministic. Throws a CompileError only for code of more
 * than 16 MiB.
 */
export function compileEvm(bytecode: Uint8Array, options: EvmOptions = {}): Program {
  if (bytecode.length > GREATEST_CODE_BYTES) {
    throw new CompileError('unsupported', 'code of more than 16 MiB', GREATEST_CODE_BYTES);
  }
  const destinations = jumpDestinations(bytecode);
  const contract: Contract = {
    bytes: bytecode,
    blocks: basicBlocks(bytecode, destinations),
    destinations,
  };
  const builder = new UnitBuilder({
    name: options.name ?? 'contract',
    frontend: evm.name,
    frontendVersion: evm.version,
    sourceDigest: digestOfSource(evm.name, bytecode),
    allowedWindows: [PUBLIC_WINDOW, MEMORY_WINDOW],
    allowedGlobals: [0],
  });
  lowerContract(builder, contract, { callDataStart: CALL_DATA_START, environmentOffset });
  const linked = link({
    vm: 'evm',
    runtime: evmRuntime(),
    guests: [builder.finish()],
    argumentCells: ENVIRONMENT_CELLS,
    resultCells: 0,
    windows: [
      { window: MEMORY_WINDOW, segment: MEMORY_SEGMENT, byteLength: 0, isWritable: true },
      {
        window: CODE_WINDOW,
        segment: CODE_SEGMENT,
        byteLength: DATA_WINDOW_BYTES,
        isWritable: false,
      },
    ],
    // The code is data only where it is copied.
    cells: copiesCode(contract) ? [codeCells(bytecode)] : [],
    outputBytes: DATA_WINDOW_BYTES,
    publicBytes: DATA_WINDOW_BYTES,
    privateBytes: 0,
  });
  if (!linked.ok) throw new Error(`lowering: refused by the linker: ${linked.error.message}`);
  return linked.value;
}

export const evm: Frontend<EvmOptions> = {
  name: 'evm',
  version: EVM_LOWERING_VERSION,
  compile: compileEvm,
};

const CODECOPY = 0x39;

function copiesCode({ bytes, blocks }: Contract): boolean {
  return blocks.some(({ offsets }) => offsets.some((offset) => bytes[offset] === CODECOPY));
}

/** The cells of the code that are not zero. */
function codeCells(bytes: Uint8Array): ImageCells {
  const padded = new Uint8Array(8 * Math.ceil(bytes.length / 8));
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  const cells: number[] = [];
  const lanes: number[] = [];
  for (let cell = 0; 8 * cell < padded.length; cell++) {
    const low = view.getInt32(8 * cell, true);
    const high = view.getInt32(8 * cell + 4, true);
    if (low === 0 && high === 0) continue;
    cells.push(cell);
    lanes.push(low, high);
  }
  return {
    segment: CODE_SEGMENT,
    cells: Int32Array.from(cells),
    lanes: Int32Array.from(lanes),
  };
}
