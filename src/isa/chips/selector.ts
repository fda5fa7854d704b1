/** One-hot flags that say which of a chip's instructions a row executes. */

import type { ChipBuilder } from '../../stark/air/chip.ts';
import { add, type Column, type Expr, linear } from '../../stark/air/expr.ts';
import { instructions, type Mnemonic } from '../instructions.ts';
import type { RowBlock } from './rows.ts';

export interface Selector<Name extends Mnemonic> {
  readonly flag: Readonly<Record<Name, Column>>;
  /** Sum of the flags: 1 in real rows, 0 in padding. */
  readonly real: Expr;
  /** Sum of flag times opcode. */
  readonly opcode: Expr;
  /** Sum of the named flags. */
  any(...names: Name[]): Expr;
  fill(rows: RowBlock): void;
}

export function selector<const Name extends Mnemonic>(
  chip: ChipBuilder,
  names: readonly Name[],
): Selector<Name> {
  const columns = names.map((name) => chip.bit(`is_${name}`, `the instruction is ${name}`));
  const flag = Object.fromEntries(names.map((name, i) => [name, columns[i]!])) as Record<
    Name,
    Column
  >;
  const opcodes = names.map((name) => instructions[name].opcode);
  const real = add(...columns);
  if (names.length > 1) chip.isBit('at most one instruction', real);
  const marks = opcodes.map((opcode) => new Uint8Array(256).fill(1, opcode, opcode + 1));
  return {
    flag,
    real,
    opcode: linear(columns, opcodes),
    any: (...chosen) => add(...chosen.map((name) => flag[name])),
    fill(rows) {
      columns.forEach((column, i) => {
        rows.byOpcode(column, marks[i]!);
      });
    },
  };
}
