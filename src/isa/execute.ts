/**
 * The fetch-execute loop, the only one.
 *
 * A `switch` on literal opcodes over typed arrays, since a table of handlers takes three times as long
 * and a switch on names is not compiled to a jump table. The literals follow `instructions.ts`; a test
 * executes every mnemonic. Nothing is allocated here but pages and register stretches of the memory.
 * A recorder looks before and after each step and at the addresses that only the step itself knows: memory
 * cells and return records.
 */

import { SEGMENT_LIMIT } from '../memory/address-space.ts';
import { decodeProgram, strides } from './decode.ts';
import type { Recorder } from './recorder.ts';
import { add, add32, sub, sub32 } from './semantics/add-sub.ts';
import { and, or, xor } from './semantics/bitwise.ts';
import {
  isEqual,
  isEqual32,
  isLess,
  isLess32,
  isLessUnsigned,
  isLessUnsigned32,
  seq,
  seq32,
  sge,
  sge32,
  sgeu,
  sgeu32,
  slt,
  slt32,
  sltu,
  sltu32,
  sne,
  sne32,
} from './semantics/compare.ts';
import { clz, clz32, ctz, ctz32, popcnt, popcnt32 } from './semantics/count.ts';
import { div, div32, divu, divu32, rem, rem32, remu, remu32 } from './semantics/divide.ts';
import { move, select, sext8, sext8To32, sext16, sext16To32, sext32 } from './semantics/extend.ts';
import { loadWord, memoryBytes, storeWord } from './semantics/load-store.ts';
import { mul, mul32, mulh, mulhu } from './semantics/multiply.ts';
import {
  rotl,
  rotl32,
  rotr,
  rotr32,
  sll,
  sll32,
  sra,
  sra32,
  srl,
  srl32,
} from './semantics/shift.ts';
import { wadd, wnot, wsub } from './semantics/wide-add-sub.ts';
import { wand, wor, wxor } from './semantics/wide-bitwise.ts';
import {
  isWideEqual,
  isWideLess,
  isWideLessSigned,
  weq,
  wgt,
  wlt,
  wsgt,
  wslt,
} from './semantics/wide-compare.ts';
import { waddmod, wdiv, wmod, wmulmod, wsdiv, wsmod } from './semantics/wide-divide.ts';
import {
  fitsLane,
  fitsWord,
  truncate,
  wclz,
  widen,
  wmove,
  wselect,
} from './semantics/wide-move.ts';
import { wmul } from './semantics/wide-multiply.ts';
import { wbyte, wsar, wshl, wshr, wsignextend } from './semantics/wide-shift.ts';
import type { MachineState } from './state.ts';

/** Entries of one frame's operand stack at most, and wide registers of its stretch, less one. */
const STACK_LIMIT = 1024;
const STRETCH_MASK = 2047;

/**
 * Executes at most `count` instructions, fewer where the run halts. Throws a MemoryLimitError where memory
 * would pass the host's limit; the state is then that before the instruction, but for what it wrote.
 */
export function execute(state: MachineState, count: number, recorder: Recorder | undefined): void {
  const { program, memory } = state;
  const { code, wordReach, wideReach } = decodeProgram(program);
  const { globals, windows, windowSegments, wideBase } = memory;
  const { fpLimit } = program.limits;
  const tables = program.tables.map(({ pcs }) => pcs);
  const depthExhausted = program.runtimeEntries[0];
  let { words, wides, records } = memory;
  let { pc, clk, fp, sp } = state;
  let left = count;
  try {
    while (left > 0) {
      const at = pc << 3;
      const op = code[at];
      const frame = op < 0x80 || op >= 0xd0 ? fp << 1 : sp << 3;
      const d = code[at + 1] + frame;
      const a = code[at + 2] + frame;
      const b = code[at + 3] + (frame & code[at + 4]);
      let next = pc + 1;
      let faults = false;
      if (recorder !== undefined) recorder.before(op, at, pc, clk, fp, sp);
      switch (op) {
        case 0x01: // add
          add(words, d, words, a, words, b);
          break;
        case 0x02: // sub
          sub(words, d, words, a, words, b);
          break;
        case 0x03: // add32
          add32(words, d, words, a, words, b);
          break;
        case 0x04: // sub32
          sub32(words, d, words, a, words, b);
          break;
        case 0x08: // mul
          mul(words, d, words, a, words, b);
          break;
        case 0x09: // mulh
          mulh(words, d, words, a, words, b);
          break;
        case 0x0a: // mulhu
          mulhu(words, d, words, a, words, b);
          break;
        case 0x0b: // mul32
          mul32(words, d, words, a, words, b);
          break;
        case 0x10: // divu
          divu(words, d, words, a, words, b);
          break;
        case 0x11: // remu
          remu(words, d, words, a, words, b);
          break;
        case 0x12: // div
          div(words, d, words, a, words, b);
          break;
        case 0x13: // rem
          rem(words, d, words, a, words, b);
          break;
        case 0x14: // divu32
          divu32(words, d, words, a, words, b);
          break;
        case 0x15: // remu32
          remu32(words, d, words, a, words, b);
          break;
        case 0x16: // div32
          div32(words, d, words, a, words, b);
          break;
        case 0x17: // rem32
          rem32(words, d, words, a, words, b);
          break;
        case 0x18: // and
          and(words, d, words, a, words, b);
          break;
        case 0x19: // or
          or(words, d, words, a, words, b);
          break;
        case 0x1a: // xor
          xor(words, d, words, a, words, b);
          break;
        case 0x20: // sll
          sll(words, d, words, a, words, b);
          break;
        case 0x21: // srl
          srl(words, d, words, a, words, b);
          break;
        case 0x22: // sra
          sra(words, d, words, a, words, b);
          break;
        case 0x23: // rotl
          rotl(words, d, words, a, words, b);
          break;
        case 0x24: // rotr
          rotr(words, d, words, a, words, b);
          break;
        case 0x25: // sll32
          sll32(words, d, words, a, words, b);
          break;
        case 0x26: // srl32
          srl32(words, d, words, a, words, b);
          break;
        case 0x27: // sra32
          sra32(words, d, words, a, words, b);
          break;
        case 0x28: // rotl32
          rotl32(words, d, words, a, words, b);
          break;
        case 0x29: // rotr32
          rotr32(words, d, words, a, words, b);
          break;
        case 0x30: // seq
          seq(words, d, words, a, words, b);
          break;
        case 0x31: // sne
          sne(words, d, words, a, words, b);
          break;
        case 0x32: // slt
          slt(words, d, words, a, words, b);
          break;
        case 0x33: // sge
          sge(words, d, words, a, words, b);
          break;
        case 0x34: // sltu
          sltu(words, d, words, a, words, b);
          break;
        case 0x35: // sgeu
          sgeu(words, d, words, a, words, b);
          break;
        case 0x36: // seq32
          seq32(words, d, words, a, words, b);
          break;
        case 0x37: // sne32
          sne32(words, d, words, a, words, b);
          break;
        case 0x38: // slt32
          slt32(words, d, words, a, words, b);
          break;
        case 0x39: // sge32
          sge32(words, d, words, a, words, b);
          break;
        case 0x3a: // sltu32
          sltu32(words, d, words, a, words, b);
          break;
        case 0x3b: // sgeu32
          sgeu32(words, d, words, a, words, b);
          break;
        case 0x40: // beq
          if (isEqual(words, a, words, b) === 1) next = code[at + 5];
          break;
        case 0x41: // bne
          if (isEqual(words, a, words, b) === 0) next = code[at + 5];
          break;
        case 0x42: // blt
          if (isLess(words, a, words, b) === 1) next = code[at + 5];
          break;
        case 0x43: // bge
          if (isLess(words, a, words, b) === 0) next = code[at + 5];
          break;
        case 0x44: // bltu
          if (isLessUnsigned(words, a, words, b) === 1) next = code[at + 5];
          break;
        case 0x45: // bgeu
          if (isLessUnsigned(words, a, words, b) === 0) next = code[at + 5];
          break;
        case 0x46: // beq32
          if (isEqual32(words, a, words, b) === 1) next = code[at + 5];
          break;
        case 0x47: // bne32
          if (isEqual32(words, a, words, b) === 0) next = code[at + 5];
          break;
        case 0x48: // blt32
          if (isLess32(words, a, words, b) === 1) next = code[at + 5];
          break;
        case 0x49: // bge32
          if (isLess32(words, a, words, b) === 0) next = code[at + 5];
          break;
        case 0x4a: // bltu32
          if (isLessUnsigned32(words, a, words, b) === 1) next = code[at + 5];
          break;
        case 0x4b: // bgeu32
          if (isLessUnsigned32(words, a, words, b) === 0) next = code[at + 5];
          break;
        case 0x50: // clz
          clz(words, d, words, a);
          break;
        case 0x51: // ctz
          ctz(words, d, words, a);
          break;
        case 0x52: // popcnt
          popcnt(words, d, words, a);
          break;
        case 0x53: // clz32
          clz32(words, d, words, a);
          break;
        case 0x54: // ctz32
          ctz32(words, d, words, a);
          break;
        case 0x55: // popcnt32
          popcnt32(words, d, words, a);
          break;
        case 0x58: // sext8
          sext8(words, d, words, a);
          break;
        case 0x59: // sext16
          sext16(words, d, words, a);
          break;
        case 0x5a: // sext32
          sext32(words, d, words, a);
          break;
        case 0x5b: // sext8_32
          sext8To32(words, d, words, a);
          break;
        case 0x5c: // sext16_32
          sext16To32(words, d, words, a);
          break;
        case 0x5e: // move
          move(words, d, words, b);
          break;
        case 0x5f: // select
          select(words, d, words, a, words, b, words, code[at + 6] + frame);
          break;

        case 0x60: // jump
          next = code[at + 5];
          break;
        case 0x61: // call
        case 0x64: // callx
        case 0x66: {
          // callr
          const callee = fp + code[at + 4];
          const isOutside = op === 0x64 && !isBelow(words, a, code[at + 7]);
          if (isOutside || callee >= fpLimit) {
            next = isOutside ? code[at + 5] : depthExhausted;
            faults = true;
            break;
          }
          memory.ensureWords(callee + wordReach);
          ({ words, records } = memory);
          if (recorder !== undefined) recorder.record(callee);
          if (op === 0x61) next = code[at + 5];
          else next = op === 0x64 ? tables[code[at + 6]][words[a]] : code[at + 6];
          records[3 * callee] = pc + 1;
          records[3 * callee + 1] = fp;
          records[3 * callee + 2] = sp;
          fp = callee;
          break;
        }
        case 0x62: {
          // return
          const record = 3 * fp;
          if (recorder !== undefined) recorder.record(fp);
          next = records[record];
          fp = records[record + 1];
          sp = records[record + 2];
          break;
        }
        case 0x63: // jumpx
          next = isBelow(words, a, code[at + 7]) ? tables[code[at + 6]][words[a]] : code[at + 5];
          break;
        case 0x65: // jumpr
          next = code[at + 6];
          break;
        case 0x67: // halt
          state.isHalted = true;
          break;

        case 0x68: {
          // block
          const depth = sp & STRETCH_MASK;
          const gas = code[at + 6] >>> 0;
          if (
            (globals[1] === 0 && globals[0] >>> 0 < gas) ||
            code[at + 1] > depth ||
            depth + code[at + 2] > STACK_LIMIT
          ) {
            next = code[at + 5];
            faults = true;
            break;
          }
          globals[1] -= globals[0] >>> 0 < gas ? 1 : 0;
          globals[0] -= gas;
          sp += code[at + 4];
          if (sp < 0) throw new RangeError(`pc ${pc}: expected sp of 0 or more, got ${sp}`);
          if (wideBase + ((sp + wideReach) << 3) > wides.length) {
            memory.ensureWides(sp + wideReach);
            wides = memory.wides;
          }
          break;
        }
        case 0x69: // charge
          if (isLessUnsigned(globals, 0, words, a) === 1) {
            next = code[at + 5];
            faults = true;
            break;
          }
          sub(globals, 0, globals, 0, words, a);
          break;

        case 0x70: // ld8u
        case 0x71: // ld16u
        case 0x72: // ld32u
        case 0x73: // ld64
        case 0x74: // ld8s
        case 0x75: // ld16s
        case 0x76: // ld32s
        case 0x77: // ld8s32
        case 0x78: // ld16s32
        case 0x7c: // st8
        case 0x7d: // st16
        case 0x7e: // st32
        case 0x7f: {
          // st64
          const window = code[at + 7];
          const address = (words[a] >>> 0) + (code[at + 6] >>> 0);
          const end = address + memoryBytes[op];
          if (
            words[a + 1] !== 0 ||
            end > windows[3 * window + 1] >>> 0 ||
            (op >= 0x7c && windows[3 * window + 2] === 0)
          ) {
            next = code[at + 5];
            faults = true;
            break;
          }
          const segment = windowSegments[window];
          if (recorder !== undefined) recorder.cells(segment, address, end);
          if (op >= 0x7c) storeWord(op, words, b, segment, address);
          else loadWord(op, words, d, segment, address);
          break;
        }
        case 0x80: // wld
        case 0x81: {
          // wst
          const window = code[at + 7];
          const address = wides[b] >>> 0;
          if (
            !fitsLane(wides, b) ||
            address + 32 > windows[3 * window + 1] >>> 0 ||
            (op === 0x81 && windows[3 * window + 2] === 0)
          ) {
            next = code[at + 5];
            faults = true;
            break;
          }
          const segment = windowSegments[window];
          if (recorder !== undefined) recorder.cells(segment, address, address + 32);
          if (op === 0x81) segment.storeBigEndian(address, wides, a);
          else segment.loadBigEndian(wides, d, address);
          break;
        }

        case 0x88: // wadd
          wadd(wides, d, wides, a, wides, b);
          break;
        case 0x89: // wsub
          wsub(wides, d, wides, a, wides, b);
          break;
        case 0x8a: // wnot
          wnot(wides, d, wides, a);
          break;
        case 0x8c: // wmul
          wmul(wides, d, wides, a, wides, b);
          break;
        case 0x90: // wdiv
          wdiv(wides, d, wides, a, wides, b);
          break;
        case 0x91: // wmod
          wmod(wides, d, wides, a, wides, b);
          break;
        case 0x92: // wsdiv
          wsdiv(wides, d, wides, a, wides, b);
          break;
        case 0x93: // wsmod
          wsmod(wides, d, wides, a, wides, b);
          break;
        case 0x94: // waddmod
          waddmod(wides, d, wides, a, wides, b, wides, code[at + 6] + frame);
          break;
        case 0x95: // wmulmod
          wmulmod(wides, d, wides, a, wides, b, wides, code[at + 6] + frame);
          break;
        case 0x98: // wand
          wand(wides, d, wides, a, wides, b);
          break;
        case 0x99: // wor
          wor(wides, d, wides, a, wides, b);
          break;
        case 0x9a: // wxor
          wxor(wides, d, wides, a, wides, b);
          break;
        case 0xa0: // weq
          weq(wides, d, wides, a, wides, b);
          break;
        case 0xa1: // wlt
          wlt(wides, d, wides, a, wides, b);
          break;
        case 0xa2: // wgt
          wgt(wides, d, wides, a, wides, b);
          break;
        case 0xa3: // wslt
          wslt(wides, d, wides, a, wides, b);
          break;
        case 0xa4: // wsgt
          wsgt(wides, d, wides, a, wides, b);
          break;
        case 0xa8: // wshl
          wshl(wides, d, wides, a, wides, b);
          break;
        case 0xa9: // wshr
          wshr(wides, d, wides, a, wides, b);
          break;
        case 0xaa: // wsar
          wsar(wides, d, wides, a, wides, b);
          break;
        case 0xab: // wbyte
          wbyte(wides, d, wides, a, wides, b);
          break;
        case 0xac: // wsignextend
          wsignextend(wides, d, wides, a, wides, b);
          break;
        case 0xae: // wclz
          wclz(wides, d, wides, a);
          break;
        case 0xb0: // wbeq
          if (isWideEqual(wides, a, wides, b) === 1) next = code[at + 5];
          break;
        case 0xb1: // wbne
          if (isWideEqual(wides, a, wides, b) === 0) next = code[at + 5];
          break;
        case 0xb2: // wblt
          if (isWideLess(wides, a, wides, b) === 1) next = code[at + 5];
          break;
        case 0xb3: // wbge
          if (isWideLess(wides, a, wides, b) === 0) next = code[at + 5];
          break;
        case 0xb4: // wbgt
          if (isWideLess(wides, b, wides, a) === 1) next = code[at + 5];
          break;
        case 0xb5: // wble
          if (isWideLess(wides, b, wides, a) === 0) next = code[at + 5];
          break;
        case 0xb6: // wbslt
          if (isWideLessSigned(wides, a, wides, b) === 1) next = code[at + 5];
          break;
        case 0xb7: // wbsge
          if (isWideLessSigned(wides, a, wides, b) === 0) next = code[at + 5];
          break;
        case 0xb8: // wbsgt
          if (isWideLessSigned(wides, b, wides, a) === 1) next = code[at + 5];
          break;
        case 0xb9: // wbsle
          if (isWideLessSigned(wides, b, wides, a) === 0) next = code[at + 5];
          break;
        case 0xc0: // wmove
          wmove(wides, d, wides, a);
          break;
        case 0xc1: // wselect
          wselect(wides, d, wides, a, wides, b, words, code[at + 6] + (fp << 1));
          break;
        case 0xc2: // wconst
          wmove(wides, d, wides, b);
          break;
        case 0xc4: // narrow
        case 0xc5: // truncate
          if (op === 0xc4 && !fitsWord(wides, a)) {
            next = code[at + 5];
            faults = true;
            break;
          }
          truncate(words, code[at + 1] + (fp << 1), wides, a);
          break;
        case 0xc6: // widen
          widen(wides, d, words, code[at + 2] + (fp << 1));
          break;

        case 0xd0: // getg
          move(words, d, globals, code[at + 6]);
          break;
        case 0xd1: // setg
          move(globals, code[at + 6], words, a);
          break;
        case 0xd2: // getm
          words[d] = windows[3 * code[at + 7] + 1];
          words[d + 1] = 0;
          break;
        case 0xd3: // setm
          if (words[a + 1] !== 0 || words[a] >>> 0 >= SEGMENT_LIMIT || words[b + 1] !== 0) {
            next = code[at + 5];
            faults = true;
            break;
          }
          memory.setWindow(code[at + 7], words[a], words[b] >>> 0, code[at + 6]);
          break;
        default:
          throw new RangeError(`pc ${pc}: no instruction`);
      }
      if (recorder !== undefined) recorder.after(faults);
      left -= 1;
      if (state.isHalted) break;
      clk += strides[op];
      pc = next;
    }
  } finally {
    state.steps += count - left;
    state.pc = pc;
    state.clk = clk;
    state.fp = fp;
    state.sp = sp;
  }
}

/** Whether the word is below `length`, unsigned. */
function isBelow(words: Int32Array, a: number, length: number): boolean {
  return words[a + 1] === 0 && words[a] >>> 0 < length >>> 0;
}
