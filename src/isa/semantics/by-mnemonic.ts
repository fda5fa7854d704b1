/**
 * The semantic functions by mnemonic, in groups of one shape each: for tests, for chips' tests and for
 * whoever evaluates single instructions. The interpreter calls the functions themselves, since a table
 * of handlers takes three times as long.
 */

import * as addSub from './add-sub.ts';
import * as bitwise from './bitwise.ts';
import * as compare from './compare.ts';
import * as count from './count.ts';
import * as divide from './divide.ts';
import * as extend from './extend.ts';
import type { BinaryMeaning, Predicate, UnaryMeaning } from './lanes.ts';
import * as multiply from './multiply.ts';
import * as shift from './shift.ts';
import * as wideAddSub from './wide-add-sub.ts';
import * as wideBitwise from './wide-bitwise.ts';
import * as wideCompare from './wide-compare.ts';
import * as wideDivide from './wide-divide.ts';
import * as wideMove from './wide-move.ts';
import { wmul } from './wide-multiply.ts';
import * as wideShift from './wide-shift.ts';

/** The relation that does not hold where the given one does. */
const not =
  (predicate: Predicate): Predicate =>
  (left, a, right, b) =>
    1 - predicate(left, a, right, b);

/** The relation between the operands in the other order. */
const swapped =
  (predicate: Predicate): Predicate =>
  (left, a, right, b) =>
    predicate(right, b, left, a);

const { isEqual, isLess, isLessUnsigned, isEqual32, isLess32, isLessUnsigned32, ...setCompare } =
  compare;
const { isWideEqual, isWideLess, isWideLessSigned, ...wideSetCompare } = wideCompare;

/** Format `alu`: two words (the second may be an immediate) to a word. */
export const wordBinary = {
  ...addSub,
  ...multiply,
  ...divide,
  ...bitwise,
  ...shift,
  ...setCompare,
} as const satisfies Record<string, BinaryMeaning>;

/** Format `unary`, and `move`: a word to a word. */
export const wordUnary = {
  ...count,
  sext8: extend.sext8,
  sext16: extend.sext16,
  sext32: extend.sext32,
  sext8_32: extend.sext8To32,
  sext16_32: extend.sext16To32,
  move: extend.move,
} as const satisfies Record<string, UnaryMeaning>;

/** Format `branch`: whether the branch is taken. */
export const wordBranch = {
  beq: isEqual,
  bne: not(isEqual),
  blt: isLess,
  bge: not(isLess),
  bltu: isLessUnsigned,
  bgeu: not(isLessUnsigned),
  beq32: isEqual32,
  bne32: not(isEqual32),
  blt32: isLess32,
  bge32: not(isLess32),
  bltu32: isLessUnsigned32,
  bgeu32: not(isLessUnsigned32),
} as const satisfies Record<string, Predicate>;

/** Format `wideAlu`: two wide words to one. */
export const wideBinary = {
  wadd: wideAddSub.wadd,
  wsub: wideAddSub.wsub,
  wnot: (out, d, left, a) => wideAddSub.wnot(out, d, left, a),
  wmul,
  wdiv: wideDivide.wdiv,
  wmod: wideDivide.wmod,
  wsdiv: wideDivide.wsdiv,
  wsmod: wideDivide.wsmod,
  ...wideBitwise,
  ...wideSetCompare,
  ...wideShift,
} as const satisfies Record<string, BinaryMeaning>;

/** Format `wideUnary`: a wide word to one. */
export const wideUnary = {
  wclz: wideMove.wclz,
  wmove: wideMove.wmove,
} as const satisfies Record<string, UnaryMeaning>;

/** Format `wideTernary`: two wide words and a modulus. */
export const wideTernary = {
  waddmod: wideDivide.waddmod,
  wmulmod: wideDivide.wmulmod,
} as const;

/** Format `wideBranch`: whether the branch is taken. */
export const wideBranch = {
  wbeq: isWideEqual,
  wbne: not(isWideEqual),
  wblt: isWideLess,
  wbge: not(isWideLess),
  wbgt: swapped(isWideLess),
  wble: not(swapped(isWideLess)),
  wbslt: isWideLessSigned,
  wbsge: not(isWideLessSigned),
  wbsgt: swapped(isWideLessSigned),
  wbsle: not(swapped(isWideLessSigned)),
} as const satisfies Record<string, Predicate>;
