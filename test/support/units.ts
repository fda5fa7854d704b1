/** Small units for tests: a runtime that ends at once, and guests from a few lines of builder code. */

import { UnitBuilder, type UnitOptions } from '../../src/isa/builder.ts';
import { type LinkOptions, link } from '../../src/isa/linker.ts';
import type { Program, Unit } from '../../src/isa/program.ts';
import { statuses } from '../../src/isa/status.ts';

/** A runtime that calls entry `main` of guest 0 and ends with status returned and r0 of the called frame as result. */
export function buildRuntime(change: (b: UnitBuilder) => void = () => {}, entry = 'main'): Unit {
  const b = new UnitBuilder({
    name: 'runtime',
    frontend: 'test',
    frontendVersion: 1,
    isPrivileged: true,
  });
  const finish = b.label('finish');
  const exhausted = b.label('exhausted');
  b.entry('invalid', b.here());
  b.emit('move', 0, BigInt(statuses.invalid));
  b.emit('move', 1, 0n);
  b.emit('jump', finish);
  const start = b.here('start');
  b.entry('start', start);
  const guests = b.guestTable(0, [entry]);
  b.emit('move', 2, 0n);
  b.emit('callx', 2, guests, 1, 3, exhausted);
  b.emit('move', 1, 3);
  b.emit('move', 0, BigInt(statuses.returned));
  b.emit('jump', finish);
  b.place(exhausted);
  b.emit('move', 0, BigInt(statuses.trapped));
  b.emit('move', 1, 0n);
  b.place(finish);
  b.runtimeEntry(0, exhausted);
  b.emit('move', 2, 0n);
  b.emit('st64', 0, 2, 0, 0, finish);
  b.emit('st64', 1, 2, 40, 0, finish);
  change(b);
  b.emit('halt');
  return b.finish();
}

/** A guest whose entry `main` is its first instruction. */
export function buildGuest(
  write: (b: UnitBuilder) => void,
  options: Partial<UnitOptions> = {},
): Unit {
  const b = new UnitBuilder({ name: 'guest', frontend: 'test', frontendVersion: 1, ...options });
  b.entry('main', b.here('main'));
  write(b);
  return b.finish();
}

/** Links or throws. */
export function linkOrThrow(
  options: Partial<LinkOptions> & { readonly guests: readonly Unit[] },
): Program {
  const linked = link({ vm: 'wasm', runtime: buildRuntime(), resultCells: 1, ...options });
  if (!linked.ok) throw new Error(`${linked.error.code}: ${linked.error.message}`);
  return linked.value;
}

/** Code that ends, after whatever `write` appends. */
export const guestWith = (
  write: (b: UnitBuilder) => void,
  options: Partial<UnitOptions> = {},
): Unit =>
  buildGuest((b) => {
    write(b);
    b.emit('return');
  }, options);

/** A guest that breaks no rule and uses a target, a table, a constant, a window and a runtime entry. */
export const goodGuest = (): Unit =>
  buildGuest(
    (b) => {
      const fault = b.label();
      const table = b.table([fault, b.here()]);
      b.emit('block', 100_000, 2, 1, -1, fault);
      b.emit('wconst', -1, b.constant(3n));
      b.emit('wconst', 0, b.constant(2n ** 255n + 0x1_0002n));
      b.emit('ld64', 1, 2, 0x12345, 4, fault);
      b.emit('jumpx', 1, table, 2, fault);
      b.place(fault);
      b.emit('jumpr', 0);
    },
    { allowedWindows: [4] },
  );
