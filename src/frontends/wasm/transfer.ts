/**
 * Moves of several operands at once: to the place of a block's results, or to the results of the function.
 */

import type { UnitBuilder } from '../../isa/builder.ts';
import type { Operands } from './operands.ts';

/** Whether the top `count` operands are in the registers from `first` on already. */
export function isInPlace(operands: Operands, count: number, first: number): boolean {
  const start = operands.height - count;
  for (let i = 0; i < count; i++) {
    if (operands.sourceOf(start + i) !== first + i) return false;
  }
  return true;
}

/**
 * Copies the top `count` operands into the registers from `first` on, as if at once. Leaves the operands
 * as they are, so that only the path at hand is changed. Linear: a move is emitted when nothing reads
 * its destination any more; what then remains are cycles, which go through a free slot.
 */
export function transfer(
  builder: UnitBuilder,
  operands: Operands,
  count: number,
  first: number,
): void {
  const start = operands.height - count;
  if (count === 1) {
    operands.emitMove(start, first);
    return;
  }
  /** By destination, counted from `first`: the register to read, -1 when there is nothing to do. */
  const sources = new Int32Array(count).fill(-1);
  const readers = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const source = operands.sourceOf(start + i);
    if (source === undefined || source === first + i) continue;
    sources[i] = source;
    const place = source - first;
    if (place >= 0 && place < count) readers[place]!++;
  }
  const ready: number[] = [];
  for (let i = 0; i < count; i++) if (sources[i] !== -1 && readers[i] === 0) ready.push(i);
  const emitReady = (): void => {
    for (let i = ready.pop(); i !== undefined; i = ready.pop()) {
      const source = sources[i]!;
      builder.emit('move', first + i, source);
      sources[i] = -1;
      const place = source - first;
      if (place < 0 || place >= count) continue;
      readers[place]!--;
      if (readers[place] === 0 && sources[place] !== -1) ready.push(place);
    }
  };
  emitReady();
  const spare = Math.max(operands.slot(operands.height), first + count);
  const readerOf = new Int32Array(count);
  for (let i = 0; i < count; i++) if (sources[i] !== -1) readerOf[sources[i]! - first] = i;
  for (let i = 0; i < count; i++) {
    if (sources[i] === -1) continue;
    // Every register of a cycle is read exactly once: keep the old value of this one apart.
    builder.emit('move', spare, first + i);
    sources[readerOf[i]!] = spare;
    readers[i] = 0;
    ready.push(i);
    emitReady();
  }
  for (let i = 0; i < count; i++) {
    if (operands.isConstant(start + i)) operands.emitMove(start + i, first + i);
  }
}
