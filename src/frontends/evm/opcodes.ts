/**
 * The opcodes of the Osaka hard fork: the one home of every EVM opcode.
 *
 * Everything the lowering knows of an opcode before it looks at its meaning stands here: what it takes from the
 * stack and puts there, its static gas, how it ends a block, and, where it is not supported, why. Gas is that of
 * the Yellow Paper, appendix G and H, as changed by the later hard forks. `spec/3-lowering-evm.md`.
 */

/**
 * How control goes on. `next`: to the next opcode. `split`: the same, but a new block begins there.
 * `jump`, `branch`: `JUMP` and `JUMPI`. `halt`: not at all.
 */
export type OpcodeFlow = 'next' | 'split' | 'jump' | 'branch' | 'halt';

/** What the opcode belongs to: the file in `lower/` that knows its meaning. */
export type OpcodeFamily =
  | 'arithmetic'
  | 'comparison'
  | 'bitwise'
  | 'stack'
  | 'memory'
  | 'environment'
  | 'control';

export interface Opcode {
  readonly byte: number;
  readonly name: string;
  readonly family: OpcodeFamily;
  /** Items that must be on the stack, and items that stand there instead afterwards. */
  readonly stackIn: number;
  readonly stackOut: number;
  /** Charged whatever the operands are. 0 for what is not supported. */
  readonly staticGas: number;
  /** More gas is charged by the operands: the stack is then looked at before any gas is taken. */
  readonly hasDynamicGas: boolean;
  readonly flow: OpcodeFlow;
  /** Bytes of data behind the opcode. */
  readonly dataLength: number;
  /** Why reaching it ends the run as `unsupported`; absent where it is supported. */
  readonly unsupported?: string;
}

type Extra = Partial<Pick<Opcode, 'hasDynamicGas' | 'flow' | 'dataLength' | 'unsupported'>>;

const rows: Opcode[] = [];

function define(
  family: OpcodeFamily,
  byte: number,
  name: string,
  stackIn: number,
  stackOut: number,
  staticGas: number,
  extra: Extra = {},
): void {
  const defaults = { hasDynamicGas: false, flow: 'next', dataLength: 0 } as const;
  rows.push({ byte, name, family, stackIn, stackOut, staticGas, ...defaults, ...extra });
}

const dynamic = { hasDynamicGas: true } as const;

define('control', 0x00, 'STOP', 0, 0, 0, { flow: 'halt' });
define('arithmetic', 0x01, 'ADD', 2, 1, 3);
define('arithmetic', 0x02, 'MUL', 2, 1, 5);
define('arithmetic', 0x03, 'SUB', 2, 1, 3);
define('arithmetic', 0x04, 'DIV', 2, 1, 5);
define('arithmetic', 0x05, 'SDIV', 2, 1, 5);
define('arithmetic', 0x06, 'MOD', 2, 1, 5);
define('arithmetic', 0x07, 'SMOD', 2, 1, 5);
define('arithmetic', 0x08, 'ADDMOD', 3, 1, 8);
define('arithmetic', 0x09, 'MULMOD', 3, 1, 8);
define('arithmetic', 0x0a, 'EXP', 2, 1, 10, dynamic);
define('arithmetic', 0x0b, 'SIGNEXTEND', 2, 1, 5);

define('comparison', 0x10, 'LT', 2, 1, 3);
define('comparison', 0x11, 'GT', 2, 1, 3);
define('comparison', 0x12, 'SLT', 2, 1, 3);
define('comparison', 0x13, 'SGT', 2, 1, 3);
define('comparison', 0x14, 'EQ', 2, 1, 3);
define('comparison', 0x15, 'ISZERO', 1, 1, 3);
define('bitwise', 0x16, 'AND', 2, 1, 3);
define('bitwise', 0x17, 'OR', 2, 1, 3);
define('bitwise', 0x18, 'XOR', 2, 1, 3);
define('bitwise', 0x19, 'NOT', 1, 1, 3);
define('bitwise', 0x1a, 'BYTE', 2, 1, 3);
define('bitwise', 0x1b, 'SHL', 2, 1, 3);
define('bitwise', 0x1c, 'SHR', 2, 1, 3);
define('bitwise', 0x1d, 'SAR', 2, 1, 3);
define('bitwise', 0x1e, 'CLZ', 1, 1, 5); // EIP-7939

const hash = { flow: 'halt', unsupported: 'hashing is not supported yet' } as const;
const account = { flow: 'halt', unsupported: 'accounts are not supported yet' } as const;
const chain = { flow: 'halt', unsupported: 'earlier blocks are not supported yet' } as const;
const state = { flow: 'halt', unsupported: 'storage is not supported yet' } as const;
const log = { flow: 'halt', unsupported: 'logs are not supported yet' } as const;
const call = { flow: 'halt', unsupported: 'calls and creation are not supported yet' } as const;

define('control', 0x20, 'KECCAK256', 2, 1, 0, hash);

define('environment', 0x30, 'ADDRESS', 0, 1, 2);
define('control', 0x31, 'BALANCE', 1, 1, 0, account);
define('environment', 0x32, 'ORIGIN', 0, 1, 2);
define('environment', 0x33, 'CALLER', 0, 1, 2);
define('environment', 0x34, 'CALLVALUE', 0, 1, 2);
define('environment', 0x35, 'CALLDATALOAD', 1, 1, 3);
define('environment', 0x36, 'CALLDATASIZE', 0, 1, 2);
define('memory', 0x37, 'CALLDATACOPY', 3, 0, 3, dynamic);
define('environment', 0x38, 'CODESIZE', 0, 1, 2);
define('memory', 0x39, 'CODECOPY', 3, 0, 3, dynamic);
define('environment', 0x3a, 'GASPRICE', 0, 1, 2);
define('control', 0x3b, 'EXTCODESIZE', 1, 1, 0, account);
define('control', 0x3c, 'EXTCODECOPY', 4, 0, 0, account);
define('environment', 0x3d, 'RETURNDATASIZE', 0, 1, 2);
define('memory', 0x3e, 'RETURNDATACOPY', 3, 0, 3, { ...dynamic, flow: 'split' });
define('control', 0x3f, 'EXTCODEHASH', 1, 1, 0, account);
define('control', 0x40, 'BLOCKHASH', 1, 1, 0, chain);
define('environment', 0x41, 'COINBASE', 0, 1, 2);
define('environment', 0x42, 'TIMESTAMP', 0, 1, 2);
define('environment', 0x43, 'NUMBER', 0, 1, 2);
define('environment', 0x44, 'PREVRANDAO', 0, 1, 2);
define('environment', 0x45, 'GASLIMIT', 0, 1, 2);
define('environment', 0x46, 'CHAINID', 0, 1, 2);
define('control', 0x47, 'SELFBALANCE', 0, 1, 0, account);
define('environment', 0x48, 'BASEFEE', 0, 1, 2);
define('environment', 0x49, 'BLOBHASH', 1, 1, 3);
define('environment', 0x4a, 'BLOBBASEFEE', 0, 1, 2);

define('stack', 0x50, 'POP', 1, 0, 2);
define('memory', 0x51, 'MLOAD', 1, 1, 3, dynamic);
define('memory', 0x52, 'MSTORE', 2, 0, 3, dynamic);
define('memory', 0x53, 'MSTORE8', 2, 0, 3, dynamic);
define('control', 0x54, 'SLOAD', 1, 1, 0, state);
define('control', 0x55, 'SSTORE', 2, 0, 0, state);
define('control', 0x56, 'JUMP', 1, 0, 8, { flow: 'jump' });
define('control', 0x57, 'JUMPI', 2, 0, 10, { flow: 'branch' });
define('environment', 0x58, 'PC', 0, 1, 2);
define('memory', 0x59, 'MSIZE', 0, 1, 2);
define('environment', 0x5a, 'GAS', 0, 1, 2);
define('control', 0x5b, 'JUMPDEST', 0, 0, 1);
define('control', 0x5c, 'TLOAD', 1, 1, 0, state);
define('control', 0x5d, 'TSTORE', 2, 0, 0, state);
define('memory', 0x5e, 'MCOPY', 3, 0, 3, dynamic);
define('stack', 0x5f, 'PUSH0', 0, 1, 2);
for (let i = 1; i <= 32; i++) {
  define('stack', 0x5f + i, `PUSH${i}`, 0, 1, 3, { dataLength: i });
}
for (let i = 1; i <= 16; i++) {
  define('stack', 0x7f + i, `DUP${i}`, i, i + 1, 3);
  define('stack', 0x8f + i, `SWAP${i}`, i + 1, i + 1, 3);
}
for (let i = 0; i <= 4; i++) define('control', 0xa0 + i, `LOG${i}`, i + 2, 0, 0, log);

define('control', 0xf0, 'CREATE', 3, 1, 0, call);
define('control', 0xf1, 'CALL', 7, 1, 0, call);
define('control', 0xf2, 'CALLCODE', 7, 1, 0, call);
define('control', 0xf3, 'RETURN', 2, 0, 0, { ...dynamic, flow: 'halt' });
define('control', 0xf4, 'DELEGATECALL', 6, 1, 0, call);
define('control', 0xf5, 'CREATE2', 4, 1, 0, call);
define('control', 0xfa, 'STATICCALL', 6, 1, 0, call);
define('control', 0xfd, 'REVERT', 2, 0, 0, { ...dynamic, flow: 'halt' });
define('control', 0xfe, 'INVALID', 0, 0, 0, { flow: 'halt' });
define('control', 0xff, 'SELFDESTRUCT', 1, 0, 0, call);

/** All defined opcodes by ascending byte. */
export const opcodes: readonly Opcode[] = [...rows].sort((left, right) => left.byte - right.byte);

/** By byte; `undefined` where Osaka defines none, which is an exceptional halt as `INVALID` is. */
export const opcodeOf: readonly (Opcode | undefined)[] = Array.from({ length: 256 }, (_, byte) =>
  rows.find((row) => row.byte === byte),
);

const byName = new Map(rows.map((row) => [row.name, row]));

/** The opcode of that name. Throws a RangeError if there is none. */
export function opcodeNamed(name: string): Opcode {
  const row = byName.get(name);
  if (row === undefined) throw new RangeError(`opcode: expected an EVM mnemonic, got ${name}`);
  return row;
}
