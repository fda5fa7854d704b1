/**
 * One function: walks the body once and hands each instruction to its family.
 */

import { typeOfFunction } from '../context.ts';
import type { FunctionBody } from '../module.ts';
import { opcodeOf, opcodeTable } from '../opcodes.ts';
import { lowerCall, lowerCallIndirect, lowerMemoryGrow } from './call.ts';
import { compareRows, lowerCompare, popTruth } from './compare.ts';
import {
  lowerBranch,
  lowerBranchIf,
  lowerBranchTable,
  lowerElse,
  lowerEnd,
  openBlock,
  openIf,
} from './control.ts';
import { loadRows, lowerLoad, lowerMemorySize, lowerStore, storeRows } from './memory.ts';
import {
  binaryRows,
  lowerBinary,
  lowerConstant,
  lowerUnary,
  lowerWrap,
  unaryRows,
} from './numeric.ts';
import { FunctionState, planFrame, type UnitState } from './state.ts';
import {
  lowerGlobalGet,
  lowerGlobalSet,
  lowerLocalGet,
  lowerLocalSet,
  lowerSelect,
} from './variable.ts';

type Lowering = (state: FunctionState) => void;

const IF = opcodeOf('if');
const ELSE = opcodeOf('else');
const END = opcodeOf('end');

const others: Readonly<Record<string, Lowering>> = {
  unreachable: (state) => {
    const entry = state.unit.runtime.numberOf({ kind: 'trap', trap: 'unreachable' });
    state.builder.emit('jumpr', entry);
    state.isReachable = false;
  },
  nop: () => {},
  block: (state) => openBlock(state, 'block'),
  loop: (state) => openBlock(state, 'loop'),
  if: (state) => openIf(state, popTruth(state)),
  else: lowerElse,
  end: lowerEnd,
  br: (state) => lowerBranch(state, state.first),
  br_if: (state) => lowerBranchIf(state, popTruth(state)),
  br_table: lowerBranchTable,
  return: (state) => lowerBranch(state, state.blocks.length - 1),
  call: lowerCall,
  call_indirect: lowerCallIndirect,
  drop: (state) => state.operands.drop(),
  select: lowerSelect,
  select_t: lowerSelect,
  'local.get': lowerLocalGet,
  'local.set': (state) => lowerLocalSet(state, { isTee: false }),
  'local.tee': (state) => lowerLocalSet(state, { isTee: true }),
  'global.get': lowerGlobalGet,
  'global.set': lowerGlobalSet,
  'memory.size': lowerMemorySize,
  'memory.grow': lowerMemoryGrow,
  'i32.const': lowerConstant,
  'i64.const': lowerConstant,
  'i32.wrap_i64': lowerWrap,
  // The register of an i32 is zero-extended already.
  'i64.extend_i32_u': () => {},
};

/** By opcode; `undefined` for what the frontend refuses. */
const lowerings: readonly (Lowering | undefined)[] = opcodeTable.map((row, opcode) => {
  const binary = binaryRows.get(opcode);
  if (binary !== undefined) return (state) => lowerBinary(state, binary);
  const unary = unaryRows.get(opcode);
  if (unary !== undefined) return (state) => lowerUnary(state, unary);
  const compare = compareRows.get(opcode);
  if (compare !== undefined) {
    return (state) => {
      const condition = lowerCompare(state, compare);
      if (condition === undefined) return;
      if (state.code.opcodes[state.index] === IF) openIf(state, condition);
      else lowerBranchIf(state, condition);
    };
  }
  const load = loadRows.get(opcode);
  if (load !== undefined) return (state) => lowerLoad(state, load);
  const store = storeRows.get(opcode);
  if (store !== undefined) return (state) => lowerStore(state, store);
  return row === undefined ? undefined : others[row.name];
});

/** Emits the code of a defined function behind its label. The module is valid and supported. */
export function lowerFunction(unit: UnitState, index: number, body: FunctionBody): void {
  const { builder } = unit;
  const type = typeOfFunction(unit.context, index);
  const frame = planFrame(body.body, type.parameters.length, unit.instance);
  const state = new FunctionState(unit, body.body, frame, body.offset);
  builder.at(body.offset);
  builder.place(unit.functionLabels[index]!);
  if (frame.zeroRegister >= 0) builder.emitLanes('move', 0, 0, frame.zeroRegister, 0);
  state.blocks.push({
    kind: 'function',
    label: state.returnLabel,
    height: 0,
    parameterCount: 0,
    resultCount: type.results.length,
    isTargeted: false,
  });
  const { opcodes, offsets } = body.body;
  /** Blocks opened in code that is never reached. */
  let skippedBlocks = 0;
  for (; state.index < opcodes.length; state.index++) {
    const opcode = opcodes[state.index]!;
    if (!state.isReachable) {
      if (opcodeTable[opcode]!.immediate === 'blockType') skippedBlocks++;
      if (skippedBlocks > 0) {
        if (opcode === END) skippedBlocks--;
        continue;
      }
      if (opcode !== ELSE && opcode !== END) continue;
    }
    builder.at(offsets[state.index]!);
    const lowering = lowerings[opcode];
    if (lowering === undefined) throw new Error(`${opcodeTable[opcode]!.name}: no lowering`);
    lowering(state);
  }
  state.emitAside();
}
