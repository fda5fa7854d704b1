/** Command line words to requests: files, numbers, hex. Every complaint names the option. */

import { readFile } from 'node:fs/promises';
import { type EvmEnvironment, environmentWords } from '../frontends/evm/environment.ts';
import type { Program } from '../isa/program.ts';
import type { Request } from '../request.ts';

/** Wrong words or unreadable input: exit status 2. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}

/** The options that describe a call, as the parser leaves them. */
export interface CallOptions {
  readonly vm?: 'wasm' | 'evm';
  readonly invoke?: string;
  readonly arg?: readonly string[];
  readonly calldata?: string;
  readonly gas?: string;
  readonly env?: readonly string[];
  readonly input?: string;
  readonly privateInput?: string;
  readonly maxSteps?: string;
  readonly json?: boolean;
}

export interface Source {
  readonly bytes: Uint8Array;
  readonly program: Program;
}

export async function readBytes(path: string, what: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Misuse(`${what}: cannot read ${path}: ${reason}`);
  }
}

/** Reads and compiles a source. Loads the frontend that it needs: loading files takes most of a short command. */
export async function readSource(path: string, vm: 'wasm' | 'evm' | undefined): Promise<Source> {
  const content = await readBytes(path, 'file');
  const isWasm = vm === undefined ? hasWasmMagic(content) : vm === 'wasm';
  if (isWasm) {
    const { compileWasm } = await import('../frontends/wasm/compile.ts');
    return { bytes: content, program: compileWasm(content) };
  }
  const bytes = bytecodeOf(content, path);
  if (vm === undefined && !/\.(evm|hex|bin)$/.test(path)) {
    throw new Misuse(
      `file: ${path} is no Wasm module; name a .evm, .hex or .bin file, or give --vm evm`,
    );
  }
  const { compileEvm } = await import('../frontends/evm/compile.ts');
  return { bytes, program: compileEvm(bytes) };
}

function hasWasmMagic(bytes: Uint8Array): boolean {
  return [0x00, 0x61, 0x73, 0x6d].every((byte, i) => bytes[i] === byte);
}

/** Bytecode from a file: hex digits if there is nothing but them and white space, else the bytes themselves. */
function bytecodeOf(content: Uint8Array, path: string): Uint8Array {
  const text = new TextDecoder('latin1').decode(content).replace(/\s+/g, '').replace(/^0x/i, '');
  const isHex = /^[0-9a-fA-F]*$/.test(text);
  if (isHex && text.length % 2 === 0) return fromHexDigits(text);
  if (isHex || path.endsWith('.hex'))
    throw new Misuse(`file: ${path} is no even number of hex digits`);
  return content;
}

/** `0x…` or bare digits. */
export function parseHex(text: string, what: string): Uint8Array {
  const digits = text.replace(/^0x/i, '');
  if (!/^([0-9a-fA-F]{2})*$/.test(digits)) {
    throw new Misuse(`${what}: expected an even number of hex digits, got ${text}`);
  }
  return fromHexDigits(digits);
}

function fromHexDigits(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

/** Decimal or 0x, with a sign. */
export function parseInteger(text: string, what: string): bigint {
  if (!/^-?(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text)) {
    throw new Misuse(`${what}: expected an integer, got ${text}`);
  }
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}

/** `caller=0x…` and the like, each field once. */
export function parseEnvironment(words: readonly string[]): EvmEnvironment {
  const environment: Partial<Record<keyof EvmEnvironment, bigint>> = {};
  for (const text of words) {
    const [name, value = ''] = text.split('=', 2);
    const known = environmentWords.find(({ field }) => field === name);
    if (known === undefined || environment[known.field] !== undefined) {
      const fields = environmentWords.map(({ field }) => field).join(', ');
      throw new Misuse(`--env: expected each of ${fields} at most once, got ${text}`);
    }
    environment[known.field] = parseInteger(value, `--env ${name}`);
  }
  return environment;
}

export async function readRequest(options: CallOptions): Promise<Request> {
  const { invoke, arg = [], calldata, gas, env = [], input, privateInput } = options;
  return {
    ...(invoke === undefined ? {} : { invoke }),
    ...(arg.length === 0 ? {} : { arguments: arg.map((text) => parseInteger(text, '--arg')) }),
    ...(calldata === undefined ? {} : { calldata: parseHex(calldata, '--calldata') }),
    ...(gas === undefined ? {} : { gas: parseInteger(gas, '--gas') }),
    ...(env.length === 0 ? {} : { environment: parseEnvironment(env) }),
    ...(input === undefined ? {} : { input: await readBytes(input, '--input') }),
    ...(privateInput === undefined
      ? {}
      : { privateInput: await readBytes(privateInput, '--private-input') }),
  };
}

export function parseMaxSteps(text: string | undefined): { maxSteps?: number } {
  if (text === undefined) return {};
  const steps = parseInteger(text, '--max-steps');
  if (steps < 1n || steps > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new Misuse(`--max-steps: expected 1 to 2^53 - 1, got ${text}`);
  }
  return { maxSteps: Number(steps) };
}

export function parseThreads(text: string | undefined): { threads?: number } {
  if (text === undefined) return {};
  const threads = parseInteger(text, '--threads');
  if (threads < 1n || threads > 64n) {
    throw new Misuse(`--threads: expected 1 to 64, got ${text}`);
  }
  return { threads: Number(threads) };
}

export function toHex(bytes: Uint8Array): string {
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** A number where JSON can hold it exactly, else its decimal digits as a string. */
export function jsonNumber(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}
