/**
 * The adapter: everything that a chip does besides its arithmetic.
 *
 * From the format of the instruction table it makes the columns and rules for fetching the
 * instruction, reading and writing its operands, and stepping the machine. The chip around it (the
 * core) relates operand limbs to result limbs and knows neither registers nor clocks.
 *
 * Assumes: `opcode` is the sum over the chip's one-hot flags of flag times opcode, `real` their sum,
 * a bit; `fault` and `taken` are bits at most `real`; values written are range checked by the core.
 * Proves: the row executes the instruction at pc, its operands are the registers' contents at their
 * times, nothing is written where `fault` is 1, and the machine goes on at the right place.
 */

import { access } from '../../memory/access.ts';
import { addressSpaces } from '../../memory/address-space.ts';
import { memoryBus, wideBus } from '../../memory/buses.ts';
import type { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Column, type Expr, type ExprLike, mul, sub } from '../../stark/air/expr.ts';
import { executionBus, programBus } from '../buses.ts';
import { type Access, type Format, type FormatName, formats, strideOf } from '../formats.ts';
import { type AccessOffsets, eventHead, eventLayout } from '../trace.ts';
import type { RowBlock } from './rows.ts';
import {
  declareSlots,
  immediateLimbs,
  type SlotName,
  type Slots,
  slotNames,
  slotOf,
} from './slots.ts';

const IMMEDIATE = 256;

export interface AdapterOptions {
  /** Sum of flag times opcode over the chip's instructions. */
  readonly opcode: ExprLike;
  /** 1 in rows that execute an instruction, 0 in padding. */
  readonly real: ExprLike;
  /** Instead of columns: expressions for the value of an operand, as read or before a write. */
  readonly before?: Readonly<Record<string, readonly ExprLike[]>>;
  /** Instead of columns: expressions for the value written to an operand. */
  readonly after?: Readonly<Record<string, readonly ExprLike[]>>;
  /** Slots of the program message whose columns the core declared itself. */
  readonly slots?: Slots;
  /** A bit, degree 1: nothing is written, and the machine goes to the target. */
  readonly fault?: ExprLike;
  /** A bit, degree 1: the machine goes to the target. */
  readonly taken?: ExprLike;
  /** The machine goes to the target from every row. */
  readonly alwaysTaken?: true;
  /** Where the machine goes on; by default pc + 1, or the target where `fault` or `taken`. */
  readonly nextPc?: ExprLike;
  readonly nextFp?: ExprLike;
  readonly nextSp?: ExprLike;
  /** Address of the return record, by default fp. */
  readonly record?: ExprLike;
  /** Memory cells, in the order of the format: address and whether the access happens, degree 1 each. */
  readonly cells?: readonly { space: ExprLike; address: ExprLike; multiplicity: ExprLike }[];
  /** State columns, where the core declared them itself. */
  readonly stateColumns?: State;
}

export interface State {
  readonly pc: Column;
  readonly clk: Column;
  readonly fp: Column;
  readonly sp: Column;
}

/** Columns of the machine's state; declared apart by chips whose core needs them first. */
export function stateColumns(chip: ChipBuilder): State {
  return {
    pc: chip.column('pc', 'program counter'),
    clk: chip.column('clk', 'time of the first access'),
    fp: chip.column('fp', 'frame pointer'),
    sp: chip.column('sp', 'wide stack pointer'),
  };
}

interface OperandCells {
  readonly space: Access['space'];
  /** Where the event of a row has them. */
  readonly offsets: AccessOffsets;
  readonly time: Column;
  readonly before: readonly ExprLike[];
  readonly after: readonly ExprLike[];
  /** What the adapter fills; undefined where there is nothing, or the core fills it. */
  readonly filledBefore: readonly Column[] | undefined;
  readonly filledAfter: readonly Column[] | undefined;
}

export interface Adapter {
  readonly state: State;
  readonly stride: number;
  /** Columns of the slots of the program message that the format uses. */
  readonly slots: Slots;
  /** The target relative to pc, in formats that have one. */
  readonly target: Column | undefined;
  /** 1 where the second source is the immediate; absent in formats without one. */
  readonly isImmediate: Column | undefined;
  /** Limbs of an operand as read, or before it is written. */
  before(operand: string): readonly Expr[];
  /** The same where they are columns. */
  columnsBefore(operand: string): readonly Column[];
  /** Limbs written to an operand. */
  after(operand: string): readonly Expr[];
  columnsAfter(operand: string): readonly Column[];
  /** Fills every column that the adapter declared but that of the next pc. */
  fill(rows: RowBlock): void;
  /** Fills the next pc, once the core has filled `fault` or `taken`. */
  fillNextPc(rows: RowBlock): void;
}

/** Declares the columns and rules of one instruction format around a core. */
export function instructionAdapter(
  chip: ChipBuilder,
  formatName: FormatName,
  options: AdapterOptions,
): Adapter {
  const format: Format = formats[formatName];
  const layout = eventLayout(formatName);
  const stride = strideOf(formatName);
  const { real } = options;
  const state = options.stateColumns ?? stateColumns(chip);
  const slots = declareSlots(chip, format, options.slots ?? {});
  const hasTarget = format.operands.some((operand) => operand.kind === 'target');
  const target = hasTarget ? chip.column('target', 'target relative to pc') : undefined;
  const alternative = format.alternative;
  const isImmediate = alternative && chip.bit('isImmediate', 'second source is the immediate');
  if (isImmediate) {
    // Without it a padding row could access a register with multiplicity -1.
    chip.zero('padding has no immediate', mul(isImmediate, sub(1, real)));
  }

  chip.send(
    'fetch',
    programBus,
    [
      state.pc,
      add(options.opcode, isImmediate ? mul(IMMEDIATE, isImmediate) : 0),
      ...(['s0', 's1', 'x0', 'x1', 'x2', 'x3'] as const).map((name) => slots[name] ?? 0),
      target ?? 0,
    ],
    real,
  );

  const goes = options.fault ?? options.taken;
  let nextPc: ExprLike | undefined = options.nextPc;
  if (options.alwaysTaken && target !== undefined) nextPc = add(state.pc, target);
  let nextPcColumn: Column | undefined;
  if (nextPc === undefined && goes !== undefined && target !== undefined) {
    if (!isColumn(goes)) throw new TypeError(`${chip.name}: expected a column for fault or taken`);
    nextPcColumn = chip.column('nextPc', 'program counter of the next step');
    // nextPc = pc + real + goes * (target - 1)
    chip.equal('next pc', nextPcColumn, add(state.pc, real, mul(goes, sub(target, 1))));
    nextPc = nextPcColumn;
  }
  chip.receive('state', executionBus, [state.pc, state.clk, state.fp, state.sp], real);
  chip.send(
    'next state',
    executionBus,
    [
      nextPc ?? add(state.pc, 1),
      add(state.clk, stride),
      options.nextFp ?? state.fp,
      options.nextSp ?? state.sp,
    ],
    real,
  );

  let cellIndex = 0;
  const operands = new Map<string, OperandCells>();
  format.accesses.forEach((entry: Access, k) => {
    const isRead = entry.direction === 'read';
    const width = entry.space === 'wide' ? 16 : 4;
    const { operand } = entry;
    const before =
      options.before?.[operand] ??
      chip.columns(
        `${operand}_`,
        width,
        isRead ? `value of ${operand}` : `value of ${operand} before`,
      );
    const after = isRead
      ? before
      : (options.after?.[operand] ??
        chip.columns(`${operand}After_`, width, `value written to ${operand}`));
    // The gas register is read and written in one access, which a faulting row makes too.
    const happensOnFault = isRead || entry.space === 'global';
    let multiplicity: ExprLike =
      happensOnFault || options.fault === undefined ? real : sub(real, options.fault);
    if (alternative?.instead === operand && isImmediate)
      multiplicity = sub(multiplicity, isImmediate);
    let where: { space: ExprLike; address: ExprLike };
    if (entry.space === 'memory') {
      const cell = options.cells?.[cellIndex++];
      if (cell === undefined)
        throw new TypeError(`${chip.name}: expected an address for ${operand}`);
      where = cell;
      multiplicity = cell.multiplicity;
    } else {
      where = { space: addressSpaces[entry.space].high, address: addressOf(entry) };
    }
    const time = access(chip, operand.replace(' ', '-'), {
      bus: entry.space === 'wide' ? wideBus : memoryBus,
      ...where,
      time: add(state.clk, k),
      before,
      after,
      multiplicity,
    });
    operands.set(operand, {
      space: entry.space,
      offsets: layout.offsetOf(operand),
      time,
      before,
      after,
      filledBefore: ownColumns(before),
      filledAfter: isRead ? undefined : ownColumns(after),
    });
  });

  if (alternative && isImmediate) {
    const value = operands.get(alternative.instead)!.before;
    value.forEach((limb, i) => {
      const slot = slots[`x${i}` as SlotName];
      const immediate = i < immediateLimbs(alternative.kind) && slot ? slot : 0;
      chip.zero(`immediate limb ${i}`, mul(isImmediate, sub(limb, immediate)));
    });
  }

  function addressOf(entry: Access): ExprLike {
    const slot = (): Column => slots[slotOf(format, entry.operand)]!;
    switch (entry.space) {
      case 'word':
        return add(state.fp, slot());
      case 'wide':
        return add(state.sp, slot());
      case 'global':
        return entry.operand === 'gas register' ? 0 : slot();
      case 'window':
        return slot();
      case 'record':
        return options.record ?? state.fp;
      case 'memory':
        throw new TypeError(`${chip.name}: memory cells have their own addresses`);
    }
  }

  const accesses = [...operands.values()];
  const filledSlots = slotNames.slice(0, 6).flatMap((name, i) => {
    const column = slots[name];
    return column === undefined ? [] : [{ column, part: 1 + i }];
  });

  return {
    state,
    stride,
    slots,
    target,
    isImmediate: isImmediate || undefined,
    before: (operand) => operands.get(operand)!.before as readonly Expr[],
    columnsBefore: (operand) => operands.get(operand)!.before.filter(isColumn),
    columnsAfter: (operand) => operands.get(operand)!.after.filter(isColumn),
    after: (operand) => operands.get(operand)!.after as readonly Expr[],
    fill(rows) {
      for (const name of ['pc', 'clk', 'fp', 'sp'] as const)
        rows.copy(state[name], eventHead[name]);
      for (const { column, part } of filledSlots) rows.message(column, part);
      if (target) rows.message(target, 7);
      if (isImmediate) rows.isImmediate(isImmediate);
      for (const { space, offsets, time, filledBefore, filledAfter } of accesses) {
        rows.copy(time, offsets.previousTime);
        if (filledBefore) rows.value(space, filledBefore, offsets.before);
        if (filledAfter) rows.value(space, filledAfter, offsets.after);
      }
      if (alternative) {
        operands.get(alternative.instead)!.before.forEach((limb, i) => {
          const slot =
            i < immediateLimbs(alternative.kind) ? slots[`x${i}` as SlotName] : undefined;
          if (isColumn(limb)) rows.immediate(limb, slot);
        });
      }
    },
    fillNextPc(rows) {
      if (nextPcColumn && target && isColumn(goes)) rows.nextPc(nextPcColumn, goes, target);
    },
  };
}

/** The cells, if all are columns; else the core gave them, who fills its own columns. */
function ownColumns(cells: readonly ExprLike[]): readonly Column[] | undefined {
  const columns = cells.filter(isColumn);
  return columns.length < cells.length ? undefined : columns;
}

function isColumn(value: ExprLike | undefined): value is Column {
  return typeof value === 'object' && value.kind === 'column';
}
