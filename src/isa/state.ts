/**
 * The state of a run: program counter, clock, frame pointer, wide stack pointer, and the memory.
 *
 * Between two instructions there is nothing else (spec/1-machine.md).
 */

import { segments } from '../memory/address-space.ts';
import { Memory } from '../memory/memory.ts';
import { decodeProgram } from './decode.ts';
import type { Program } from './program.ts';

/** What a run starts from, besides the program. */
export interface RunInput {
  /** Cells of the public-input segment from cell 0, two lanes each (`publicInputCells`). */
  readonly publicInput: Int32Array;
  /** Cells of the private-input segment from cell 0, two lanes each (`privateInputCells`). */
  readonly privateInput: Int32Array;
  /** First value of the gas register, two lanes. */
  readonly gas: Int32Array;
}

/** Long-lived mutable state: one run. */
export class MachineState {
  readonly program: Program;
  readonly memory: Memory;
  pc: number;
  clk = 1;
  fp = 0;
  sp = 0;
  /** Instructions executed. */
  steps = 0;
  isHalted = false;

  /** Memory holds the image and the input. Throws a MemoryLimitError if they alone pass the limit. */
  constructor(program: Program, input: RunInput, maxMemoryBytes: number) {
    const { wordConstants, wideConstants, wordReach, wideReach } = decodeProgram(program);
    const memory = new Memory(maxMemoryBytes, wordConstants, wideConstants);
    memory.ensureWords(wordReach);
    memory.ensureWides(wideReach);
    this.program = program;
    this.memory = memory;
    this.pc = program.entry;
    const { image } = program;
    memory.records[0] = image.recordPc;
    for (const { global, low, high } of image.globals) {
      memory.globals[2 * global] = low;
      memory.globals[2 * global + 1] = high;
    }
    memory.globals[0] = input.gas[0];
    memory.globals[1] = input.gas[1];
    for (const { window, segment, byteLength, isWritable } of image.windows) {
      memory.setWindow(window, segment, byteLength, isWritable ? 1 : 0);
    }
    for (const { segment, cells, lanes } of image.cells) {
      const into = memory.segment(segment);
      cells.forEach((cell, i) => {
        into.writeCell(cell, lanes[2 * i], lanes[2 * i + 1]);
      });
    }
    this.#fill(segments.publicInput, input.publicInput);
    this.#fill(segments.privateInput, input.privateInput);
  }

  #fill(number: number, lanes: Int32Array): void {
    const segment = this.memory.segment(number);
    for (let cell = 0; 2 * cell < lanes.length; cell++) {
      segment.writeCell(cell, lanes[2 * cell], lanes[2 * cell + 1]);
    }
  }
}
