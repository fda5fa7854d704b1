/** The command that verifies: loads the compilers and the verifier, nothing of the prover. */

import type { Program, ValueType } from '../isa/program.ts';
import type { Rejection } from '../stark/rejection.ts';
import { type Expectation, type ProvenStatement, verify } from '../verifier.ts';
import {
  jsonNumber,
  Misuse,
  parseEnvironment,
  parseHex,
  parseInteger,
  readBytes,
  readSource,
  toHex,
} from './options.ts';

export interface VerifyCommandOptions {
  readonly program: string;
  readonly vm?: 'wasm' | 'evm';
  readonly profile?: 'P100' | 'P128';
  readonly invoke?: string;
  readonly arg: readonly string[];
  readonly calldata?: string;
  readonly gas?: string;
  readonly env: readonly string[];
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
  const expect = await readExpectation(program, options);
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
      const text = fieldText(value);
      if (text !== '') write(`${name.padEnd(14)} ${text}`);
    }
  }
  return 0;
}

async function readExpectation(
  program: Program,
  options: VerifyCommandOptions,
): Promise<Expectation> {
  const { invoke, arg, calldata, gas, env, input, status, result, output } = options;
  requireMeaning(program, options);
  const known = statuses.find((name) => name === status);
  if (status !== undefined && known === undefined) {
    throw new Misuse(`--status: expected one of ${statuses.join(', ')}, got ${status}`);
  }
  // Without a name the export is known only if there is one; else words have 64 bits.
  const { exports } = program;
  const called = exports.length === 1 ? exports[0] : exports.find(({ name }) => name === invoke);
  const words = (texts: readonly string[], what: string, types: readonly ValueType[] = []) =>
    texts.map((text, i) => BigInt.asUintN(widthOf(types[i]), parseInteger(text, what)));
  return {
    ...(invoke === undefined ? {} : { invoked: invoke }),
    ...(arg.length === 0 ? {} : { arguments: words(arg, '--arg', called?.parameters) }),
    ...(calldata === undefined ? {} : { input: parseHex(calldata, '--calldata') }),
    ...(gas === undefined ? {} : { gasLimit: parseInteger(gas, '--gas') }),
    ...(env.length === 0 ? {} : { environment: parseEnvironment(env) }),
    ...(input === undefined ? {} : { input: await readBytes(input, '--input') }),
    ...(known === undefined ? {} : { status: known }),
    ...(result.length === 0 ? {} : { results: words(result, '--result', called?.results) }),
    ...(output === undefined ? {} : { output: parseHex(output, '--output') }),
  };
}

/** Options that speak of the other kind of program are misuse, as they are for `run`. */
function requireMeaning({ vm }: Program, options: VerifyCommandOptions): void {
  const given = {
    wasm: { '--calldata': options.calldata, '--gas': options.gas, '--env': options.env[0] },
    evm: {
      '--invoke': options.invoke,
      '--arg': options.arg[0],
      '--input': options.input,
      '--result': options.result[0],
    },
  }[vm];
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) {
      throw new Misuse(`${name}: has no meaning for a program of kind ${vm}`);
    }
  }
}

function widthOf(type: ValueType | undefined): 32 | 64 {
  return type?.endsWith('32') ? 32 : 64;
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
    ...(statement.environment === undefined
      ? {}
      : { environment: hexWords(statement.environment) }),
    ...(isWasm
      ? {}
      : { gas: jsonNumber(statement.gasLimit), gasUsed: jsonNumber(statement.gasUsed) }),
    status: statement.status,
    ...(statement.reason === undefined ? {} : { reason: statement.reason }),
    results: statement.results.map(String),
    output: toHex(statement.output),
  };
}

/** Words as hex, by field. */
function hexWords(words: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(words).map(([name, word]) => [name, `0x${BigInt(word).toString(16)}`]),
  );
}

/** A field as text; of the environment what is not zero. */
function fieldText(value: unknown): string {
  if (Array.isArray(value)) return value.join(' ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .filter(([, word]) => word !== '0x0')
    .map(([name, word]) => `${name}=${word}`)
    .join(' ');
}

/** A refusal as a sentence. */
export function describeRejection(rejection: Rejection): string {
  const { code, ...facts } = rejection;
  const parts = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  return parts.length === 0 ? code : `${code}: ${parts.join(', ')}`;
}
