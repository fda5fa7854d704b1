/**
 * FRI's commit phase by kernel: `plain/fri.ts` is the meaning, and takes the short words.
 *
 * All layers fold by 8 but the last one or two, whose words are short whatever the tables' height.
 * spec/11-kernels.md, "Extension".
 */
import type { Engine, Pause } from '../engine.ts';
import type { Ext, ExtensionField } from '../field/extension.ts';
import { type FriShape, layerTable } from '../fri/shape.ts';
import { digestToBytes, wordsToBytes } from '../hash/digest.ts';
import type { MerkleTable, MerkleTree } from '../hash/merkle.ts';
import { foldWord } from '../plain/fold-word.ts';
import { interpolateFinal, leafColumns } from '../plain/fri.ts';
import { ModuleBuilder } from './assembler.ts';
import { defineFold, defineSplit, TILE_LEAVES } from './fri-lanes.ts';
import { type KernelMemory, MAX_PAGES } from './memory.ts';
import { Calls, type Crew, type Loaded } from './threads.ts';

/** What is taken of the tables of the circle FFT: addresses of doubled inverses, as `DeepTransforms` has coordinates. */
export type FoldTwiddles = (logSize: number) => {
  readonly inverseXs: number;
  readonly inverseYs: number;
};

type CommitTables = (tables: readonly MerkleTable[], pause: Pause) => Promise<MerkleTree>;

/** Values moved and leaves folded by a task: a fiftieth to a quarter of a millisecond. */
const MOVED_OF_TASK = 2 ** 14;
const FOLDED_OF_TASK = 2 ** 12;
/** Leaves whose columns are not worth a round of threads. */
const FEW_MOVED = 2 ** 11;

interface Context {
  readonly memory: KernelMemory;
  readonly crew: Crew;
  readonly functions: Loaded;
}

/** Compiles the kernel. Words must lie in the memory; so will the columns of the trees. */
export async function createCommitWord(
  memory: KernelMemory,
  crew: Crew,
  commitTables: CommitTables,
  twiddles: FoldTwiddles,
): Promise<Engine['commitWord']> {
  const module = new ModuleBuilder({ initial: 1, maximum: MAX_PAGES, shared: memory.isShared });
  const split2 = defineSplit(module, 2);
  const split4 = defineSplit(module, 4);
  defineSplit(module, 8);
  for (const degree of [4, 6] as const) defineFold(module, degree, split2, split4);
  const functions = await crew.load(await WebAssembly.compile(module.assemble()), module.names);
  const context: Context = { memory, crew, functions };

  return async (field, shape, word, walk, pause) => {
    const trees: MerkleTree[] = [];
    const foldNonces: number[] = [];
    let current = word;
    for (const [layer, bits] of shape.foldBits.entries()) {
      const { logHeight } = layerTable(shape, layer, field.degree);
      const isTaken = bits === 3 && 2 ** logHeight >= TILE_LEAVES;
      const columns = isTaken
        ? await splitWord(context, layer === 0, current, pause)
        : leafColumns(shape, layer, current).map((column) => placed(memory, column));
      const tree = await commitTables([{ logHeight, columns }], pause);
      trees.push(tree);
      walk.absorb(`friRoot${layer}`, digestToBytes(tree.root));
      foldNonces.push(walk.grind(`fold${layer}`));
      const lambda = walk.challenge(`lambda${layer}`);
      const next = isTaken
        ? await foldLeaves(context, twiddles, field, shape, layer, columns, lambda, pause)
        : foldWord(field, shape, layer, current, lambda);
      if (layer > 0) memory.free(current.filter((coordinate) => memory.holds(coordinate)));
      current = next;
    }
    const finalCoefficients = interpolateFinal(field, shape, current);
    memory.free(current.filter((coordinate) => memory.holds(coordinate)));
    walk.absorb('finalCoefficients', wordsToBytes(finalCoefficients));
    return { trees, roots: trees.map((tree) => tree.root), foldNonces, finalCoefficients };
  };
}

function placed(memory: KernelMemory, words: ArrayLike<number>): Uint32Array {
  const array = memory.allocateRaw(words.length);
  array.set(words);
  return array;
}

/** The columns of leaves of eight: `leafColumns` of `plain/fri.ts`. */
async function splitWord(
  { memory, crew, functions }: Context,
  isFirst: boolean,
  word: readonly Uint32Array[],
  pause: Pause,
): Promise<Uint32Array[]> {
  const degree = word.length;
  const leaves = word[0].length / 8;
  const columns = Array.from({ length: 8 * degree }, () => memory.allocateRaw(leaves));
  // A leaf of the first layer is four neighbours and their conjugates, half the word away.
  const ways = isFirst ? 4 : 8;
  const calls = new Calls();
  const rows = Math.min(leaves, MOVED_OF_TASK / ways);
  for (const [k, coordinate] of word.entries()) {
    for (let position = 0; position < 8; position += ways) {
      for (let row = 0; row < leaves; row += rows) {
        const to = Array.from(
          { length: ways },
          (_, j) => memory.addressOf(columns[(position + j) * degree + k]) + 4 * row,
        );
        const from = memory.addressOf(coordinate) + 4 * (leaves * position + ways * row);
        calls.add(functions[`split${ways}`], from, ...to, rows);
      }
    }
  }
  if (leaves <= FEW_MOVED) crew.callAll(calls);
  else await crew.run(calls, pause);
  return columns;
}

/** The next word from the columns of leaves of eight: `foldWord` of `plain/fold-word.ts`. */
async function foldLeaves(
  { memory, crew, functions }: Context,
  twiddles: FoldTwiddles,
  field: ExtensionField,
  shape: FriShape,
  layer: number,
  columns: readonly Uint32Array[],
  lambda: Ext,
  pause: Pause,
): Promise<Uint32Array[]> {
  const { degree } = field;
  const leaves = columns[0].length;
  const next = Array.from({ length: degree }, () => memory.allocateRaw(leaves));
  const isFirst = layer === 0;
  const logCoset = shape.logWordLengths[layer] + (isFirst ? 0 : 1);
  const starts = isFirst
    ? [twiddles(logCoset).inverseYs, twiddles(logCoset).inverseXs, twiddles(logCoset - 1).inverseXs]
    : [0, 1, 2].map((fold) => twiddles(logCoset - fold).inverseXs);
  // Positions in a leaf that the first fold brings together: conjugates, then always neighbours.
  const firsts = isFirst ? [0, 1, 2, 3] : [0, 2, 4, 6];
  const positions = [...firsts, ...firsts.map((first) => first + (isFirst ? 4 : 1))];
  const places = placed(
    memory,
    positions.flatMap((position) =>
      next.map((_, k) => memory.addressOf(columns[position * degree + k])),
    ),
  );
  const out = placed(
    memory,
    next.map((coordinate) => memory.addressOf(coordinate)),
  );
  const square = field.square(lambda);
  const challenges = placed(memory, [...lambda, ...square, ...field.square(square)]);
  const calls = new Calls();
  const rows = Math.min(leaves, FOLDED_OF_TASK);
  for (let leaf = 0; leaf < leaves; leaf += rows) {
    calls.add(
      functions[`fold${degree}`],
      memory.addressOf(places),
      memory.addressOf(out),
      4 * leaf,
      starts[0] + 16 * leaf,
      starts[1] + 8 * leaf,
      starts[2] + 4 * leaf,
      memory.addressOf(challenges),
      rows / TILE_LEAVES,
    );
  }
  await crew.run(calls, pause);
  memory.free([places, out, challenges]);
  return next;
}
