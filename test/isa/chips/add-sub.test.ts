import { describe } from 'vitest';
import { addSub } from '../../../src/isa/chips/add-sub.ts';
import { add, add32, sub, sub32 } from '../../../src/isa/semantics/add-sub.ts';
import { chipLaws } from '../../support/chip-laws.ts';
import { binaryCases, binaryMeaning } from '../../support/word-cases.ts';

const reason =
  'the other flags and the sum are bits, so it is -1 beside two flags or a bit; then the opcode is ' +
  'that of a flag whose rules hold besides those of the others';

describe('the chip of addition and subtraction', () => {
  chipLaws({
    chip: addSub,
    cases: binaryCases(['add', 'sub', 'add32', 'sub32']),
    meaning: binaryMeaning({ add, sub, add32, sub32 }),
    cells: 66,
    redundant: {
      'is_add is a bit': reason,
      'is_sub is a bit': reason,
    },
  });
});
