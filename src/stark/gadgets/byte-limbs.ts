/**
 * Numbers in bytes, where their products or single bytes are needed, and as 16-bit limbs for messages.
 *
 * Proves: every byte is in [0, 2^8) in rows where `real` is 1, by one lookup for each limb.
 */

import type { ChipBuilder } from '../air/chip.ts';
import { add, type Column, type Expr, mul } from '../air/expr.ts';
import { bytePair } from '../tables/bytes.ts';
import type { CellWriter } from './cells.ts';

export interface ByteLimbs {
  /** Least significant first. */
  readonly bytes: readonly Column[];
  /** `bytes[2 i] + 2^8 bytes[2 i + 1]`. */
  readonly limbs: readonly Expr[];
  fill(cells: CellWriter, limbs: ArrayLike<number>): void;
}

/** Byte columns without their range checks. */
export function byteColumns(
  chip: ChipBuilder,
  name: string,
  limbCount: number,
  meaning: string,
): ByteLimbs {
  const bytes = chip.columns(name, 2 * limbCount, meaning);
  return {
    bytes,
    limbs: Array.from({ length: limbCount }, (_, i) =>
      add(bytes[2 * i]!, mul(2 ** 8, bytes[2 * i + 1]!)),
    ),
    fill(cells, limbs) {
      for (let i = 0; i < limbCount; i++) {
        cells.set(bytes[2 * i]!, limbs[i]! & 255);
        cells.set(bytes[2 * i + 1]!, limbs[i]! >>> 8);
      }
    },
  };
}

/** Byte columns, checked in pairs. */
export function byteLimbs(
  chip: ChipBuilder,
  name: string,
  limbCount: number,
  meaning: string,
  real: Expr,
): ByteLimbs {
  const result = byteColumns(chip, name, limbCount, meaning);
  for (let i = 0; i < limbCount; i++) {
    const [low, high] = [result.bytes[2 * i]!, result.bytes[2 * i + 1]!];
    bytePair(chip, `${name} ${2 * i} and ${2 * i + 1} are bytes`, low, high, real);
  }
  return result;
}
