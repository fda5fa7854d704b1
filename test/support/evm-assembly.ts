/** EVM code from mnemonics: `evmCode('PUSH', 5n, 'ADD')`, where `PUSH` takes the number behind it. */

import { opcodeNamed } from '../../src/frontends/evm/opcodes.ts';

/** A number stands for the shortest push of it. */
export function evmCode(...parts: readonly (string | bigint)[]): Uint8Array {
  const bytes: number[] = [];
  for (const part of parts) {
    if (typeof part === 'string') {
      bytes.push(opcodeNamed(part).byte);
      continue;
    }
    let digits = part === 0n ? '' : part.toString(16);
    if (digits.length % 2 === 1) digits = `0${digits}`;
    bytes.push(0x5f + digits.length / 2, ...Buffer.from(digits, 'hex'));
  }
  return Uint8Array.from(bytes);
}

/** Returns the item on top of the stack. */
export const returnTop: readonly (string | bigint)[] = [0n, 'MSTORE', 32n, 0n, 'RETURN'];

/** 32 bytes each, the most significant first. */
export function wordsToBytes(words: readonly bigint[]): Uint8Array {
  return Uint8Array.from(
    Buffer.from(words.map((word) => word.toString(16).padStart(64, '0')).join(''), 'hex'),
  );
}

export function bytesToWord(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
}
