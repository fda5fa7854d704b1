/**
 * The statement of a proof: what was asked of a program and what came of it.
 *
 * From program and statement the verifier computes everything it contributes itself: the image, the
 * fixed tables, the parameters, the first state, the last clock and every cell of the output. The
 * encoding is canonical; reading never throws (`spec/8-proof-format.md`).
 */

import { outputBus } from '../memory/buses.ts';
import { imageTable } from '../memory/image.ts';
import { createByteReader, createByteWriter } from '../stark/bytes.ts';
import type { Checked } from '../stark/rejection.ts';
import {
  type FixedTable,
  type Instance,
  MAX_STATEMENT_BYTES,
  type PublicTerm,
} from '../stark/system.ts';
import { endBus, executionBus } from './buses.ts';
import { programDigest } from './digests.ts';
import { poolColumns, programColumns, tableColumns } from './encoding.ts';
import { imageColumns, imageEntries } from './image.ts';
import { publicInputCells } from './input.ts';
import { machine } from './machine.ts';
import { makeOutcome, type Outcome } from './outcome.ts';
import type { Program } from './program.ts';
import { indexTable, poolTable, programTable } from './program-tables.ts';
import { statuses, statusOf } from './status.ts';
import type { StatementInput } from './trace.ts';

/** What is asked of a program. All numbers are unsigned, below 2^64. */
export interface Call {
  /** Number of the export. */
  readonly exportNumber: number;
  readonly gasLimit: bigint;
  /** At most the argument cells of the program; the cells past them are zero. */
  readonly arguments: readonly bigint[];
  readonly input: Uint8Array;
}

export interface Statement {
  /** 32 bytes. */
  readonly programDigest: Uint8Array;
  readonly call: Call;
  readonly outcome: Outcome;
  /** The clock at `halt`. */
  readonly clkEnd: number;
}

export function encodeStatement({
  programDigest: digest,
  call,
  outcome,
  clkEnd,
}: Statement): Uint8Array {
  const writer = createByteWriter();
  const u64 = (value: bigint): void => {
    writer.u32(Number(value & 0xffffffffn));
    writer.u32(Number(value >> 32n));
  };
  const cells = (values: readonly bigint[]): void => {
    writer.u32(values.length);
    for (const value of values) u64(value);
  };
  writer.raw(digest);
  writer.u32(call.exportNumber);
  u64(call.gasLimit);
  cells(call.arguments);
  writer.bytes(call.input);
  writer.u32(statuses[outcome.status]);
  writer.u32(outcome.reason);
  u64(outcome.gasLeft);
  cells(outcome.results);
  writer.bytes(outcome.output);
  writer.u32(clkEnd);
  return writer.finish();
}

/** Reads a statement and checks that it can be one of this program. */
export function decodeStatement(program: Program, bytes: Uint8Array): Checked<Statement> {
  const reader = createByteReader(bytes);
  const u64 = (where: string): bigint => {
    const low = BigInt(reader.u32(where));
    return low | (BigInt(reader.u32(where)) << 32n);
  };
  const cells = (where: string, most: number): bigint[] => {
    const count = reader.u32Between(where, 0, most);
    const values: bigint[] = [];
    for (let i = 0; i < count && reader.rejection === undefined; i++) values.push(u64(where));
    return values;
  };
  const digest = reader.raw('program digest', 32);
  const own = programDigest(program);
  if (hex(own) !== hex(digest)) {
    reader.reject({ code: 'mismatch', where: 'program', expected: hex(own), got: hex(digest) });
  }
  const call: Call = {
    exportNumber: reader.u32('export'),
    gasLimit: u64('gas limit'),
    arguments: cells('arguments', program.argumentCells),
    input: reader.bytes('input', MAX_STATEMENT_BYTES),
  };
  const statusCode = reader.u32('status');
  const status = statusOf(statusCode);
  const header = {
    reason: reader.u32('reason'),
    gasLeft: u64('gas left'),
    results: cells('results', program.resultCells),
    output: reader.bytes('output', MAX_STATEMENT_BYTES),
  };
  const clkEnd = reader.u32Between('clock', 1, machine.clockLimit - 1);
  if (status === undefined) {
    reader.reject({
      code: 'mismatch',
      where: 'status',
      expected: 'a status',
      got: `${statusCode}`,
    });
  }
  const lastExport = Math.max(0, program.exports.length - 1);
  if (call.exportNumber > lastExport) {
    const got = call.exportNumber;
    reader.reject({ code: 'out-of-range', where: 'export', least: 0, greatest: lastExport, got });
  }
  const outcome = makeOutcome(program, status ?? 'invalid', header);
  return reader.finish({ programDigest: digest, call, outcome, clkEnd });
}

/** What a run starts from, as cells: the public-input segment and the gas register, two lanes each. */
export function statementInput(program: Program, call: Call): StatementInput {
  const { gasLimit } = call;
  return {
    publicInput: publicInputCells(program, call),
    gas: Int32Array.of(
      Number(BigInt.asIntN(32, gasLimit)),
      Number(BigInt.asIntN(32, gasLimit >> 32n)),
    ),
  };
}

/** The cells that the output segment must end with: header, results, output, zeros to the end of a cell. */
export function outputCells(program: Program, outcome: Outcome): bigint[] {
  const { results, output } = outcome;
  const cells = [
    BigInt(statuses[outcome.status]),
    BigInt(outcome.reason),
    outcome.gasLeft,
    BigInt(output.length),
    BigInt(results.length),
    ...Array.from({ length: program.resultCells }, (_, i) => results[i] ?? 0n),
  ];
  const padded = new Uint8Array(8 * Math.ceil(output.length / 8));
  padded.set(output);
  const view = new DataView(padded.buffer);
  for (let i = 0; i < padded.length; i += 8) cells.push(view.getBigUint64(i, true));
  return cells;
}

/** Everything that prover and verifier share about a run of the program with this statement. */
export function instanceOf(program: Program, statement: Statement): Instance {
  const fixed = (columns: readonly Uint32Array[]): FixedTable => ({
    logRows: Math.log2(columns[0]!.length),
    columns,
  });
  const input = statementInput(program, statement.call);
  return {
    system: machine,
    digest: statement.programDigest,
    statement: encodeStatement(statement),
    parameters: { fpLimit: program.limits.fpLimit },
    fixedTables: new Map([
      [imageTable.name, fixed(imageColumns(imageEntries(program, input)))],
      [programTable.name, fixed(programColumns(program))],
      [indexTable.name, fixed(tableColumns(program))],
      [poolTable.name, fixed(poolColumns(program))],
    ]),
    publicTerms: publicTerms(program, statement),
  };
}

function publicTerms(program: Program, { outcome, clkEnd }: Statement): PublicTerm[] {
  const limbs = (cell: bigint): number[] =>
    [0n, 16n, 32n, 48n].map((shift) => Number((cell >> shift) & 0xffffn));
  return [
    // The run begins at the entry, at time 1, in frame 0.
    { bus: executionBus, direction: 'send', message: [program.entry, 1, 0, 0], multiplicity: 1 },
    { bus: endBus, direction: 'receive', message: [clkEnd], multiplicity: 1 },
    ...outputCells(program, outcome).map(
      (cell, i): PublicTerm => ({
        bus: outputBus,
        direction: 'receive',
        message: [i, ...limbs(cell)],
        multiplicity: 1,
      }),
    ),
  ];
}

function hex(bytes: Uint8Array): string {
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
