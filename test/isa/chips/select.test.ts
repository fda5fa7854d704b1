import { describe } from 'vitest';
import { select } from '../../../src/isa/chips/select.ts';
import { select as chosen } from '../../../src/isa/semantics/extend.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf, limbsOfLanes, type Meaning } from '../../support/instruction-rows.ts';
import { edgeWords, lanesOf, randomWords } from '../../support/word-cases.ts';

const meaning: Meaning = ({ values }) => {
  const out = new Int32Array(2);
  chosen(out, 0, lanesOf(values.rs1!), 0, lanesOf(values.rs2!), 0, lanesOf(values.rs3!), 0);
  return { written: { rd: limbsOfLanes(out, 0, 2) } };
};

const words = [...edgeWords, ...randomWords(40, 9)];
const cases = words.flatMap((condition, i) =>
  [condition, i % 2 === 0 ? 0n : 1n << BigInt(i)].map((value) => ({
    name: 'select' as const,
    values: {
      rs1: limbsOf(words[(i * 3) % words.length]!, 4),
      rs2: limbsOf(words[(i * 5 + 1) % words.length]!, 4),
      rs3: limbsOf(value, 4),
    },
  })),
);

describe('the chip of select', () => {
  chipLaws({ chip: select, cases, meaning, cells: 67 });
});
