/**
 * Numbers of the runtime's entries. A program has those that its guest uses, in the order of first use.
 */

import type { WasmTrap } from '../../isa/status.ts';
import type { BraidFunction } from './braid-imports.ts';

/** A trap, `memory.grow`, or a function of the module `braid`. */
export type RuntimeEntry =
  | { readonly kind: 'trap'; readonly trap: WasmTrap }
  | { readonly kind: 'grow' }
  | { readonly kind: 'braid'; readonly name: BraidFunction };

/** Long-lived mutable state. Entry 0, which exhausted call depth takes, is there from the beginning. */
export class RuntimeEntries {
  readonly list: RuntimeEntry[] = [{ kind: 'trap', trap: 'callStackExhausted' }];
  private readonly numbers = new Map([[keyOf(this.list[0]!), 0]]);

  numberOf(entry: RuntimeEntry): number {
    const key = keyOf(entry);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.list.push(entry) - 1;
    this.numbers.set(key, number);
    return number;
  }
}

function keyOf(entry: RuntimeEntry): string {
  if (entry.kind === 'trap') return `trap ${entry.trap}`;
  return entry.kind === 'grow' ? 'grow' : `braid ${entry.name}`;
}
