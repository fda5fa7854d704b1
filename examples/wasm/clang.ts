/**
 * C to WebAssembly for examples, with npm `@yowasp/clang`: nothing but Node is needed.
 *
 * The flags keep the compiler to what Braid lowers: WebAssembly 1.0 with sign extension and mutable globals.
 * Programs stand alone, without a C library; `braid.h` beside them has the imports.
 */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runClang } from '@yowasp/clang';

export const clangFlags = [
  '--target=wasm32',
  '-mcpu=mvp',
  '-msign-ext',
  '-mmutable-globals',
  '-O2',
  '-Wall',
  '-ffreestanding',
  '-nostdlib',
  '-Wl,--no-entry',
  '-Wl,-z,stack-size=16384',
] as const;

/** Compiles one C file, with the `braid.h` of its folder. Throws an Error with the compiler's messages. */
export async function compileC(path: string): Promise<Uint8Array> {
  const header = readFileSync(join(dirname(path), 'braid.h'), 'utf8');
  const files = { 'program.c': readFileSync(path, 'utf8'), 'braid.h': header };
  const messages: Uint8Array[] = [];
  const collect = (bytes: Uint8Array | null): void => {
    if (bytes !== null) messages.push(bytes.slice());
  };
  const options = { stdout: collect, stderr: collect, decodeASCII: false };
  // Loading it apart keeps its progress lines off the standard output.
  await runClang(null, {}, { fetchProgress: () => {} });
  const output = await runClang(
    ['clang', ...clangFlags, '-o', 'program.wasm', 'program.c'],
    files,
    options,
  ).catch((error: unknown) => {
    throw new Error(`clang: ${Buffer.concat(messages)}`, { cause: error });
  });
  const binary = output?.['program.wasm'];
  if (!(binary instanceof Uint8Array)) throw new Error(`clang: ${Buffer.concat(messages)}`);
  return binary;
}
