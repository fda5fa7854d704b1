/** The command that verifies: loads the compilers and the verifier, nothing of the prover. */

import type { Rejection } from '../stark/rejection.ts';
import { type Expectation, type ProvenStatement, verify } from '../verifier.ts';
import { parseHex, parseInteger, readBytes, readSource, toHex } from './options.ts';

export interface VerifyCommandOptions {
  readonly program: string;
  readonly vm?: 'wasm' | 'evm';
  readonly profile?: 'P100' | 'P128';
  readonly invoke?: string;
  readonly arg: readonly string[];
  readonly calldata?: string;
  readonly gas?: string;
  readonly input?: string;
  readonly status?: string;
  readonly result: readonly string[];
  readonly output?: string;
  readonly json?: boolean;
}

const statuses = [
  'returned',
  'reverted',
  'trapped',
  'out-of-gas',
  'invalid',
  'unsupported',
] as const;

export async function verifyCommand(file: string, options: VerifyCommandOptions): Promise<number> {
  const proof = await readBytes(file, 'proof');
  const { program } = await readSource(options.program, options.vm);
  const expect = await readExpectation(options);
  const started = performance.now();
  const verdict = await verify(proof, {
    program,
    expect,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
  });
  const milliseconds = performance.now() - started;
  const write = (text: string): boolean => process.stdout.write(`${text}\n`);
  if (!verdict.ok) {
    const message = describeRejection(verdict.rejection);
    const rejection = { ...verdict.rejection, message };
    if (options.json) write(JSON.stringify({ ok: false, rejection }));
    else process.stderr.write(`braid: proof refused: ${message}\n`);
    return 1;
  }
  const { statement, profile, provenBits } = verdict;
  const fields = statementFields(statement);
  if (options.json) {
    write(JSON.stringify({ ok: true, provenBits, profile, milliseconds, statement: fields }));
  } else {
    write(
      `verified  ${profile}, ${provenBits.toFixed(1)} provable bits, ${milliseconds.toFixed(0)} ms`,
    );
    for (const [name, value] of Object.entries(fields)) {
      const text = Array.isArray(value) ? value.join(' ') : String(value);
      if (text !== '') write(`${name.padEnd(14)} ${text}`);
    }
  }
  return 0;
}

async function readExpectation(options: VerifyCommandOptions): Promise<Expectation> {
  const { invoke, arg, calldata, gas, input, status, result, output } = options;
  const known = statuses.find((name) => name === status);
  if (status !== undefined && known === undefined) {
    throw new RangeError(`--status: expected one of ${statuses.join(', ')}, got ${status}`);
  }
  const unsigned = (text: string, what: string): bigint =>
    BigInt.asUintN(64, parseInteger(text, what));
  return {
    ...(invoke === undefined ? {} : { invoked: invoke }),
    ...(arg.length === 0 ? {} : { arguments: arg.map((text) => unsigned(text, '--arg')) }),
    ...(calldata === undefined ? {} : { input: parseHex(calldata, '--calldata') }),
    ...(gas === undefined ? {} : { gasLimit: parseInteger(gas, '--gas') }),
    ...(input === undefined ? {} : { input: await readBytes(input, '--input') }),
    ...(known === undefined ? {} : { status: known }),
    ...(result.length === 0 ? {} : { results: result.map((text) => unsigned(text, '--result')) }),
    ...(output === undefined ? {} : { output: parseHex(output, '--output') }),
  };
}

function statementFields(statement: ProvenStatement): Record<string, unknown> {
  const isWasm = statement.vm === 'wasm';
  return {
    program: toHex(statement.programDigest),
    units: statement.unitDigests.map(toHex),
    vm: statement.vm,
    ...(isWasm ? { invoked: statement.invoked } : {}),
    ...(isWasm ? { arguments: (statement.arguments ?? []).map(String) } : {}),
    [isWasm ? 'input' : 'calldata']: toHex(statement.input),
    ...(isWasm ? {} : { gas: Number(statement.gasLimit), gasUsed: Number(statement.gasUsed) }),
    status: statement.status,
    ...(statement.reason === undefined ? {} : { reason: statement.reason }),
    results: statement.results.map(String),
    output: toHex(statement.output),
  };
}

/** A refusal as a sentence. */
export function describeRejection(rejection: Rejection): string {
  const { code, ...facts } = rejection;
  const parts = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  return parts.length === 0 ? code : `${code}: ${parts.join(', ')}`;
}
