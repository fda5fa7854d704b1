/** Instructions a second of the interpreter, by kind of work, without and with a recording. */

import type { UnitBuilder } from '../src/isa/builder.ts';
import { run } from '../src/isa/interpreter.ts';
import type { Program } from '../src/isa/program.ts';
import { emptyInput, programOf } from '../test/support/machine-programs.ts';
import { type Case, type Figure, measure } from './measure.ts';

/** A loop of 2^16 turns over the body; r0 is its counter. */
function loopOf(
  body: (b: UnitBuilder) => void,
  before: (b: UnitBuilder) => void = () => {},
): Program {
  return programOf(
    (b) => {
      b.emit('move', 0, 65536n);
      before(b);
      b.while(['bne', 0, 0n], () => {
        body(b);
        b.emit('sub', 0, 0, 1n);
      });
    },
    { windows: [{ window: 3, segment: 3, byteLength: 2 ** 20, isWritable: true }] },
  );
}

const programs: Record<string, Program> = {
  'simple words': loopOf((b) => {
    b.emit('add', 2, 2, 3);
    b.emit('xor', 3, 3, 2);
    b.emit('sll', 4, 2, 13n);
    b.emit('sub32', 5, 4, 2);
    b.emit('sltu', 6, 5, 4);
    b.emit('and', 7, 2, 0xffffn);
  }),
  'products and quotients': loopOf((b) => {
    b.emit('mul', 2, 0, 0x9e3779b97f4a7c15n);
    b.emit('mulhu', 3, 2, 2);
    b.emit('or', 4, 0, 1n);
    b.emit('divu', 5, 2, 4);
    b.emit('rem32', 6, 2, 4);
  }),
  'loads and stores': loopOf((b) => {
    const fault = b.label();
    b.emit('and', 1, 0, 0xffffn);
    b.emit('ld64', 2, 1, 3, 3, fault);
    b.emit('st32', 0, 1, 16, 3, fault);
    b.emit('ld8u', 3, 1, 9, 3, fault);
    b.emit('st64', 2, 1, 800, 3, fault);
    b.place(fault);
  }),
  calls: programOf((b, end) => {
    const callee = b.label();
    b.emit('move', 0, 65536n);
    b.while(['bne', 0, 0n], () => {
      b.emit('call', 4, callee);
      b.emit('sub', 0, 0, 1n);
    });
    b.emit('jump', end);
    b.place(callee);
    b.emit('add', 1, 1, 1n);
    b.emit('return');
  }),
  'wide words': loopOf(
    (b) => {
      b.emit('wadd', 1, 1, 0);
      b.emit('wmul', 2, 1, 0);
      b.emit('wxor', 3, 2, 1);
      b.emit('wshr', 2, 3, 7n);
      b.emit('wlt', 4, 2, 1);
    },
    (b) => {
      b.emit('wconst', 0, b.constant(0x9e3779b97f4a7c15_f39cc0605cedc834_1082276bf3a27251n));
    },
  ),
  'wide quotients': loopOf(
    (b) => {
      b.emit('wadd', 1, 1, 0);
      b.emit('wdiv', 2, 1, 3);
      b.emit('wmulmod', 2, 1, 0, 3);
    },
    (b) => {
      b.emit('wconst', 0, b.constant(2n ** 255n - 19n));
      b.emit('wconst', 3, b.constant(2n ** 130n + 12345n));
    },
  ),
};

export async function interpreterBench(): Promise<Figure[]> {
  const cases = Object.entries(programs).flatMap(([name, program]) =>
    ['plain', 'recorded'].map((mode): Case => {
      const options = { trace: mode === 'recorded' };
      const { steps } = run(program, emptyInput(), options);
      const work = (): void => {
        run(program, emptyInput(), options);
      };
      return { name: `${name}, ${mode}`, unit: 'steps', amount: steps, work };
    }),
  );
  return measure('interpreter', cases);
}
