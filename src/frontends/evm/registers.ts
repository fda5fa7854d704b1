/**
 * Which wide register holds which value of a block, and the parallel move at its end.
 *
 * Items of the stack have a home, register k - depth for item k of `depth` items; everything else lives at 0 and
 * above, which is free between blocks. A result is put straight into its last home where nothing is in the way,
 * so that most blocks end without a move.
 */

import { ARGUMENTS } from './layout.ts';
import type { BlockGraph, ValueId } from './stack.ts';

/** What a parallel move needs of the code it is written into. */
export interface MoveWriter {
  readonly move: (to: number, from: number) => void;
  readonly load: (to: number, constant: bigint) => void;
}

/** Long-lived only while one block is lowered. */
export class Registers {
  private readonly graph: BlockGraph;
  /** Uses still to come, by value; the final stack is one for each place. */
  readonly uses: Int32Array;
  /** Register of each value, `NOWHERE` if it is in none. */
  private readonly place: Int32Array;
  /** Value in each register. */
  private readonly holder = new Map<number, ValueId>();
  /** Final homes of each value. */
  private readonly homes = new Map<ValueId, number[]>();
  private readonly freed: number[] = [];
  private next: number;

  constructor(graph: BlockGraph, uses: Int32Array) {
    this.graph = graph;
    this.uses = uses;
    this.place = new Int32Array(graph.constants.length).fill(NOWHERE);
    // Items of the start that the slide leaves behind stand at 0 and above until they are read.
    this.next = Math.max(0, -graph.block.slide);
    for (let item = 0; item < graph.need; item++) {
      const register = item - graph.need - graph.block.slide;
      if (uses[item]! > 0) this.put(item, register);
      else if (register >= 0) this.freed.push(register);
    }
    const depth = graph.finalStack.length;
    graph.finalStack.forEach((value, k) => {
      const homes = this.homes.get(value);
      if (homes === undefined) this.homes.set(value, [k - depth]);
      else homes.push(k - depth);
    });
  }

  /** The register that holds the value; `undefined` for a constant that is in none yet. */
  of(value: ValueId): number | undefined {
    const register = this.place[value]!;
    return register === NOWHERE ? undefined : register;
  }

  /** One use is over; the register is free after the last one. */
  release(value: ValueId): void {
    const left = --this.uses[value]!;
    if (left > 0) return;
    const register = this.place[value]!;
    if (register !== NOWHERE) this.free(register);
  }

  /** A register for a new value: its home if that is free. */
  allocate(value: ValueId): number {
    const home = this.homes.get(value)?.find((register) => !this.holder.has(register));
    const register = home ?? this.scratch();
    this.put(value, register);
    return register;
  }

  /** A register of no value, to be given back with {@link free}. */
  scratch(): number {
    const register = this.freed.pop() ?? this.next++;
    if (register >= ARGUMENTS) throw new Error(`registers: a block needs more than ${ARGUMENTS}`);
    return register;
  }

  free(register: number): void {
    const value = this.holder.get(register);
    if (value !== undefined) {
      this.holder.delete(register);
      this.place[value] = NOWHERE;
    }
    if (register >= 0) this.freed.push(register);
  }

  /**
   * Puts the final stack in its place. `kept` are values that are read after it: their registers then, in order;
   * `undefined` for constants. All registers are read before they are overwritten, whatever the cycles.
   */
  settle(kept: readonly ValueId[], writer: MoveWriter): readonly (number | undefined)[] {
    const { finalStack, constants } = this.graph;
    const depth = finalStack.length;
    const sources = new Map<number, number>(); // by destination
    const loads: { readonly to: number; readonly constant: bigint }[] = [];
    finalStack.forEach((value, k) => {
      const constant = constants[value];
      if (this.place[value] === k - depth) return;
      if (constant !== undefined) loads.push({ to: k - depth, constant });
      else sources.set(k - depth, this.place[value]!);
    });
    const overwritten = new Set([...sources.keys(), ...loads.map(({ to }) => to)]);
    const registers = kept.map((value) => {
      const register = this.of(value);
      if (register === undefined || !overwritten.has(register)) return register;
      const home = this.homes.get(value)?.[0] ?? this.scratch();
      sources.set(home, register);
      return home;
    });
    this.moveAll(sources, writer);
    for (const { to, constant } of loads) writer.load(to, constant);
    return registers;
  }

  private moveAll(sources: Map<number, number>, writer: MoveWriter): void {
    const readers = new Map<number, number>();
    for (const from of sources.values()) readers.set(from, (readers.get(from) ?? 0) + 1);
    const ready = [...sources.keys()].filter((to) => !readers.has(to));
    const perform = (to: number): void => {
      const from = sources.get(to)!;
      sources.delete(to);
      writer.move(to, from);
      const left = readers.get(from)! - 1;
      readers.set(from, left);
      if (left === 0) {
        readers.delete(from);
        if (sources.has(from)) ready.push(from);
      }
    };
    for (;;) {
      for (let to = ready.pop(); to !== undefined; to = ready.pop()) perform(to);
      // What is left are cycles: each register is read exactly once and written once.
      const cycle = sources.keys().next();
      if (cycle.done === true) return;
      const first = cycle.value;
      const spare = this.scratch();
      writer.move(spare, first);
      for (const [to, from] of sources) {
        if (from !== first) continue;
        sources.set(to, spare);
        readers.set(spare, 1);
        break;
      }
      readers.delete(first);
      ready.push(first);
      // The last move of the cycle reads the spare register; only then is it free again.
    }
  }

  private put(value: ValueId, register: number): void {
    this.place[value] = register;
    this.holder.set(register, value);
  }
}

const NOWHERE = -(2 ** 20);
