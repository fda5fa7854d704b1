/**
 * Bytecode as basic blocks: where jumps may go, and what one block does to stack and gas.
 *
 * A block begins at a `JUMPDEST`, behind an opcode that ends one, and where a block would grow too large for the
 * operands of its head. Code that nothing can reach (between a halt and the next `JUMPDEST`) has no block. One
 * pass, linear in the length. `spec/3-lowering-evm.md`.
 */

import { type Opcode, opcodeOf } from './opcodes.ts';

/** Straight-line code with its demands. Depths count stack items, relative to the depth at its start. */
export interface BasicBlock {
  /** Byte offsets of the first opcode and of the byte behind the last. */
  readonly start: number;
  readonly end: number;
  /** Items that must be there at the start, and how far the stack rises above the start at most. */
  readonly need: number;
  readonly grow: number;
  /** Depth at the end minus depth at the start. */
  readonly slide: number;
  /** Sum of the static gas. */
  readonly gas: number;
  /** Ends in an opcode that does not go on to the next one. */
  readonly isClosed: boolean;
}

/** A block is cut before it needs or grows by more: wide operands reach 1024 registers down. */
const STACK_SPAN = 256;

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
const JUMPDEST = 0x5b;

/** All blocks by ascending start. */
export function basicBlocks(bytes: Uint8Array): readonly BasicBlock[] {
  const blocks: BasicBlock[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const block = blockAt(bytes, offset, bytes.length);
    blocks.push(block);
    offset = block.end;
    if (!block.isClosed) continue;
    while (offset < bytes.length && bytes[offset] !== JUMPDEST) offset += lengthAt(bytes, offset);
  }
  return blocks;
}

/**
 * The same opcodes in pieces, so that within a piece nothing but static gas and the stack decides how far it gets.
 * A piece ends at each opcode with dynamic gas. A store that reaches below everything before it is a piece of its
 * own, since its gas comes before the lower one of its operands is missed.
 */
export function piecesOf(bytes: Uint8Array, block: BasicBlock): readonly BasicBlock[] {
  const pieces: BasicBlock[] = [];
  for (let offset = block.start; offset < block.end; ) {
    const piece = blockAt(bytes, offset, endOfPiece(bytes, offset, block.end));
    pieces.push(piece);
    offset = piece.end;
  }
  return pieces;
}

function endOfPiece(bytes: Uint8Array, start: number, limit: number): number {
  let height = 0;
  let need = 0;
  for (let offset = start; offset < limit; ) {
    const opcode = opcodeOf[bytes[offset]!];
    const { stackIn, stackOut } = demandOf(opcode);
    if (isStore(bytes[offset]!) && offset > start && stackIn - height > need) return offset;
    need = Math.max(need, stackIn - height);
    height += stackOut - stackIn;
    offset += lengthAt(bytes, offset);
    if (opcode?.hasDynamicGas === true) return Math.min(offset, limit);
  }
  return limit;
}

/** `MSTORE` or `MSTORE8`. */
export function isStore(byte: number): boolean {
  return byte === 0x52 || byte === 0x53;
}

/** The block that starts at `start` and ends at `limit` at the latest. */
function blockAt(bytes: Uint8Array, start: number, limit: number): BasicBlock {
  let offset = start;
  let height = 0;
  let need = 0;
  let grow = 0;
  let gas = 0;
  let isClosed = false;
  while (offset < limit) {
    const byte = bytes[offset]!;
    if (byte === JUMPDEST && offset > start) break;
    const opcode = opcodeOf[byte];
    const { stackIn, stackOut, staticGas } = demandOf(opcode);
    const needed = Math.max(need, stackIn - height);
    const grown = Math.max(grow, height - stackIn + stackOut);
    if (offset > start && needed + grown > STACK_SPAN) break;
    need = needed;
    grow = grown;
    height += stackOut - stackIn;
    gas += staticGas;
    offset = Math.min(offset + lengthAt(bytes, offset), bytes.length);
    const flow = opcode?.flow ?? 'halt';
    isClosed = flow === 'halt' || flow === 'jump';
    if (flow !== 'next') break;
  }
  return { start, end: offset, need, grow, slide: height, gas, isClosed };
}
