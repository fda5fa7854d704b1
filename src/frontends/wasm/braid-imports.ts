/**
 * The functions that a module may import from `braid`, and their types. `runtime-io.ts` has their code.
 */

import { type FunctionType, I32 } from './value-types.ts';

export type BraidFunction =
  | 'input_size'
  | 'read_input'
  | 'private_input_size'
  | 'read_private_input'
  | 'write_output'
  | 'abort';

export interface BraidFunctionRow {
  readonly name: BraidFunction;
  readonly type: FunctionType;
}

const row = (name: BraidFunction, parameters: number, results: number): BraidFunctionRow => ({
  name,
  type: {
    parameters: new Array<number>(parameters).fill(I32),
    results: new Array<number>(results).fill(I32),
  },
});

/** By name; addresses, offsets, lengths and codes are all `i32`. */
export const braidFunctions: Readonly<Record<string, BraidFunctionRow>> = Object.assign(
  Object.create(null),
  Object.fromEntries(
    [
      row('input_size', 0, 1),
      row('read_input', 3, 1),
      row('private_input_size', 0, 1),
      row('read_private_input', 3, 1),
      row('write_output', 2, 0),
      row('abort', 1, 0),
    ].map((entry) => [entry.name, entry]),
  ),
);
