/**
 * How a run may end: statuses and reasons as data.
 *
 * A program writes both into the header of its output, so they are part of what is proven; 0 is neither a status nor
 * the reason of a trap, so a header that was never written is no outcome. `spec/9-programs.md`.
 */

export const statuses = {
  /** Finished; the results and the output stand. */
  returned: 1,
  /** Ended by the code's own wish to undo its effects; the output stands. */
  reverted: 2,
  /** Ended by a rule of the source language; the reason says which. */
  trapped: 3,
  outOfGas: 4,
  /**
   * EVM: an exceptional halt other than out of gas; the reason says which. Reason 0: the program itself is not
   * well-formed (a return without a call), never the fault of an input.
   */
  invalid: 5,
  /**
   * The run came to an instruction that the frontend knows but does not lower; the reason is its opcode byte, or one
   * of `evmLimits`.
   */
  unsupported: 6,
} as const;

export type StatusName = keyof typeof statuses;

export type StatusText =
  | 'returned'
  | 'reverted'
  | 'trapped'
  | 'out-of-gas'
  | 'invalid'
  | 'unsupported';

const statusTexts: Readonly<Record<StatusName, StatusText>> = {
  returned: 'returned',
  reverted: 'reverted',
  trapped: 'trapped',
  outOfGas: 'out-of-gas',
  invalid: 'invalid',
  unsupported: 'unsupported',
};

/** `text` is what people and the command line see. */
export interface ReasonRow {
  readonly code: number;
  readonly text: string;
}

/** Reasons of `trapped` in Wasm programs, with the words of the specification's test suite. */
export const wasmTraps = {
  unreachable: { code: 1, text: 'unreachable' },
  divideByZero: { code: 2, text: 'integer divide by zero' },
  integerOverflow: { code: 3, text: 'integer overflow' },
  invalidConversion: { code: 4, text: 'invalid conversion to integer' },
  memoryOutOfBounds: { code: 5, text: 'out of bounds memory access' },
  undefinedElement: { code: 6, text: 'undefined element' },
  uninitializedElement: { code: 7, text: 'uninitialized element' },
  callTypeMismatch: { code: 8, text: 'indirect call type mismatch' },
  callStackExhausted: { code: 9, text: 'call stack exhausted' },
  tableOutOfBounds: { code: 10, text: 'out of bounds table access' },
  /** The guest called `abort`; its own code is in the results. */
  abort: { code: 11, text: 'abort' },
} as const satisfies Record<string, ReasonRow>;

/**
 * Reasons of `invalid` in EVM programs: the exceptional halts. Out of gas is a status of its own and has a reason only
 * where return data ran out instead, which reference implementations report as out of gas too.
 */
export const evmHalts = {
  stackUnderflow: { code: 1, text: 'stack underflow' },
  stackOverflow: { code: 2, text: 'stack overflow' },
  invalidJump: { code: 3, text: 'invalid jump destination' },
  /** 0xfe, the designated one. */
  invalidOpcode: { code: 4, text: 'invalid opcode' },
  undefinedOpcode: { code: 5, text: 'undefined opcode' },
  returnDataOutOfBounds: { code: 6, text: 'return data out of bounds' },
  /** A byte past what a window can hold, whatever the gas. */
  memoryOutOfBounds: { code: 7, text: 'memory out of bounds' },
  writeProtection: { code: 8, text: 'write in a static context' },
  callDepthExceeded: { code: 9, text: 'call depth exceeded' },
} as const satisfies Record<string, ReasonRow>;

/** Reasons of `unsupported` in EVM programs beside the opcode bytes. */
export const evmLimits = {
  /** The gas would pay for more memory than a window holds. */
  memory: { code: 256, text: 'memory beyond 2^32 - 2^16 bytes' },
} as const satisfies Record<string, ReasonRow>;

export type WasmTrap = keyof typeof wasmTraps;
export type EvmHalt = keyof typeof evmHalts;

/** The status of that code; undefined if there is none, as for 0. */
export function statusOf(code: number): StatusName | undefined {
  return (Object.keys(statuses) as StatusName[]).find((name) => statuses[name] === code);
}

/** As people see it: `out-of-gas`. */
export function statusText(name: StatusName): StatusText {
  return statusTexts[name];
}

/** The words for the reason of an outcome; the empty string where the status has none. */
export function reasonText(vm: 'wasm' | 'evm', status: StatusName, reason: number): string {
  if (status === 'unsupported') {
    if (reason === evmLimits.memory.code) return evmLimits.memory.text;
    return `opcode 0x${reason.toString(16).padStart(2, '0')}`;
  }
  if (reason === 0) return '';
  if (status !== 'trapped' && (vm !== 'evm' || status === 'returned')) return '';
  const rows: readonly ReasonRow[] = Object.values(vm === 'wasm' ? wasmTraps : evmHalts);
  return rows.find(({ code }) => code === reason)?.text ?? `reason ${reason}`;
}
