/**
 * Threads that call kernels: a list of calls in the shared memory, of which each thread takes the next one.
 *
 * One idea: all that is to be decided is decided here, so a worker knows nothing but how to load a module
 * and call its functions with numbers. Its code is twenty lines of JavaScript that need no file, so that it
 * is the same in Node, in a browser and in a bundle. The thread that asks works too.
 * Where there is no shared memory or no worker, it works alone. spec/11-kernels.md, "Threads".
 */
import type { KernelMemory } from './memory.ts';

/** Words of a call: the function's number and its arguments. */
const CALL_WORDS = 12;
/** Calls that fit into the list. */
const LIST_CALLS = 8192;
/** Scratch of each thread, in bytes. */
export const SCRATCH_BYTES = 2 ** 22;

/** Words at the head of the list: the number of the next call, and of all of them. */
const NEXT = 0;
const COUNT = 1;

/**
 * What a worker does. A message is the memory and the worker's scratch, or a module to load, or says that there are calls
 * in the list: it then takes calls until none is left, and answers.
 */
const WORKER = `
const port = typeof self === 'object' ? self : require('node:worker_threads').parentPort;
const functions = [];
let imports, list;
const receive = (message) => {
  if (message.memory) {
    imports = { kernel: { memory: message.memory, scratch: message.scratch } };
    list = new Int32Array(message.memory.buffer, message.list, message.words);
  } else if (message.module) {
    const { exports } = new WebAssembly.Instance(message.module, imports);
    for (const name of message.names) functions.push(exports[name]);
  } else {
    for (let i; (i = Atomics.load(list, 0)) < Atomics.load(list, 1); ) {
      if (Atomics.compareExchange(list, 0, i, i + 1) !== i) continue;
      const at = ${CALL_WORDS} * (i + 1);
      functions[list[at]](list[at + 1], list[at + 2], list[at + 3], list[at + 4], list[at + 5], list[at + 6],
        list[at + 7], list[at + 8], list[at + 9], list[at + 10], list[at + 11]);
    }
    port.postMessage('done');
  }
};
const guarded = (message) => {
  try {
    receive(message);
  } catch (error) {
    port.postMessage({ error: String(error) });
  }
};
if (port === globalThis) port.onmessage = (event) => guarded(event.data);
else port.on('message', guarded);
`;

interface Worker {
  post(message: unknown): void;
  /** Whether it keeps the process alive. */
  hold(isHeld: boolean): void;
  stop(): void;
}

type KernelFunction = (...operands: number[]) => unknown;

/** Calls to be made in any order. */
export class Calls {
  words: Int32Array = new Int32Array(64 * CALL_WORDS);
  count = 0;

  add(kernel: number, ...operands: readonly number[]): void {
    if (operands.length >= CALL_WORDS) throw new RangeError('call: too many operands');
    const at = this.count++ * CALL_WORDS;
    if (at + CALL_WORDS > this.words.length) {
      const words = new Int32Array(2 * this.words.length);
      words.set(this.words);
      this.words = words;
    }
    this.words[at] = kernel;
    for (let k = 0; k < operands.length; k++) this.words[at + 1 + k] = operands[k]!;
  }

  /** All but the first `count`. */
  after(count: number): Calls {
    const rest = new Calls();
    rest.words = this.words.subarray(CALL_WORDS * count);
    rest.count = this.count - count;
    return rest;
  }
}

/** A module that all threads have loaded: the number of each function by name. */
export type Loaded = Readonly<Record<string, number>>;

export class Crew {
  readonly #memory: KernelMemory;
  readonly #functions: KernelFunction[] = [];
  readonly #modules: { module: WebAssembly.Module; names: readonly string[] }[] = [];
  readonly #workers: Worker[] = [];
  readonly #scratches: number[];
  readonly #listAddress: number;
  #list: Int32Array;
  #active = 1;
  #isJoining = false;
  /** Calls in the list, and those that wait for room. */
  #taken = 0;
  #later: Calls[] = [];
  /** Answers that are to come, and what to do at each. */
  #waiting = 0;
  #settle: (() => void) | undefined;
  #failure: Error | undefined;

  /** `mostThreads`: room is kept for so many. */
  constructor(memory: KernelMemory, mostThreads: number) {
    this.#memory = memory;
    this.#listAddress = memory.keep(4 * CALL_WORDS * (LIST_CALLS + 1));
    const count = memory.isShared ? mostThreads : 1;
    this.#scratches = Array.from({ length: count }, () => memory.keep(SCRATCH_BYTES));
    this.#list = this.#viewList();
  }

  get threads(): number {
    return this.#active;
  }

  /** The address of this thread's scratch. */
  get scratch(): number {
    return this.#scratches[0]!;
  }

  /** Sets how many threads work, this one included; as many as there can be, at most. */
  engage(threads: number): void {
    const wanted = Math.max(1, Math.min(threads, this.#scratches.length));
    while (this.#workers.length < wanted - 1) {
      const worker = this.#startWorker(this.#scratches[this.#workers.length + 1]!);
      if (worker === undefined) break;
      this.#workers.push(worker);
    }
    this.#active = Math.min(wanted, this.#workers.length + 1);
  }

  /** Loads a module everywhere. */
  async load(module: WebAssembly.Module, names: readonly string[]): Promise<Loaded> {
    const imports = { kernel: { memory: this.#memory.wasm, scratch: this.scratch } };
    const { exports } = await WebAssembly.instantiate(module, imports);
    this.#modules.push({ module, names });
    for (const worker of this.#workers) worker.post({ module, names });
    return Object.fromEntries(
      names.map((name) => [name, this.#functions.push(exports[name] as KernelFunction) - 1]),
    );
  }

  /** Calls a function on this thread. */
  call(kernel: number, ...operands: readonly number[]): unknown {
    return this.#functions[kernel]!(...operands);
  }

  /** Makes all calls on this thread at once: for what is less work than the 0.1 ms that a round of threads costs. */
  callAll({ words, count }: Calls): void {
    for (let i = 0; i < count; i++) {
      const at = CALL_WORDS * i;
      this.call(words[at]!, ...words.subarray(at + 1, at + CALL_WORDS));
    }
  }

  /** Makes all calls, those first in the list first. `pause` lets others run; what it throws ends the run. */
  async run(calls: Calls, pause: () => Promise<void>): Promise<void> {
    this.begin(calls);
    await this.join(pause);
  }

  /**
   * Puts calls into the list: the other threads begin to make them, while this one goes on with something else. More may
   * follow; `join` must come at last.
   */
  begin(calls: Calls): void {
    if (this.#isJoining) throw new Error('begin: calls are being made');
    this.#later.push(calls);
    this.#fill();
  }

  /** Makes what is left of all calls together with the other threads. */
  async join(pause: () => Promise<void>): Promise<void> {
    if (this.#isJoining) throw new Error('join: calls are being made');
    this.#isJoining = true;
    let stopped: unknown;
    try {
      while (this.#taken > 0) {
        await this.#takeCalls(pause);
        await this.#othersDone();
        this.#taken = 0;
        this.#fill();
      }
    } catch (reason) {
      // Nobody may write to the memory once this has ended.
      Atomics.store(this.#list, NEXT, this.#taken);
      stopped = reason;
    }
    await this.#othersDone().catch((reason: unknown) => {
      stopped ??= reason;
    });
    this.#taken = 0;
    this.#later = [];
    this.#failure = undefined;
    this.#isJoining = false;
    if (stopped !== undefined) throw stopped;
  }

  /** Gives up the calls that nobody has taken. Done when no thread works any more; what failed does not matter. */
  async cancel(): Promise<void> {
    this.#later = [];
    Atomics.store(this.#list, NEXT, this.#taken);
    await this.#othersDone().catch(() => {});
    this.#taken = 0;
    this.#failure = undefined;
  }

  /** Makes calls as long as there are some. */
  async #takeCalls(pause: () => Promise<void>): Promise<void> {
    const list = this.#list;
    for (let i = Atomics.load(list, NEXT); i < this.#taken; i = Atomics.load(list, NEXT)) {
      if (Atomics.compareExchange(list, NEXT, i, i + 1) !== i) continue;
      const at = CALL_WORDS * (i + 1);
      const [kernel, a, b, c, d, e, f, g, h, k, l, m] = list.subarray(at, at + CALL_WORDS);
      this.#functions[kernel!]!(a!, b!, c!, d!, e!, f!, g!, h!, k!, l!, m!);
      await pause();
    }
  }

  /** Moves calls that wait into the list, as many as it holds, and wakes the other threads. */
  #fill(): void {
    if (this.#list.buffer !== this.#memory.wasm.buffer) this.#list = this.#viewList();
    const list = this.#list;
    if (this.#taken === 0) {
      // In this order: no thread may take an old call for a new one.
      Atomics.store(list, COUNT, 0);
      Atomics.store(list, NEXT, 0);
    }
    const before = this.#taken;
    while (this.#later.length > 0 && this.#taken < LIST_CALLS) {
      const calls = this.#later[0]!;
      const count = Math.min(LIST_CALLS - this.#taken, calls.count);
      list.set(calls.words.subarray(0, CALL_WORDS * count), CALL_WORDS * (this.#taken + 1));
      this.#taken += count;
      if (count < calls.count) this.#later[0] = calls.after(count);
      else this.#later.shift();
    }
    Atomics.store(list, COUNT, this.#taken);
    for (const helper of this.#workers.slice(0, Math.min(this.#active - 1, this.#taken - before))) {
      if (this.#waiting++ === 0) for (const worker of this.#workers) worker.hold(true);
      helper.post({});
    }
  }

  /** Settled when all helpers have answered. */
  #othersDone(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = () => {
        if (this.#waiting > 0) return;
        this.#settle = undefined;
        for (const worker of this.#workers) worker.hold(false);
        if (this.#failure === undefined) resolve();
        else reject(this.#failure);
      };
      this.#settle();
    });
  }

  #viewList(): Int32Array {
    const { buffer } = this.#memory.wasm;
    return new Int32Array(buffer, this.#listAddress, CALL_WORDS * (LIST_CALLS + 1));
  }

  #startWorker(scratch: number): Worker | undefined {
    const answer = (message: unknown): void => {
      if (message !== 'done') this.#failure ??= new Error(`thread: ${JSON.stringify(message)}`);
      this.#waiting--;
      this.#settle?.();
    };
    const worker = spawn(answer);
    worker?.post({
      memory: this.#memory.wasm,
      scratch,
      list: this.#listAddress,
      words: CALL_WORDS * (LIST_CALLS + 1),
    });
    for (const loaded of this.#modules) worker?.post(loaded);
    return worker;
  }

  /** Ends all workers. */
  close(): void {
    for (const worker of this.#workers.splice(0)) worker.stop();
    this.#active = 1;
  }
}

/** What this file needs of Node's module of threads. */
interface NodeThreads {
  readonly Worker: new (
    source: string,
    options: { eval: true },
  ) => {
    on(event: string, listener: (value: unknown) => void): void;
    postMessage(message: unknown): void;
    ref(): void;
    unref(): void;
    terminate(): Promise<number>;
  };
}

interface NodeProcess {
  getBuiltinModule?(name: string): unknown;
}

/** A module of Node, where this is Node. */
function nodeModule(name: string): unknown {
  const { process } = globalThis as { process?: NodeProcess };
  return process?.getBuiltinModule?.(name);
}

/** A worker, undefined where there are none. */
function spawn(answer: (message: unknown) => void): Worker | undefined {
  const node = nodeModule('node:worker_threads') as NodeThreads | undefined;
  if (node !== undefined) {
    const worker = new node.Worker(WORKER, { eval: true });
    worker.on('message', answer);
    worker.on('error', (error) => answer({ error: String(error) }));
    worker.unref();
    return {
      post: (message) => worker.postMessage(message),
      hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
      stop: () => void worker.terminate(),
    };
  }
  if (typeof Worker !== 'function' || typeof Blob !== 'function') return undefined;
  try {
    const url = URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }));
    const worker = new Worker(url);
    worker.onmessage = ({ data }) => answer(data);
    worker.onerror = ({ message }) => answer({ error: message });
    return {
      post: (message) => worker.postMessage(message),
      hold: () => {},
      stop: () => {
        worker.terminate();
        URL.revokeObjectURL(url);
      },
    };
  } catch {
    // A page's policy may forbid workers made of text.
    return undefined;
  }
}

/** Processors that this process may use. */
export function coreCount(): number {
  const os = nodeModule('node:os') as { availableParallelism(): number } | undefined;
  if (os !== undefined) return os.availableParallelism();
  return typeof navigator === 'object' ? (navigator.hardwareConcurrency ?? 1) : 1;
}
