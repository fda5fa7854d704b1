/**
 * The machine as a value: all chips, buses and constant tables, as prover and verifier receive them.
 *
 * The order of the chips is the canonical order of tables in a proof.
 */

import { CLOCK_LIMIT } from '../memory/address-space.ts';
import { wideBoundary, wordBoundary } from '../memory/boundary.ts';
import { imageBus, memoryBus, outputBus, wideBus } from '../memory/buses.ts';
import { imageTable } from '../memory/image.ts';
import { wideRefresh, wordRefresh } from '../memory/refresh.ts';
import type { ChipDescription } from '../stark/air/chip.ts';
import type { System } from '../stark/system.ts';
import { BYTE_LOG_ROWS, byteBus, byteFixedColumns, byteTable } from '../stark/tables/bytes.ts';
import { RANGE_LOG_ROWS, rangeBus, rangeFixedColumns, rangeTable } from '../stark/tables/range.ts';
import { endBus, executionBus, poolBus, programBus, tableBus } from './buses.ts';
import { addSub } from './chips/add-sub.ts';
import { bitwise } from './chips/bitwise.ts';
import { block } from './chips/block.ts';
import { branch } from './chips/branch.ts';
import { call } from './chips/call.ts';
import { callIndexed } from './chips/call-indexed.ts';
import { callRuntime } from './chips/call-runtime.ts';
import { charge } from './chips/charge.ts';
import type { InstructionChip } from './chips/chip.ts';
import { compare } from './chips/compare.ts';
import { count } from './chips/count.ts';
import { divide } from './chips/divide.ts';
import { extend } from './chips/extend.ts';
import { getGlobal } from './chips/get-global.ts';
import { getWindow } from './chips/get-window.ts';
import { halt } from './chips/halt.ts';
import { jump } from './chips/jump.ts';
import { jumpIndexed } from './chips/jump-indexed.ts';
import { jumpRuntime } from './chips/jump-runtime.ts';
import { load } from './chips/load.ts';
import { move } from './chips/move.ts';
import { multiply } from './chips/multiply.ts';
import { multiplyHigh } from './chips/multiply-high.ts';
import { narrow } from './chips/narrow.ts';
import { population } from './chips/population.ts';
import { returnChip } from './chips/return.ts';
import { select } from './chips/select.ts';
import { setGlobal } from './chips/set-global.ts';
import { setWindow } from './chips/set-window.ts';
import { shift } from './chips/shift.ts';
import { store } from './chips/store.ts';
import { truncate } from './chips/truncate.ts';
import { wideAddSub } from './chips/wide-add-sub.ts';
import { wideBitwise } from './chips/wide-bitwise.ts';
import { wideBranch } from './chips/wide-branch.ts';
import { wideCompare } from './chips/wide-compare.ts';
import { wideConstant } from './chips/wide-constant.ts';
import { wideCount } from './chips/wide-count.ts';
import { wideDivide } from './chips/wide-divide.ts';
import { wideLoad } from './chips/wide-load.ts';
import { wideModular } from './chips/wide-modular.ts';
import { wideMove } from './chips/wide-move.ts';
import { wideMultiply } from './chips/wide-multiply.ts';
import { wideSelect } from './chips/wide-select.ts';
import { wideShift } from './chips/wide-shift.ts';
import { wideStore } from './chips/wide-store.ts';
import { widen } from './chips/widen.ts';
import { CONSTANT_ROOT } from './constant-root.ts';
import { indexTable, poolTable, programTable } from './program-tables.ts';

export const instructionChips: readonly InstructionChip[] = [
  addSub,
  multiply,
  multiplyHigh,
  bitwise,
  compare,
  branch,
  count,
  population,
  shift,
  divide,
  extend,
  move,
  select,
  jump,
  call,
  returnChip,
  jumpIndexed,
  callIndexed,
  jumpRuntime,
  callRuntime,
  halt,
  block,
  charge,
  load,
  store,
  wideLoad,
  wideStore,
  getGlobal,
  setGlobal,
  getWindow,
  setWindow,
  wideAddSub,
  wideMultiply,
  wideDivide,
  wideCount,
  wideModular,
  wideShift,
  wideBitwise,
  wideCompare,
  wideBranch,
  wideMove,
  wideSelect,
  wideConstant,
  narrow,
  truncate,
  widen,
];

export const memoryChips: readonly ChipDescription[] = [
  wordBoundary.description,
  wideBoundary.description,
  wordRefresh.description,
  wideRefresh.description,
];

export const machine: System = {
  name: 'braid machine 1',
  chips: [
    ...instructionChips.map((chip) => chip.description),
    ...memoryChips,
    imageTable,
    programTable,
    indexTable,
    poolTable,
    rangeTable,
    byteTable,
  ],
  buses: [
    rangeBus,
    byteBus,
    memoryBus,
    wideBus,
    programBus,
    executionBus,
    tableBus,
    poolBus,
    imageBus,
    outputBus,
    endBus,
  ],
  constantTables: new Map([
    [rangeTable.name, { logRows: RANGE_LOG_ROWS, columns: rangeFixedColumns }],
    [byteTable.name, { logRows: BYTE_LOG_ROWS, columns: byteFixedColumns }],
  ]),
  constantRoot: CONSTANT_ROOT,
  clockLimit: CLOCK_LIMIT,
};
