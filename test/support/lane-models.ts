/**
 * The meaning of word and wide instructions in BigInt: the oracle for the semantic functions, the
 * interpreter and the chips. Written from the instruction table, on purpose without regard to lanes.
 */

const mask = (width: number): bigint => (1n << BigInt(width)) - 1n;
const signed = (value: bigint, width: number): bigint => BigInt.asIntN(width, value);
const unsigned = (value: bigint, width: number): bigint => BigInt.asUintN(width, value);

/** Two sources and the result, all unsigned, of one width. */
export type BinaryModel = (x: bigint, y: bigint) => bigint;

const ones = (value: bigint): bigint =>
  BigInt([...value.toString(2)].filter((digit) => digit === '1').length);
const length = (value: bigint): bigint => (value === 0n ? 0n : BigInt(value.toString(2).length));
const trailing = (value: bigint, width: number): bigint =>
  value === 0n ? BigInt(width) : length(value & -value) - 1n;

/** All 2-source word instructions in one width, by the stem of the mnemonic. */
function binaryModels(width: number): Record<string, BinaryModel> {
  const all = mask(width);
  const amount = (y: bigint): bigint => y % BigInt(width);
  const s = (value: bigint): bigint => signed(value, width);
  const bit = (holds: boolean): bigint => (holds ? 1n : 0n);
  const rotated = (x: bigint, by: bigint): bigint => (x << by) | (x >> (BigInt(width) - by));
  return {
    add: (x, y) => x + y,
    sub: (x, y) => x - y,
    mul: (x, y) => x * y,
    mulh: (x, y) => (s(x) * s(y)) >> BigInt(width),
    mulhu: (x, y) => (x * y) >> BigInt(width),
    div: (x, y) => (y === 0n ? all : s(x) / s(y)),
    divu: (x, y) => (y === 0n ? all : x / y),
    rem: (x, y) => (y === 0n ? x : s(x) % s(y)),
    remu: (x, y) => (y === 0n ? x : x % y),
    and: (x, y) => x & y,
    or: (x, y) => x | y,
    xor: (x, y) => x ^ y,
    sll: (x, y) => x << amount(y),
    srl: (x, y) => x >> amount(y),
    sra: (x, y) => s(x) >> amount(y),
    rotl: (x, y) => rotated(x, amount(y)),
    rotr: (x, y) => rotated(x, (BigInt(width) - amount(y)) % BigInt(width)),
    seq: (x, y) => bit(x === y),
    sne: (x, y) => bit(x !== y),
    slt: (x, y) => bit(s(x) < s(y)),
    sge: (x, y) => bit(s(x) >= s(y)),
    sltu: (x, y) => bit(x < y),
    sgeu: (x, y) => bit(x >= y),
  };
}

function unaryModels(width: number): Record<string, (x: bigint) => bigint> {
  return {
    clz: (x) => BigInt(width) - length(x),
    ctz: (x) => trailing(x, width),
    popcnt: ones,
  };
}

const noNarrowForm = new Set(['mulh', 'mulhu', 'and', 'or', 'xor']);

/** By mnemonic: words in [0, 2^64) to a word. */
export const wordBinaryModels: Record<string, BinaryModel> = {};
export const wordUnaryModels: Record<string, (x: bigint) => bigint> = {
  sext8: (x) => unsigned(signed(x, 8), 64),
  sext16: (x) => unsigned(signed(x, 16), 64),
  sext32: (x) => unsigned(signed(x, 32), 64),
  sext8_32: (x) => unsigned(signed(x, 8), 32),
  sext16_32: (x) => unsigned(signed(x, 16), 32),
  move: (x) => x,
};
for (const [stem, model] of Object.entries(binaryModels(64))) {
  wordBinaryModels[stem] = (x, y) => unsigned(model(x, y), 64);
}
for (const [stem, model] of Object.entries(binaryModels(32))) {
  if (noNarrowForm.has(stem)) continue;
  wordBinaryModels[`${stem}32`] = (x, y) => unsigned(model(unsigned(x, 32), unsigned(y, 32)), 32);
}
for (const [stem, model] of Object.entries(unaryModels(64))) wordUnaryModels[stem] = model;
for (const [stem, model] of Object.entries(unaryModels(32))) {
  wordUnaryModels[`${stem}32`] = (x) => model(unsigned(x, 32));
}

/** By mnemonic: whether the branch is taken. */
export const wordBranchModels: Record<string, (x: bigint, y: bigint) => boolean> =
  Object.fromEntries(
    ['eq', 'ne', 'lt', 'ge', 'ltu', 'geu', 'eq32', 'ne32', 'lt32', 'ge32', 'ltu32', 'geu32'].map(
      (relation) => {
        const model = wordBinaryModels[`s${relation}`];
        if (model === undefined) throw new Error(`no model for ${relation}`);
        return [`b${relation}`, (x: bigint, y: bigint) => model(x, y) === 1n];
      },
    ),
  );

const wide = (value: bigint): bigint => unsigned(value, 256);
const wideSigned = (value: bigint): bigint => signed(value, 256);
const bit = (holds: boolean): bigint => (holds ? 1n : 0n);

/** By mnemonic: wide words in [0, 2^256) to a wide word. */
export const wideBinaryModels: Record<string, BinaryModel> = {
  wadd: (x, y) => wide(x + y),
  wsub: (x, y) => wide(x - y),
  wnot: (x) => wide(~x),
  wmul: (x, y) => wide(x * y),
  wdiv: (x, y) => (y === 0n ? 0n : x / y),
  wmod: (x, y) => (y === 0n ? 0n : x % y),
  wsdiv: (x, y) => (y === 0n ? 0n : wide(wideSigned(x) / wideSigned(y))),
  wsmod: (x, y) => (y === 0n ? 0n : wide(wideSigned(x) % wideSigned(y))),
  wand: (x, y) => x & y,
  wor: (x, y) => x | y,
  wxor: (x, y) => x ^ y,
  weq: (x, y) => bit(x === y),
  wlt: (x, y) => bit(x < y),
  wgt: (x, y) => bit(x > y),
  wslt: (x, y) => bit(wideSigned(x) < wideSigned(y)),
  wsgt: (x, y) => bit(wideSigned(x) > wideSigned(y)),
  wshl: (x, y) => (y >= 256n ? 0n : wide(x << y)),
  wshr: (x, y) => (y >= 256n ? 0n : x >> y),
  wsar: (x, y) => wide(wideSigned(x) >> (y >= 256n ? 256n : y)),
  wbyte: (x, y) => (y >= 32n ? 0n : (x >> (8n * (31n - y))) & 0xffn),
  wsignextend: (x, y) => (y >= 31n ? x : wide(signed(x, 8 * (Number(y) + 1)))),
};

export const wideUnaryModels: Record<string, (x: bigint) => bigint> = {
  wclz: (x) => 256n - length(x),
  wmove: (x) => x,
};

export const wideTernaryModels: Record<string, (x: bigint, y: bigint, m: bigint) => bigint> = {
  waddmod: (x, y, m) => (m === 0n ? 0n : (x + y) % m),
  wmulmod: (x, y, m) => (m === 0n ? 0n : (x * y) % m),
};

export const wideBranchModels: Record<string, (x: bigint, y: bigint) => boolean> = {
  wbeq: (x, y) => x === y,
  wbne: (x, y) => x !== y,
  wblt: (x, y) => x < y,
  wbge: (x, y) => x >= y,
  wbgt: (x, y) => x > y,
  wble: (x, y) => x <= y,
  wbslt: (x, y) => wideSigned(x) < wideSigned(y),
  wbsge: (x, y) => wideSigned(x) >= wideSigned(y),
  wbsgt: (x, y) => wideSigned(x) > wideSigned(y),
  wbsle: (x, y) => wideSigned(x) <= wideSigned(y),
};

/** 0, 1, the greatest, and around powers of two: where carries, signs and halves change. */
function edges(width: number, exponents: readonly number[]): bigint[] {
  const found = new Set<bigint>();
  for (const k of exponents) {
    for (const offset of [-1n, 0n, 1n]) {
      found.add(unsigned((1n << BigInt(k)) + offset, width));
      found.add(unsigned(-(1n << BigInt(k)) + offset, width));
    }
  }
  return [...found];
}

export const wordEdges: readonly bigint[] = edges(64, [0, 2, 7, 8, 15, 16, 31, 32, 48, 63]);
export const wideEdges: readonly bigint[] = edges(
  256,
  [0, 5, 8, 16, 32, 48, 53, 64, 128, 160, 240, 255],
);

/** Writes a value as `lanes` lanes, least significant first. */
export function writeLanes(out: Int32Array, offset: number, value: bigint, lanes: number): void {
  for (let i = 0; i < lanes; i++) {
    out[offset + i] = Number(BigInt.asIntN(32, value >> BigInt(32 * i)));
  }
}

export function readLanes(source: Int32Array, offset: number, lanes: number): bigint {
  let value = 0n;
  for (let i = lanes - 1; i >= 0; i--) value = (value << 32n) | BigInt(source[offset + i] >>> 0);
  return value;
}
