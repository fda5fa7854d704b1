/** The forgeries of memory: what a cell holds, when, how it starts and what of it is shown. */

import { inverse } from '../../src/stark/field/m31.ts';
import type { ForgedRow, Forgery } from './forgery.ts';
import type { ForgeryCase } from './forgery-list.ts';
import { registers } from './forgery-stage.ts';

const P = 0x7fffffff;
const [WORD, GLOBAL, MEMORY] = [0, 1, 4];
const [OUTPUT, PRIVATE, OWN] = [MEMORY, MEMORY + 2, MEMORY + 3];

/** The steps around the two writes of one register, and the refresh that follows the read. */
function staleSteps(f: Forgery) {
  const refresh = f
    .rows('word-refresh')
    .find((row) => row.get('space') === WORD && row.get('address') === registers.stale)!;
  return { first: f.at('first write'), second: f.at('second write'), read: f.at('read'), refresh };
}

/** The read takes `value`, last written or refreshed at `time`; its sum follows. */
function readOther(f: Forgery, time: number, value: number): void {
  f.at('read')
    .set('rs1Time', time)
    .set('rs1_0', value)
    .set('rdAfter_0', value + 40);
  f.cell(WORD, registers.sum).set('last0', value + 40);
}

/** The refresh takes the register as the second write left it, as if the read had not been there. */
function passBy({ refresh, second }: ReturnType<typeof staleSteps>): void {
  const before = second.get('clk') + 1;
  const now = refresh.get('time0') + 2 ** 16 * refresh.get('time1');
  refresh.set('before', before).set('gapHigh', (now - before - 1) >>> 16);
}

/** A refresh of the stale register that leaves it with that value at `now`. */
function addRefresh(f: Forgery, value: number, before: number, now: number): void {
  const gap = (((now - before - 1) % P) + P) % P;
  const row = f.free('word-refresh').set('real', 1).set('space', WORD);
  row.set('address', registers.stale).set('before', before).set('value0', value);
  row
    .set('time0', (now % P) & 0xffff)
    .set('time1', (now % P) >>> 16)
    .set('gapHigh', gap >>> 16);
}

/** A row of the boundary for a cell that was never touched and holds `value`. */
function addCell(f: Forgery, index: number, high: number, low: number, value = 0): ForgedRow {
  const row = f.insert('word-boundary', index);
  const space = Math.min(high, MEMORY);
  const segment = high - space;
  row
    .set(`space${space}`, 1)
    .set('high0', segment & 0xffff)
    .set('high1', segment >>> 16);
  row
    .set('low0', low & 0xffff)
    .set('low1', low >>> 16)
    .set('first0', value)
    .set('last0', value);
  const elsewhere = segment + (space === MEMORY ? 0 : 1);
  if (elsewhere === 0) return row;
  return row.set('isElsewhere', 1).set('isElsewhereInverse', inverse(elsewhere));
}

/** Where a row of that address belongs. */
function placeFor(f: Forgery, high: number, low: number): number {
  const rows = f.boundary();
  const keys = rows.map((row) => {
    const space = [0, 1, 2, 3, 4].reduce((sum, i) => sum + i * row.get(`space${i}`), 0);
    return (space + row.get('high0')) * 2 ** 29 + row.get('low0') + 2 ** 16 * row.get('low1');
  });
  const index = keys.findIndex((key) => key > high * 2 ** 29 + low);
  return index < 0 ? rows.length : index;
}

export const memoryForgeries: readonly ForgeryCase[] = [
  {
    name: 'a read of the value before the last',
    breaks: ['range: move: rd is later'],
    isProven: true,
    tell(f) {
      const steps = staleSteps(f);
      readOther(f, steps.first.get('clk') + 1, 1);
      steps.second.set('rdTime', steps.read.get('clk')).set('rd_0', 1);
      passBy(steps);
    },
  },
  {
    name: 'a read at the time of the read itself',
    breaks: ['range: add-sub: rs1 is later'],
    isProven: true,
    tell(f) {
      const steps = staleSteps(f);
      readOther(f, steps.read.get('clk'), 77);
      passBy(steps);
    },
  },
  {
    name: 'a read of what nobody wrote, closed by a refresh into the past',
    breaks: ['range: word-refresh: gap bits 16 to 28'],
    isProven: true,
    tell(f) {
      const steps = staleSteps(f);
      const now = steps.read.get('clk');
      readOther(f, now - 8, 77);
      addRefresh(f, 77, now, now - 8);
      passBy(steps);
    },
  },
  {
    name: 'a read of what nobody wrote, closed by refreshes once around the field',
    breaks: ['range: word-refresh: time bits 16 to 28'],
    isProven: true,
    tell(f) {
      const steps = staleSteps(f);
      const now = steps.read.get('clk');
      readOther(f, now - 8, 77);
      const step = Math.floor((P - 8) / 5);
      const times = [0, 1, 2, 3, 4].map((k) => now + k * step);
      [...times, P + now - 8].reduce((before, after) => {
        addRefresh(f, 77, before, after);
        return after % P;
      });
      passBy(steps);
    },
  },
  {
    name: 'a cell with two rows',
    breaks: ['range: word-boundary: gap bits 16 to 28'],
    isProven: true,
    tell(f) {
      addCell(f, f.cell(WORD, registers.untouched).index, WORD, registers.untouched);
    },
  },
  {
    name: 'a wide register with two rows, addresses once around the field between them',
    breaks: ['range: wide-boundary: address bits 16 to 28'],
    isProven: true,
    tell(f) {
      const last = f.rows('wide-boundary').at(-1)!;
      const address = last.get('low0');
      for (let k = 1; k <= 4; k++) {
        const low = (address + k * 2 ** 29) % P;
        // 4 * 2^29 is one more than p.
        const row = f.free('wide-boundary').set('real', 1);
        row.set('low0', low & 0xffff).set('low1', low >>> 16);
      }
    },
  },
  {
    name: 'a cell of memory with two rows, addresses once around the field between them',
    breaks: ['range: word-boundary: address bits 16 to 28'],
    tell(f) {
      const last = f.boundary().at(-1)!;
      const high = MEMORY + last.get('high0');
      for (let k = 1; k <= 4; k++) {
        const low = (last.get('low0') + k * 2 ** 29) % P;
        addCell(f, last.index + k, high, low);
      }
    },
  },
  {
    name: 'a cell of memory with two rows, segments once around the field between them',
    breaks: ['range: word-boundary: segment bits 16 to 27'],
    tell(f) {
      const last = f.boundary().at(-1)!;
      for (let k = 1; k <= 4; k++) {
        const segment = (last.get('high0') + k * 2 ** 29) % P;
        addCell(f, last.index + k, MEMORY + segment, last.get('low0'));
      }
    },
  },
  {
    name: 'a register in a segment',
    breaks: ['word-boundary: only memory has segments'],
    tell(f) {
      const row = addCell(f, placeFor(f, GLOBAL, 2 ** 20), WORD, 2 ** 20).set('high0', 1);
      row.set('isElsewhereInverse', inverse(2));
    },
  },
  {
    name: 'a padding row after which the order begins again',
    breaks: ['word-boundary: real rows are a prefix'],
    isProven: true,
    tell(f) {
      f.insert('word-boundary', 2);
      addCell(f, 3, WORD, 1);
    },
  },
  {
    name: 'an order that nobody looks at',
    breaks: ['word-boundary: ordered'],
    tell(f) {
      addCell(f, f.cell(WORD, registers.untouched).index, WORD, registers.untouched);
    },
    finish(f) {
      const row = f.cell(WORD, registers.untouched);
      row.set('ordered', 0).set('gap0', 0).set('gap1', 0).set('same', 0);
      f.recount();
    },
  },
  {
    name: 'a register that starts with a value',
    breaks: ['word-boundary: limb 0 starts at zero'],
    isProven: true,
    tell(f) {
      f.at('read of nothing').set('value0', 5);
      f.cell(WORD, registers.untouched).set('first0', 5).set('last0', 5);
      f.cell(WORD, registers.copied).set('last0', 5);
    },
  },
  {
    name: 'a wide register that starts with a value',
    breaks: ['bus wide'],
    tell: (f) => f.rows('wide-boundary').at(-1)!.move('last0', 1),
  },
  {
    name: 'a cell of the image with another value',
    breaks: ['bus image'],
    isProven: true,
    tell: (f) => f.cell(GLOBAL, 7).move('first0', 1).move('last0', 1),
  },
  {
    name: 'an untouched cell of the image without a row',
    breaks: ['bus image'],
    isProven: true,
    tell: (f) => f.remove('word-boundary', f.cell(OWN, 7).index),
  },
  {
    name: 'a cell of the image that starts at zero',
    breaks: ['bus image'],
    tell(f) {
      const row = f.cell(GLOBAL, 7).set('isImage', 0);
      row.setLimbs('first', 0n).setLimbs('last', 0n);
    },
  },
  {
    name: 'an image that the program does not have',
    breaks: ['bus image'],
    tell(f) {
      addCell(f, placeFor(f, OWN, 40), OWN, 40, 9).set('isImage', 1);
    },
  },
  {
    name: 'an entry of the image never sent',
    breaks: ['image-table: each entry once'],
    tell(f) {
      f.remove('word-boundary', f.cell(OWN, 7).index);
      const { columns } = f.instance.fixedTables.get('image-table')!;
      const entry = columns[1]!.findIndex((high, i) => high === OWN && columns[2]![i] === 7);
      f.rows('image-table')[entry]!.set('sent', 0);
    },
  },
  {
    name: 'a cell outside the private segment that starts freely',
    breaks: ['word-boundary: free is private'],
    isProven: true,
    tell(f) {
      addCell(f, placeFor(f, OWN, 40), OWN, 40, 9).set('isFree', 1);
    },
  },
  {
    name: 'a register that starts freely',
    breaks: ['word-boundary: free is private'],
    tell: (f) => f.cell(WORD, registers.untouched).set('isFree', 1),
  },
  {
    name: 'a private cell with a limb of 17 bits',
    breaks: ['range: word-boundary: free limb 0'],
    isProven: true,
    tell(f) {
      addCell(f, placeFor(f, PRIVATE, 40), PRIVATE, 40, 2 ** 16).set('isFree', 1);
    },
  },
  {
    name: 'a cell that starts in two ways',
    breaks: ['bus image'],
    tell(f) {
      addCell(f, placeFor(f, PRIVATE, 40), PRIVATE, 40)
        .set('isFree', 1)
        .set('isImage', 1);
    },
  },
  {
    name: 'an output other than the one written',
    breaks: ['bus memory', 'bus output'],
    isProven: true,
    tell: (f) => f.cell(OUTPUT, 5).set('last0', 78),
  },
  {
    name: 'an output that is hidden',
    breaks: ['bus output', 'word-boundary: isElsewhere is 0 for zero'],
    isProven: true,
    tell: (f) => f.cell(OUTPUT, 5).set('isElsewhere', 1),
  },
  {
    name: 'an output from elsewhere',
    breaks: ['bus output', 'word-boundary: isElsewhere is 1 for others'],
    tell: (f) => f.cell(OWN, 1).set('isElsewhere', 0).set('isElsewhereInverse', 0),
  },
  {
    name: 'an output beyond the one expected',
    breaks: ['bus output'],
    isProven: true,
    tell(f) {
      addCell(f, placeFor(f, OUTPUT, 6), OUTPUT, 6);
    },
  },
  {
    name: 'an output told twice',
    breaks: ['bus output', 'range: word-boundary: gap bits 16 to 28'],
    tell(f) {
      addCell(f, f.cell(OUTPUT, 5).index, OUTPUT, 5);
    },
  },
  {
    name: 'an output that starts freely',
    breaks: ['word-boundary: free is private'],
    tell: (f) => f.cell(OUTPUT, 5).set('isFree', 1),
  },
];
