import { describe } from 'vitest';
import { extend } from '../../../src/isa/chips/extend.ts';
import { wordUnary } from '../../../src/isa/semantics/by-mnemonic.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { limbsOf } from '../../support/instruction-rows.ts';
import { unaryCases, unaryMeaning } from '../../support/word-cases.ts';

describe('the chip of sign extension', () => {
  chipLaws({
    chip: extend,
    cases: unaryCases(['sext8', 'sext16', 'sext32', 'sext8_32', 'sext16_32'], 'rs1'),
    meaning: unaryMeaning(wordUnary, 'rs1'),
    cells: 53,
    forgeries: [
      {
        // The opcodes of the two 16-bit flags less that of the third make that of sext32.
        rule: 'is_sext8_32 is a bit',
        from: { name: 'sext32', values: { rs1: limbsOf(0x100n, 4) } },
        changes: {
          ...{ is_sext32: -1, is_sext16: 1, is_sext16_32: 1, is_sext8_32: -1 },
          ...{ rest: 0x200, rdAfter_0: 0x100 },
        },
      },
    ],
  });
});
