/**
 * Runs scripts of the official WebAssembly test suite, in the JSON form of wasm-tools, on the interpreter.
 */

import { CompileError } from '../../src/frontends/frontend.ts';
import { compileWasm } from '../../src/frontends/wasm/compile.ts';
import { decodeModule, type Module } from '../../src/frontends/wasm/module.ts';
import { validateModule } from '../../src/frontends/wasm/validate.ts';
import { readTarball } from './tar.ts';
import { type Invocation, WasmSession } from './wasm-session.ts';
import { integerTwin } from './wasm-twins.ts';

interface Value {
  readonly type: string;
  readonly value?: string;
}

interface Command {
  readonly type: string;
  readonly line: number;
  readonly name?: string;
  /** The name under which `register` offers a module to the imports of others. */
  readonly as?: string;
  readonly filename?: string;
  readonly module_type?: string;
  readonly action?: {
    readonly type: 'invoke' | 'get';
    readonly module?: string;
    readonly field: string;
    readonly args?: readonly Value[];
  };
  readonly expected?: readonly Value[];
  readonly text?: string;
}

export interface FileReport {
  readonly file: string;
  /** Assertions about invocations of integer modules: returns, traps, exhausted call depth. */
  invoked: number;
  /** The same, on integer twins of modules with floats. */
  twins: number;
  /** Modules refused as they should be: malformed or invalid. */
  refused: number;
  /** Assertions that were not run, by reason. */
  readonly apart: Map<string, number>;
  readonly failures: string[];
}

export interface SuiteOptions {
  /** Called for each assertion about an invocation, when it has passed. */
  readonly onInvocation?: (
    report: FileReport,
    line: number,
    invocation: Invocation,
    kind: 'integer' | 'twin',
  ) => void;
}

/** What commands about a module refer to. */
type Instance =
  | { readonly kind: 'integer'; readonly session: WasmSession }
  | { readonly kind: 'twin'; readonly session: WasmSession; readonly isTainted: IsTainted }
  | { readonly kind: 'apart'; readonly reason: string; readonly importsFrom?: string };
type IsTainted = (name: string) => boolean;

/** Runs every script of the archive of the 2.0 core suite. */
export function runCoreSuite(tarball: string, options: SuiteOptions = {}): FileReport[] {
  const files = readTarball(tarball);
  const reports: FileReport[] = [];
  for (const [name, content] of files) {
    const match = /^core-2\.0\/json\/(.*)\/[^/]*\.json$/.exec(name);
    if (match === null) continue;
    const folder = name.slice(0, name.lastIndexOf('/') + 1);
    const { commands } = JSON.parse(new TextDecoder().decode(content));
    reports.push(runScript(match[1]!, commands, (file) => files.get(folder + file)!, options));
  }
  return reports;
}

/** Runs one script. `moduleOf` reads the binary of a module by its file name. */
export function runScript(
  file: string,
  commands: readonly Command[],
  moduleOf: (name: string) => Uint8Array,
  options: SuiteOptions = {},
): FileReport {
  const report: FileReport = {
    file,
    invoked: 0,
    twins: 0,
    refused: 0,
    apart: new Map(),
    failures: [],
  };
  const apart = (reason: string): void => {
    report.apart.set(reason, (report.apart.get(reason) ?? 0) + 1);
  };
  const named = new Map<string, Instance>();
  /** Names of modules by the name under which they are registered. */
  const registered = new Map<string, string | undefined>();
  let current: Instance = { kind: 'apart', reason: 'no module' };
  /** A refused module that imports from another would have changed the state of that one. */
  const shareState = (instance: Instance): void => {
    const from = instance.kind === 'apart' ? instance.importsFrom : undefined;
    const name = from === undefined ? undefined : registered.get(from);
    if (name !== undefined) named.set(name, { kind: 'apart', reason: 'linked modules' });
  };
  for (const command of commands) {
    const fail = (what: string): void => {
      report.failures.push(`${file}:${command.line} ${command.type}: ${what}`);
    };
    switch (command.type) {
      case 'module':
        current = instantiate(moduleOf(command.filename!), fail);
        if (command.name !== undefined) named.set(command.name, current);
        shareState(current);
        break;
      case 'assert_malformed':
      case 'assert_invalid':
        if (command.module_type === 'text') apart('tests the text format');
        else if (isRefused(moduleOf(command.filename!), command, fail)) report.refused++;
        break;
      case 'assert_return':
      case 'assert_trap':
      case 'assert_exhaustion':
      case 'action': {
        const { module } = command.action!;
        const instance = module === undefined ? current : named.get(module);
        const reason = runAssertion(report, command, instance, options, fail);
        if (reason !== undefined && command.type !== 'action') apart(reason);
        break;
      }
      case 'register':
        registered.set(command.as!, command.name);
        break;
      default:
        shareState(instantiate(moduleOf(command.filename!), () => {}));
        apart('linked modules');
    }
  }
  return report;
}

function instantiate(bytes: Uint8Array, fail: (what: string) => void): Instance {
  try {
    const session = new WasmSession(bytes);
    const { outcome } = session.instantiate();
    if (outcome.status !== 'invalid') fail(`instantiation: ${outcome.reasonText}`);
    return { kind: 'integer', session };
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    if (error.kind !== 'unsupported') fail(error.message);
    if (error.feature === 'floating point') return instantiateTwin(bytes);
    const importsFrom = /^import of \w+ (.*)\./.exec(error.feature)?.[1];
    if (importsFrom === undefined) return { kind: 'apart', reason: error.feature };
    return { kind: 'apart', reason: `imports from ${importsFrom}`, importsFrom };
  }
}

function instantiateTwin(bytes: Uint8Array): Instance {
  const original = decodeModule(bytes);
  const { module, tainted } = integerTwin(original);
  try {
    return {
      kind: 'twin',
      session: new WasmSession(bytes, module),
      isTainted: (name) => isTaintedExport(module, tainted, name),
    };
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return { kind: 'apart', reason: error.feature };
  }
}

function isTaintedExport(module: Module, tainted: ReadonlySet<number>, name: string): boolean {
  return module.exports.some((entry) => entry.name === name && tainted.has(entry.index));
}

/** Bits of a value as the suite writes it; floats as bits too. */
function bitsOf({ type, value = '' }: Value): bigint | undefined {
  if (!/^-?\d+$/.test(value)) return undefined;
  return BigInt.asUintN(type.endsWith('32') ? 32 : 64, BigInt(value));
}

/** Returns the reason why it was not run. */
function runAssertion(
  report: FileReport,
  command: Command,
  instance: Instance | undefined,
  { onInvocation }: SuiteOptions,
  fail: (what: string) => void,
): string | undefined {
  const { type, field, args = [] } = command.action!;
  if (instance === undefined) return 'another module';
  if (instance.kind === 'apart') return instance.reason;
  if (type === 'get') return 'reads an exported global';
  if (instance.kind === 'twin' && instance.isTainted(field)) return 'floating point';
  const argumentBits = args.map(bitsOf);
  const expectedBits = (command.expected ?? []).map(bitsOf);
  if ([...argumentBits, ...expectedBits].includes(undefined)) return 'floating point';
  const invocation = instance.session.invoke(
    field,
    argumentBits.map((bits) => bits!),
  );
  const { status, reasonText, results } = invocation.outcome;
  const isTrapExpected = command.type === 'assert_trap' || command.type === 'assert_exhaustion';
  const isRight = isTrapExpected
    ? status === 'trapped' && command.text!.startsWith(reasonText)
    : status === 'returned' &&
      (command.type === 'action' || results.join() === expectedBits.join());
  if (!isRight) {
    fail(
      `${field}: expected ${command.text ?? expectedBits}, got ${status} ${reasonText} ${results}`,
    );
  } else if (command.type !== 'action') {
    if (instance.kind === 'integer') report.invoked++;
    else report.twins++;
    onInvocation?.(report, command.line, invocation, instance.kind);
  }
  return undefined;
}

/** Encodings and features of later versions may be refused by their name instead. */
function isRefused(bytes: Uint8Array, { type }: Command, fail: (what: string) => void): boolean {
  const kind = type === 'assert_invalid' ? 'invalid' : 'malformed';
  try {
    validateModule(decodeModule(bytes));
    compileWasm(bytes);
    fail('accepted');
    return false;
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    if (error.kind === kind || error.kind === 'unsupported') return true;
    fail(error.message);
    return false;
  }
}
