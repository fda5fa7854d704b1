import { afterEach, describe, expect, it } from 'vitest';
import { ModuleBuilder } from '../../../src/stark/kernel/assembler.ts';
import { KernelMemory, MAX_PAGES } from '../../../src/stark/kernel/memory.ts';
import { i32, i32x4, v128 } from '../../../src/stark/kernel/operations.ts';
import { Calls, Crew, type Loaded } from '../../../src/stark/kernel/threads.ts';

const noPause = async (): Promise<void> => {};

let crew: Crew | undefined;

afterEach(() => crew?.close());

/** `note(place, value)` stores a value, `spin(place, turns)` counts turns there, `trap()` reads past all memory. */
function assemble(isShared: boolean) {
  const module = new ModuleBuilder({ initial: 1, maximum: MAX_PAGES, shared: isShared });
  module.define('note', ['i32', 'i32'], (code) => {
    code.storeWord(code.param(0, 'i32'), code.param(1, 'i32'));
  });
  module.define('spin', ['i32', 'i32'], (code) => {
    const [place, turns] = [code.param(0, 'i32'), code.param(1, 'i32')];
    code.countDown(turns, 1, () => {
      code.storeWord(place, i32.add(i32.load(place), i32.const(1)));
    });
  });
  module.define('trap', [], (code) => {
    const zero = code.hold(i32x4.splat(i32.const(0)));
    code.store(i32.const(-16), zero, 0x7fffffff);
    code.store(i32.const(-16), v128.or(zero, zero));
  });
  return { bytes: module.assemble(), names: module.names };
}

async function createCrew(threads: number): Promise<{ memory: KernelMemory; kernels: Loaded }> {
  const memory = new KernelMemory();
  crew = new Crew(memory, 4);
  crew.engage(threads);
  const { bytes, names } = assemble(memory.isShared);
  const kernels = await crew.load(await WebAssembly.compile(bytes), names);
  memory.begin(2 ** 20);
  return { memory, kernels };
}

describe.each([1, 2, 4])('%i threads', (threads) => {
  it('make every call of a list once, of longer lists than fit at once too', async () => {
    const { memory, kernels } = await createCrew(threads);
    expect(crew!.threads).toBe(threads);
    for (const count of [1, 2, 7, 20_000]) {
      const results = memory.allocate(count);
      const calls = new Calls();
      for (let i = 0; i < count; i++) {
        calls.add(kernels.note!, memory.addressOf(results) + 4 * i, i + 1);
      }
      await crew!.run(calls, noPause);
      expect(results.every((value, i) => value === i + 1)).toBe(true);
      memory.free([results]);
    }
  });

  it('are done when the run is', async () => {
    const { memory, kernels } = await createCrew(threads);
    const counts = memory.allocate(8);
    const calls = new Calls();
    counts.forEach((_, i) => {
      calls.add(kernels.spin!, memory.addressOf(counts) + 4 * i, 200_000 * (i + 1));
    });
    await crew!.run(calls, noPause);
    expect([...counts]).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((i) => 200_000 * i));
  });

  it('begin while the asking one does something else, list after list', async () => {
    const { memory, kernels } = await createCrew(threads);
    const results = memory.allocate(20_000);
    for (let first = 0; first < results.length; first += 2_500) {
      const calls = new Calls();
      for (let i = first; i < first + 2_500; i++) {
        calls.add(kernels.note!, memory.addressOf(results) + 4 * i, i + 1);
      }
      crew!.begin(calls);
    }
    await crew!.join(noPause);
    expect(results.every((value, i) => value === i + 1)).toBe(true);
  });

  it('give up what nobody has taken, and work again', async () => {
    const { memory, kernels } = await createCrew(threads);
    const counts = memory.allocate(500);
    const calls = new Calls();
    counts.forEach((_, i) => {
      calls.add(kernels.spin!, memory.addressOf(counts) + 4 * i, 20_000);
    });
    crew!.begin(calls);
    await crew!.cancel();
    expect(counts.some((count) => count === 0)).toBe(true);
    const before = [...counts];
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([...counts]).toEqual(before);
    counts.fill(0);
    await crew!.run(calls, noPause);
    expect(counts.every((count) => count === 20_000)).toBe(true);
  });

  it('stop when the pause throws, and work again', async () => {
    const { memory, kernels } = await createCrew(threads);
    const counts = memory.allocate(1000);
    const calls = new Calls();
    counts.forEach((_, i) => {
      calls.add(kernels.spin!, memory.addressOf(counts) + 4 * i, 20_000);
    });
    const stopped = crew!.run(calls, async () => {
      throw new Error('enough');
    });
    await expect(stopped).rejects.toThrow('enough');
    const done = counts.filter((count) => count > 0).length;
    expect(done).toBeLessThan(1000);
    const before = [...counts];
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([...counts]).toEqual(before);
    counts.fill(0);
    await crew!.run(calls, noPause);
    expect(counts.every((count) => count === 20_000)).toBe(true);
  });

  it('report a trap, whichever thread has it', async () => {
    const { memory, kernels } = await createCrew(threads);
    const place = memory.allocate(1);
    const calls = new Calls();
    for (let i = 0; i < 64; i++) {
      calls.add(kernels.spin!, memory.addressOf(place), 1000);
      calls.add(kernels.trap!);
    }
    await expect(crew!.run(calls, noPause)).rejects.toThrow(/memory access out of bounds/);
  });
});

describe('the memory', () => {
  it('gives arrays of zeros apart from each other, and takes them back in any order', () => {
    const memory = new KernelMemory();
    memory.begin(2 ** 20);
    const arrays = Array.from({ length: 20 }, (_, i) => memory.allocate(100 * i + 1));
    const before = memory.peakBytes;
    arrays.forEach((array, i) => {
      array.fill(i + 1);
    });
    arrays.forEach((array, i) => {
      expect(array.every((value) => value === i + 1)).toBe(true);
      expect(memory.addressOf(array) % 64).toBe(0);
    });
    const shuffled = arrays.toSorted((left, right) => (left.length % 7) - (right.length % 7));
    memory.free(shuffled);
    const whole = memory.allocate(2 ** 17);
    expect(whole.every((value) => value === 0)).toBe(true);
    expect(memory.peakBytes).toBeGreaterThanOrEqual(before);
    memory.end();
  });

  it('knows its own arrays', () => {
    const memory = new KernelMemory();
    memory.begin(2 ** 20);
    expect(memory.holds(memory.allocate(4))).toBe(true);
    expect(memory.holds(new Uint32Array(4))).toBe(false);
    expect(() => memory.addressOf(new Uint32Array(4))).toThrow('lies elsewhere');
  });

  it('keeps nothing while a proof is under way, and refuses more than there is', () => {
    const memory = new KernelMemory();
    memory.begin(2 ** 20);
    memory.allocate(4);
    expect(() => memory.keep(4)).toThrow('under way');
    expect(() => memory.begin(4)).toThrow('under way');
    expect(() => memory.allocate(2 ** 30)).toThrow(RangeError);
    memory.end();
    expect(memory.keep(4)).toBeGreaterThan(0);
    expect(() => memory.begin(2 ** 33)).toThrow(RangeError);
  });
});
