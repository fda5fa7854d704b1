/**
 * Numbers of leading and of trailing zero bits.
 *
 * The limb with the first one bit, from above or from below, is marked; `limb` is its value. With
 * power = 2^place, place in 0 to 15, leading zeros are shown by limb = power + rest, rest < power, and
 * trailing zeros by limb = power + 2 power rest, rest < 2^(15 - place): the range table takes the width
 * from a column.
 *
 * Assumes: limbs of registers are below 2^16.
 * Proves: rd is the number of zero bits above the highest (below the lowest) one bit of rs1, or of its
 * lower half; the width for 0.
 * Spec: `spec/2-instructions.md`; semantics in `src/isa/semantics`.
 */

import { ChipBuilder } from '../../stark/air/chip.ts';
import { add, mul, not, sub } from '../../stark/air/expr.ts';
import { powerOfTwo } from '../../stark/gadgets/power-of-two.ts';
import { rangeOfWidth } from '../../stark/tables/range.ts';
import { instructionAdapter } from './adapter.ts';
import type { InstructionChip } from './chip.ts';
import { selector } from './selector.ts';

export const count: InstructionChip = describe();

function describe(): InstructionChip {
  const chip = new ChipBuilder('count');
  const select = selector(chip, ['clz', 'ctz', 'clz32', 'ctz32']);
  const { real } = select;
  const zeros = chip.column('zeros', 'number of zero bits');
  const adapter = instructionAdapter(chip, 'unary', { ...select, after: { rd: [zeros, 0, 0, 0] } });
  const source = adapter.columnsBefore('rs1');
  const marks = Array.from({ length: 4 }, (_, i) =>
    chip.bit(`mark${i}`, `limb ${i} has the first one bit`),
  );
  const limb = chip.column('limb', 'the marked limb');
  const rest = chip.column('rest', 'the bits of the limb after the first');
  const width = chip.column('width', 'number of bits of the rest');
  const leading = select.any('clz', 'clz32');
  const trailing = select.any('ctz', 'ctz32');
  const isNarrow = select.any('clz32', 'ctz32');
  const marked = add(...marks);
  const place = powerOfTwo(chip, 'place', marked);

  chip.isBit('at most one mark', marked);
  chip.zero('no mark in the ignored half', mul(isNarrow, add(marks[2]!, marks[3]!)));
  chip.zero('no place without a mark', mul(not(marked), place.exponent));
  for (let i = 0; i < 4; i++) {
    // Limbs that come before the mark are 0, all without a mark; of 32 bits the lower two count.
    const above = mul(i < 2 ? leading : select.flag.clz, not(add(...marks.slice(i))));
    const below = mul(i < 2 ? trailing : select.flag.ctz, not(add(...marks.slice(0, i + 1))));
    chip.zero(`limb ${i} is 0 before the mark`, mul(add(above, below), source[i]!));
  }
  chip.equal('marked limb', limb, add(...marks.map((mark, i) => mul(mark, source[i]!))));
  // leading: limb = power + rest; trailing: limb = power + 2 power rest, at most 2^16 - 1
  const tail = add(mul(leading, rest), mul(2, trailing, place.power, rest));
  chip.equal('first one bit of the limb', limb, add(place.power, tail));
  const widthOf = add(mul(leading, place.exponent), mul(trailing, sub(15, place.exponent)));
  chip.equal('width of the rest', width, widthOf);
  rangeOfWidth(chip, 'rest', width, rest, real);

  // leading: 64 - marked - 16 i - place; trailing: 16 i + place, 64 without a mark; 32 less for 32 bits
  const position = add(...marks.map((mark, i) => mul(16 * i, mark)), place.exponent);
  const fromAbove = sub(sub(64, marked), position);
  const fromBelow = add(position, mul(64, not(marked)));
  const halved = add(mul(32, select.flag.clz32), mul(32, select.flag.ctz32, not(marked)));
  const number = sub(add(mul(leading, fromAbove), mul(trailing, fromBelow)), halved);
  chip.equal('number of zero bits', zeros, number);

  return {
    description: chip.build({
      assumes: ['limbs of registers are below 2^16'],
      proves: ['rd is the number of leading or trailing zero bits of rs1 or its lower half'],
      stride: adapter.stride,
    }),
    format: 'unary',
    fill(rows) {
      adapter.fill(rows);
      select.fill(rows);
      rows.each((row) => {
        const isLeading = row.get(select.flag.clz) + row.get(select.flag.clz32) > 0;
        const size = row.get(select.flag.clz) + row.get(select.flag.ctz) > 0 ? 4 : 2;
        let mark = isLeading ? size - 1 : 0;
        while (mark >= 0 && mark < size && row.get(source[mark]!) === 0) mark += isLeading ? -1 : 1;
        const isMarked = mark >= 0 && mark < size;
        const value = isMarked ? row.get(source[mark]!) : 0;
        const bit = isMarked ? 31 - Math.clz32(isLeading ? value : value & -value) : 0;
        if (isMarked) {
          row.set(marks[mark]!, 1);
          place.fill(row, bit);
        }
        row.set(limb, value);
        row.set(rest, isLeading ? value & ((1 << bit) - 1) : value >>> (bit + 1));
        row.set(width, isLeading ? bit : 15 - bit);
        const found = isLeading ? 16 * (size - 1 - mark) + 15 - bit : 16 * mark + bit;
        row.set(zeros, isMarked ? found : 16 * size);
      });
    },
  };
}
