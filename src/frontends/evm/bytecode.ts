/**
 * Bytecode as basic blocks: where jumps may go, and what one block does to stack and gas.
 *
 * A block begins at a `JUMPDEST`, behind an opcode that ends one, and where a block would grow too large for the
 * operands of its head. Code that nothing can reach (between a halt and the next `JUMPDEST`) has no block. One
 * pass, linear in the length. `spec/3-lowering-evm.md`.
 */

import { type Opcode, opcodeOf } from './opcodes.ts';

/** Opcodes that run one after the other, with their demands. Depths count items, relative to the depth at the start. */
export interface BasicBlock {
  /** Byte offset of the first opcode. */
  readonly start: number;
  /** Byte offsets of the opcodes, in the order in which they run. */
  readonly offsets: readonly number[];
  /** Where the code goes on behind the last opcode if that does not jump or halt; the length of the code for its end. */
  readonly next: number;
  /** Items that must be there at the start, and how far the stack rises above the start at most. */
  readonly need: number;
  readonly grow: number;
  /** Depth at the end minus depth at the start. */
  readonly slide: number;
  /** Sum of the static gas. */
  readonly gas: number;
  /** Ends in an opcode that does not go on to the next one. */
  readonly isClosed: boolean;
  /** Copies of what comes next, made because a jump in them is known to those who come from here. */
  readonly behind?: BasicBlock;
  readonly taken?: BasicBlock;
}

/** A block is cut before it needs or grows by more: wide operands reach 1024 registers down. */
const STACK_SPAN = 256;
/**
 * And before it has more opcodes than this: each makes at most one value, so that together with the items of the start
 * and a copy that is begun behind fewer than `TRACE_LENGTH` opcodes, all values fit in the registers at once.
 */
const BLOCK_LENGTH = 512;

/** One flag a byte: 1 where a jump may go. Bytes of push data are no destinations. */
export function jumpDestinations(bytes: Uint8Array): Uint8Array {
  const destinations = new Uint8Array(bytes.length);
  for (let offset = 0; offset < bytes.length; offset += lengthAt(bytes, offset)) {
    if (bytes[offset] === JUMPDEST) destinations[offset] = 1;
  }
  return destinations;
}

/** Bytes that the opcode at `offset` takes with its data; may point past the end of the code. */
export function lengthAt(bytes: Uint8Array, offset: number): number {
  return 1 + (opcodeOf[bytes[offset]!]?.dataLength ?? 0);
}

/** The data of the push at `offset`; bytes past the end of the code are zero. */
export function pushedValue(bytes: Uint8Array, offset: number, dataLength: number): bigint {
  let value = 0n;
  for (let i = 1; i <= dataLength; i++) value = (value << 8n) | BigInt(bytes[offset + i] ?? 0);
  return value;
}

/** Stack and gas of an opcode as far as a block answers for them: nothing of what ends the run where it stands. */
export function demandOf(opcode: Opcode | undefined): {
  readonly stackIn: number;
  readonly stackOut: number;
  readonly staticGas: number;
} {
  return opcode === undefined || opcode.unsupported !== undefined ? NO_DEMAND : opcode;
}

const NO_DEMAND = { stackIn: 0, stackOut: 0, staticGas: 0 };
const JUMP = 0x56;
const JUMPI = 0x57;
const JUMPDEST = 0x5b;

/**
 * All blocks by ascending start. `destinations` as {@link jumpDestinations} gives them.
 *
 * A jump to a destination that the block itself has pushed does not end it: the opcodes there follow, as a copy. So a
 * call of a small function and its return are one block with what surrounds them. Where a `JUMPI` comes between,
 * either way is copied if the destination pushed before it lets a jump there be followed. All copies together are
 * at most as many opcodes as the code has bytes, so that the lowering stays linear.
 */
export function basicBlocks(bytes: Uint8Array, destinations: Uint8Array): readonly BasicBlock[] {
  const blocks: BasicBlock[] = [];
  const code: Code = { bytes, destinations, copies: bytes.length };
  let offset = 0;
  while (offset < bytes.length) {
    const end = endOfBlock(bytes, offset);
    const own = linear(bytes, offset, end);
    blocks.push(blockOf(code, followJumps(code, own, end, []), 0));
    offset = end;
    if (goesOn(bytes[lastOf(own)]!)) continue;
    while (offset < bytes.length && bytes[offset] !== JUMPDEST) offset += lengthAt(bytes, offset);
  }
  return blocks;
}

interface Code {
  readonly bytes: Uint8Array;
  readonly destinations: Uint8Array;
  /** How many opcodes may still be copied. */
  copies: number;
}

interface Trace {
  readonly offsets: readonly number[];
  readonly next: number;
  /** The stack behind it as far as it is known, the top last; `UNKNOWN` for what is no small constant. */
  readonly stack: readonly number[];
  /** Where its last opcode, a `JUMPI`, goes; else `UNKNOWN`. */
  readonly branch: number;
}

/** Copies are not begun behind more opcodes than this, nor behind more branches. */
const TRACE_LENGTH = 64;
const TRACE_DEPTH = 8;

function blockOf(code: Code, trace: Trace, depth: number): BasicBlock {
  const block = summarize(code.bytes, trace.offsets, trace.next);
  const isBranch = code.bytes[lastOf(trace.offsets)] === JUMPI;
  if (!isBranch || depth === TRACE_DEPTH) return block;
  const behind = copyAt(code, trace.next, trace.stack, depth + 1);
  const taken = copyAt(code, trace.branch, trace.stack, depth + 1);
  return { ...block, ...(behind && { behind }), ...(taken && { taken }) };
}

/** A copy of the block at `start`, if knowing the stack lets it follow a jump that it could not follow alone. */
function copyAt(
  code: Code,
  start: number,
  stack: readonly number[],
  depth: number,
): BasicBlock | undefined {
  const { bytes, destinations } = code;
  const isPlace = depth > 0 && start !== UNKNOWN && start < bytes.length;
  if (!isPlace || stack.every((item) => item === UNKNOWN)) return undefined;
  const end = endOfBlock(bytes, start);
  const own = linear(bytes, start, end);
  // Only a jump can be followed.
  if (bytes[lastOf(own)] !== JUMP || own.length > code.copies) return undefined;
  const alone = followJumps({ bytes, destinations, copies: code.copies }, own, end, []);
  const before = code.copies;
  code.copies -= own.length;
  const trace = followJumps(code, own, end, stack);
  if (trace.offsets.length > alone.offsets.length) return blockOf(code, trace, depth);
  code.copies = before;
  return undefined;
}

/** The block that runs up to `end`, and what follows the jumps whose destination is known. */
function followJumps(
  code: Code,
  own: readonly number[],
  end: number,
  known: readonly number[],
): Trace {
  const { bytes, destinations } = code;
  const stack = [...known];
  let offsets = own;
  let next = end;
  let read = 0;
  for (;;) {
    for (; read < offsets.length - 1; read++) follow(bytes, offsets[read]!, stack);
    const last = bytes[lastOf(offsets)];
    const target = stack[stack.length - 1] ?? UNKNOWN;
    follow(bytes, offsets[read++]!, stack);
    const branch = last === JUMPI && destinations[target] === 1 ? target : UNKNOWN;
    const trace = { offsets, next, stack, branch };
    if (last !== JUMP || destinations[target] !== 1 || offsets.length >= TRACE_LENGTH) return trace;
    const behind = endOfBlock(bytes, target);
    const copy = linear(bytes, target, behind);
    const joined = [...offsets, ...copy];
    const { need, grow } = summarize(bytes, joined, behind);
    if (copy.length > code.copies || need + grow > STACK_SPAN) return trace;
    code.copies -= copy.length;
    offsets = joined;
    next = behind;
  }
}

const UNKNOWN = -1;

/** One opcode as far as it moves small constants on the stack. `pushed` has the top last. */
function follow(bytes: Uint8Array, offset: number, pushed: number[]): void {
  const opcode = opcodeOf[bytes[offset]!];
  const { stackIn, stackOut } = demandOf(opcode);
  while (pushed.length < stackIn) pushed.unshift(UNKNOWN);
  const byte = bytes[offset]!;
  if (byte >= 0x5f && byte <= 0x63) {
    pushed.push(Number(pushedValue(bytes, offset, byte - 0x5f)));
  } else if (byte >= 0x80 && byte <= 0x8f) {
    pushed.push(pushed[pushed.length - stackIn]!);
  } else if (byte >= 0x90 && byte <= 0x9f) {
    const deep = pushed.length - stackIn;
    const item = pushed[deep]!;
    pushed[deep] = pushed[pushed.length - 1]!;
    pushed[pushed.length - 1] = item;
  } else {
    pushed.length -= stackIn;
    for (let i = 0; i < stackOut; i++) pushed.push(UNKNOWN);
  }
}

/** Offset behind the block that starts at `start`, jumps not followed. */
function endOfBlock(bytes: Uint8Array, start: number): number {
  let offset = start;
  let height = 0;
  let need = 0;
  let grow = 0;
  for (let length = 0; offset < bytes.length && length < BLOCK_LENGTH; length++) {
    const byte = bytes[offset]!;
    if (byte === JUMPDEST && offset > start) break;
    const { stackIn, stackOut } = demandOf(opcodeOf[byte]);
    need = Math.max(need, stackIn - height);
    grow = Math.max(grow, height - stackIn + stackOut);
    if (offset > start && need + grow > STACK_SPAN) break;
    height += stackOut - stackIn;
    offset = Math.min(offset + lengthAt(bytes, offset), bytes.length);
    if ((opcodeOf[byte]?.flow ?? 'halt') !== 'next') break;
  }
  return offset;
}

function linear(bytes: Uint8Array, start: number, end: number): number[] {
  const offsets: number[] = [];
  for (let offset = start; offset < end; offset += lengthAt(bytes, offset)) offsets.push(offset);
  return offsets;
}

function lastOf(offsets: readonly number[]): number {
  return offsets[offsets.length - 1]!;
}

function goesOn(byte: number): boolean {
  const flow = opcodeOf[byte]?.flow ?? 'halt';
  return flow !== 'halt' && flow !== 'jump';
}

/** The demands of opcodes that run one after the other; at least one. */
function summarize(bytes: Uint8Array, offsets: readonly number[], next: number): BasicBlock {
  let height = 0;
  let need = 0;
  let grow = 0;
  let gas = 0;
  for (const offset of offsets) {
    const { stackIn, stackOut, staticGas } = demandOf(opcodeOf[bytes[offset]!]);
    need = Math.max(need, stackIn - height);
    height += stackOut - stackIn;
    grow = Math.max(grow, height);
    gas += staticGas;
  }
  const isClosed = !goesOn(bytes[lastOf(offsets)]!);
  return { start: offsets[0]!, offsets, next, need, grow, slide: height, gas, isClosed };
}

/**
 * The same opcodes in pieces, so that within a piece nothing but static gas and the stack decides how far it gets.
 * A piece ends at each opcode with dynamic gas. A store that reaches below everything before it is a piece of its
 * own, since its gas comes before the lower one of its operands is missed.
 */
export function piecesOf(bytes: Uint8Array, block: BasicBlock): readonly BasicBlock[] {
  const pieces: BasicBlock[] = [];
  let piece: number[] = [];
  let height = 0;
  let need = 0;
  const finish = (): void => {
    if (piece.length > 0) pieces.push(summarize(bytes, piece, block.next));
    piece = [];
    height = 0;
    need = 0;
  };
  for (const offset of block.offsets) {
    const byte = bytes[offset]!;
    const { stackIn, stackOut } = demandOf(opcodeOf[byte]);
    if (isStore(byte) && stackIn - height > need) finish();
    piece.push(offset);
    need = Math.max(need, stackIn - height);
    height += stackOut - stackIn;
    if (opcodeOf[byte]?.hasDynamicGas === true) finish();
  }
  finish();
  return pieces;
}

/** `MSTORE` or `MSTORE8`. */
export function isStore(byte: number): boolean {
  return byte === 0x52 || byte === 0x53;
}
