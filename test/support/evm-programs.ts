/**
 * Random EVM programs: soup of bytes, and programs with loops, branches and memory that mostly run to their end.
 *
 * Structured programs end by returning the top of their stack and part of their memory, so that a wrong value
 * anywhere shows. Both kinds lean to the edges: word sizes, memory offsets around the gas, deep stacks.
 */

import fc from 'fast-check';
import { type Opcode, opcodeNamed, opcodes } from '../../src/frontends/evm/opcodes.ts';

const edges: readonly bigint[] = [
  0n,
  1n,
  2n,
  3n,
  7n,
  31n,
  32n,
  33n,
  64n,
  255n,
  256n,
  257n,
  1024n,
  2n ** 16n,
  2n ** 31n,
  2n ** 32n - 65536n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 63n,
  2n ** 64n - 32n,
  2n ** 64n - 1n,
  2n ** 64n,
  2n ** 128n,
  2n ** 255n - 1n,
  2n ** 255n,
  2n ** 256n - 65n,
  2n ** 256n - 32n,
  2n ** 256n - 2n,
  2n ** 256n - 1n,
];

const word: fc.Arbitrary<bigint> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...edges) },
  { weight: 2, arbitrary: fc.bigInt({ min: 0n, max: 300n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }) },
);

/** Mostly where memory is cheap. */
const memoryOffset: fc.Arbitrary<bigint> = fc.oneof(
  { weight: 12, arbitrary: fc.bigInt({ min: 0n, max: 200n }) },
  { weight: 2, arbitrary: fc.bigInt({ min: 0n, max: 5000n }) },
  { weight: 1, arbitrary: word },
);

/** Code in the making: bytes, labels as two-byte pushes, and the height of the stack as far as it is known. */
class Assembler {
  readonly bytes: number[] = [];
  private readonly fixes: { readonly at: number; readonly label: number }[] = [];
  private readonly places: number[] = [];
  height = 0;

  op(opcode: Opcode): void {
    this.bytes.push(opcode.byte);
    this.height += opcode.stackOut - opcode.stackIn;
  }

  name(name: string): void {
    this.op(opcodeNamed(name));
  }

  push(value: bigint, spare = 0): void {
    let digits = value === 0n ? '' : value.toString(16);
    if (digits.length % 2 === 1) digits = `0${digits}`;
    const length = Math.min(32, digits.length / 2 + spare);
    digits = digits.padStart(2 * length, '0');
    this.bytes.push(0x5f + length);
    for (let i = 0; i < length; i++) {
      this.bytes.push(Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
    }
    this.height++;
  }

  label(): number {
    return this.places.push(-1) - 1;
  }

  pushLabel(label: number): void {
    this.bytes.push(0x61, 0, 0);
    this.fixes.push({ at: this.bytes.length - 2, label });
    this.height++;
  }

  place(label: number): void {
    this.places[label] = this.bytes.length;
    this.name('JUMPDEST');
  }

  finish(): Uint8Array {
    for (const { at, label } of this.fixes) {
      this.bytes[at] = this.places[label]! >> 8;
      this.bytes[at + 1] = this.places[label]! & 255;
    }
    return Uint8Array.from(this.bytes);
  }
}

type Emit = (code: Assembler) => void;

const computing = opcodes.filter(
  ({ family, stackOut }) =>
    ['arithmetic', 'comparison', 'bitwise'].includes(family) && stackOut === 1,
);
const nullary = opcodes.filter(
  ({ stackIn, stackOut, family, unsupported }) =>
    stackIn === 0 && stackOut === 1 && family !== 'stack' && unsupported === undefined,
);

const { expression } = fc.letrec<{ expression: Emit; leaf: Emit; inner: Emit }>((tie) => ({
  leaf: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(word, fc.integer({ min: 0, max: 2 })).map(
        ([value, spare]): Emit =>
          (code) =>
            code.push(value, spare),
      ),
    },
    {
      weight: 6,
      arbitrary: fc.integer({ min: 1, max: 16 }).map(
        (n): Emit =>
          (code) => {
            if (code.height === 0) code.push(BigInt(n));
            else code.name(`DUP${Math.min(n, code.height, 16)}`);
          },
      ),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(...nullary).map(
        (opcode): Emit =>
          (code) =>
            code.op(opcode),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom('CALLDATALOAD', 'MLOAD', 'BLOBHASH'), memoryOffset).map(
        ([name, offset]): Emit =>
          (code) => {
            code.push(offset);
            code.name(name);
          },
      ),
    },
  ),
  inner: fc
    .tuple(
      fc.constantFrom(...computing),
      fc.array(tie('expression'), { minLength: 3, maxLength: 3 }),
    )
    .map(
      ([opcode, operands]): Emit =>
        (code) => {
          for (let i = 0; i < opcode.stackIn; i++) operands[i]!(code);
          code.op(opcode);
        },
    ),
  expression: fc.oneof(
    { maxDepth: 3 },
    { weight: 1, arbitrary: tie('leaf') },
    { weight: 2, arbitrary: tie('inner') },
  ),
}));

/** Pops what a body has left above `height`, pushes what it has taken, so that branches meet at one depth. */
function level(code: Assembler, height: number): void {
  while (code.height > height) code.name('POP');
  while (code.height < height) code.push(1n);
}

const small = fc.bigInt({ min: 0n, max: 100n });

const { statement } = fc.letrec<{ statement: Emit; simple: Emit; compound: Emit }>((tie) => ({
  simple: fc.oneof(
    { weight: 4, arbitrary: expression },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom('MSTORE', 'MSTORE8'), expression, memoryOffset).map(
        ([name, value, offset]): Emit =>
          (code) => {
            value(code);
            code.push(offset);
            code.name(name);
          },
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.constantFrom('CALLDATACOPY', 'CODECOPY', 'MCOPY', 'MCOPY'),
          fc.oneof({ weight: 8, arbitrary: small }, { weight: 1, arbitrary: word }),
          memoryOffset,
          memoryOffset,
        )
        .map(
          ([name, size, source, destination]): Emit =>
            (code) => {
              code.push(size);
              code.push(source);
              code.push(destination);
              code.name(name);
            },
        ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(word, word, word).map(
        ([size, source, destination]): Emit =>
          (code) => {
            code.push(size === 1n ? 0n : size);
            code.push(source);
            code.push(destination);
            code.name('RETURNDATACOPY');
          },
      ),
    },
    {
      weight: 3,
      arbitrary: fc.integer({ min: 1, max: 16 }).map(
        (n): Emit =>
          (code) => {
            if (code.height < 2) code.push(5n);
            if (code.height >= 2) code.name(`SWAP${Math.min(n, code.height - 1)}`);
          },
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constant<Emit>((code) => {
        if (code.height > 0) code.name('POP');
      }),
    },
  ),
  compound: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(expression, fc.array(tie('statement'), { maxLength: 3 })).map(
        ([condition, body]): Emit =>
          (code) => {
            const end = code.label();
            condition(code);
            code.pushLabel(end);
            code.name('JUMPI');
            const height = code.height;
            for (const emit of body) emit(code);
            level(code, height);
            code.place(end);
          },
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.bigInt({ min: 1n, max: 4n }), fc.array(tie('statement'), { maxLength: 3 }))
        .map(
          ([count, body]): Emit =>
            (code) => {
              const start = code.label();
              code.push(count);
              const height = code.height;
              code.place(start);
              for (const emit of body) emit(code);
              level(code, height);
              code.push(1n);
              code.name('SWAP1');
              code.name('SUB');
              code.name('DUP1');
              code.pushLabel(start);
              code.name('JUMPI');
            },
        ),
    },
    {
      weight: 3,
      // A call of an internal function in line: the way back is pushed first and jumped to last.
      arbitrary: fc.array(tie('statement'), { minLength: 1, maxLength: 4 }).map(
        (body): Emit =>
          (code) => {
            const back = code.label();
            code.pushLabel(back);
            const height = code.height;
            for (const emit of body) emit(code);
            level(code, height);
            code.name('JUMP');
            code.place(back);
          },
      ),
    },
    {
      weight: 1,
      // A jump that the lowering cannot resolve, perhaps to a place a little beside.
      arbitrary: fc.tuple(fc.bigInt({ min: 0n, max: 2n }), fc.boolean()).map(
        ([beside, isBeside]): Emit =>
          (code) => {
            const end = code.label();
            code.pushLabel(end);
            code.push(isBeside ? beside : 0n);
            code.name('CALLVALUE');
            code.name('GT');
            code.push(isBeside ? beside : 1n);
            code.name('MUL');
            if (!isBeside) {
              code.name('POP');
              code.name('CALLVALUE');
              code.name('ISZERO');
            }
            code.name('ADD');
            code.name('JUMP');
            code.place(end);
          },
      ),
    },
  ),
  statement: fc.oneof(
    { maxDepth: 2 },
    { weight: 4, arbitrary: tie('simple') },
    { weight: 1, arbitrary: tie('compound') },
  ),
}));

const ending: fc.Arbitrary<Emit> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom('RETURN', 'RETURN', 'REVERT'), fc.integer({ min: 1, max: 8 }))
      .map(
        ([name, count]): Emit =>
          (code) => {
            for (let i = 0; i < count && code.height > 0; i++) {
              code.push(BigInt(32 * i));
              code.name('MSTORE');
            }
            code.push(BigInt(32 * count + 64));
            code.push(0n);
            code.name(name);
          },
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('RETURN', 'REVERT'), memoryOffset, memoryOffset).map(
      ([name, offset, size]): Emit =>
        (code) => {
          code.push(size);
          code.push(offset);
          code.name(name);
        },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('STOP', 'INVALID', 'SLOAD', 'KECCAK256').map(
      (name): Emit =>
        (code) =>
          code.name(name),
    ),
  },
);

/** Many items at once, around the limit of the stack and of what one block may hold. */
const tower: fc.Arbitrary<Emit> = fc
  .tuple(fc.constantFrom(10, 100, 250, 257, 300, 1000, 1020, 1024, 1025), fc.boolean())
  .map(
    ([count, isLoop]): Emit =>
      (code) => {
        if (!isLoop || count < 20) {
          for (let i = 0; i < count; i++) code.name(i === 0 ? 'PC' : 'DUP1');
          return;
        }
        // counter on top: PUSH count; loop: DUP1, then count down.
        const start = code.label();
        code.push(BigInt(count));
        code.place(start);
        code.push(1n);
        code.name('DUP2');
        code.name('SUB');
        code.name('DUP1');
        code.pushLabel(start);
        code.name('JUMPI');
      },
  );

/** A few bytes of a program replaced, so that what was well formed is no more. */
function spoiled(program: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 3,
  });
  return fc.tuple(program, damage).map(([bytes, changes]) => {
    const out = bytes.slice();
    for (const [at, value] of changes) if (out.length > 0) out[at % out.length] = value;
    return out;
  });
}

const wellFormed: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.option(tower, { freq: 12, nil: undefined }),
    fc.array(statement, { minLength: 1, maxLength: 8 }),
    ending,
  )
  .map(([start, statements, end]) => {
    const code = new Assembler();
    start?.(code);
    for (const emit of statements) emit(code);
    end(code);
    return code.finish();
  });

export const structuredProgram: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 4, arbitrary: wellFormed },
  { weight: 1, arbitrary: spoiled(wellFormed) },
);

const supported = opcodes.filter(({ unsupported }) => unsupported === undefined);

/** Bytes with hardly any order: opcodes, small pushes, anything. */
export const byteSoup: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...supported).map(({ byte }) => [byte]) },
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }).map((n) => [0x60, n]) },
      { weight: 2, arbitrary: fc.integer({ min: 0x80, max: 0x9f }).map((n) => [n]) },
      { weight: 2, arbitrary: fc.constantFrom([0x5b], [0x5b], [0x5f], [0x60, 0x5b]) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }).map((n) => [n]) },
      {
        weight: 1,
        arbitrary: word.map((value) => {
          const code = new Assembler();
          code.push(value);
          return code.bytes;
        }),
      },
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((parts) => Uint8Array.from(parts.flat()));

export const callData: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 100 });
