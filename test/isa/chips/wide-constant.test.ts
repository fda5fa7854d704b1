import { describe } from 'vitest';
import { wideConstant } from '../../../src/isa/chips/wide-constant.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';
import { wideEdges } from '../../support/wide-cases.ts';

/** The pool of the test: constant i has key i. */
const constants = wideEdges.map((value) => limbsOf(value, 16));

describe('wide-constant', () => {
  chipLaws({
    chip: wideConstant,
    // The case of number i stands at pc i; it names the constant 7 i.
    cases: constants.map((_, pc) => ({
      name: 'wconst',
      operands: { pool: ((7 * pc) % constants.length) - pc },
    })),
    meaning: ({ state, slots, answers }) => {
      const key = (state.pc + slots[2]!) % 0x7fffffff;
      // A row may claim any answer, since no other would cancel its message; it must write that one.
      const value = answers.pool?.slice(1) ?? constants[key] ?? [];
      return { written: { rd: value }, messages: { pool: [key, ...value] } };
    },
    cells: 56,
  });
});
