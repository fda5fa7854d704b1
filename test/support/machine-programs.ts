/** Programs of one privileged unit, for tests of the machine itself. */

import { type Label, UnitBuilder } from '../../src/isa/builder.ts';
import { type LinkOptions, link } from '../../src/isa/linker.ts';
import type { Program } from '../../src/isa/program.ts';
import type { RunInput } from '../../src/isa/state.ts';

/** No public and private input, and that much gas. */
export function emptyInput(gas = 0): RunInput {
  return {
    publicInput: new Int32Array(0),
    privateInput: new Int32Array(0),
    gas: Int32Array.of(gas, 0),
  };
}

/**
 * A program of the given code. It begins at pc 1; `end` is the label of `halt`. Runtime entry 0, which an
 * exhausted call depth takes, is `halt` too, unless the code defines it.
 */
export function programOf(
  write: (b: UnitBuilder, end: Label) => void,
  options: Partial<LinkOptions> & { readonly ownEntries?: true } = {},
): Program {
  const { ownEntries, ...rest } = options;
  const b = new UnitBuilder({
    name: 'runtime',
    frontend: 'test',
    frontendVersion: 1,
    isPrivileged: true,
  });
  const end = b.label('end');
  b.entry('invalid', b.here());
  b.emit('jump', end);
  b.entry('start', b.here());
  write(b, end);
  b.place(end);
  if (ownEntries === undefined) b.runtimeEntry(0, end);
  b.emit('halt');
  const linked = link({ vm: 'wasm', runtime: b.finish(), guests: [], ...rest });
  if (!linked.ok) {
    const { code, pc, message } = linked.error;
    throw new Error(`${code} at ${pc}: ${message}`);
  }
  return linked.value;
}
