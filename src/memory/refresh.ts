/**
 * Refresh rows: bring the time of a cell forward where it was left alone for longer than a 16-bit
 * lookup can bridge.
 *
 * The new time is decomposed into 16 + 13 checked bits, and so is the difference to the time before.
 * Both are needed: without the first, refresh rows alone could close a cycle modulo p and so forge a
 * read.
 *
 * Proves: the cell keeps its value; its new time is an integer below 2^29 and later than before.
 * Spec: `spec/5-memory.md`.
 */

import { type Bus, ChipBuilder, type ChipDescription } from '../stark/air/chip.ts';
import { add, mul, sub } from '../stark/air/expr.ts';
import { range } from '../stark/tables/range.ts';
import { memoryBus, wideBus } from './buses.ts';

export interface RefreshChip {
  readonly description: ChipDescription;
  /** `words` holds at `base`: space, address, time before, new time, then the value in limbs. */
  fill(columns: readonly Uint32Array[], index: number, words: Int32Array, base: number): void;
}

export const wordRefresh: RefreshChip = describe('word-refresh', memoryBus, 4);
export const wideRefresh: RefreshChip = describe('wide-refresh', wideBus, 16);

function describe(name: string, bus: Bus, width: number): RefreshChip {
  const chip = new ChipBuilder(name);
  const real = chip.bit('real', 'a refresh');
  const space = chip.column('space', 'space of the cell');
  const address = chip.column('address', 'address of the cell');
  const before = chip.column('before', 'time before');
  const value = chip.columns('value', width, 'value of the cell');
  const time = chip.columns('time', 2, 'new time, 16 and 13 bits');
  const gapHigh = chip.column('gapHigh', 'upper 13 bits of the difference less 1');
  const now = add(time[0]!, mul(2 ** 16, time[1]!));
  range(chip, 'time bits 0 to 15', 16, time[0]!, real);
  range(chip, 'time bits 16 to 28', 13, time[1]!, real);
  // now - before - 1 in [0, 2^29)
  const gapLow = sub(sub(sub(now, before), 1), mul(2 ** 16, gapHigh));
  range(chip, 'gap bits 0 to 15', 16, gapLow, real);
  range(chip, 'gap bits 16 to 28', 13, gapHigh, real);
  chip.receive('as left', bus, [space, address, before, ...value], real);
  chip.send('from now', bus, [space, address, now, ...value], real);
  const columns_ = [real, space, address, before, ...value, ...time, gapHigh];
  return {
    description: chip.build({
      assumes: ['every other time sent is an integer below 2^29'],
      proves: ['the cell keeps its value, its new time is below 2^29 and later than before'],
    }),
    fill(columns, index, words, base) {
      const newTime = words[base + 3]!;
      const gap = newTime - words[base + 2]! - 1;
      const cells = [1, words[base]!, words[base + 1]!, words[base + 2]!];
      for (let i = 0; i < width; i++) cells.push(words[base + 4 + i]!);
      cells.push(newTime & 0xffff, newTime >>> 16, gap >>> 16);
      columns_.forEach((column, i) => {
        columns[column.index]![index] = cells[i]!;
      });
    },
  };
}
