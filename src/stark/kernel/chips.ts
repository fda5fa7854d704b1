/**
 * Compiled chips: a module for each that is present, kept for as long as the process, and the frames of their tables.
 */
import type { ChipDescription } from '../air/chip.ts';
import type { Ext, ExtensionField } from '../field/extension.ts';
import { type LookupChallenges, powersOf } from '../fingerprint.ts';
import { chipDigest } from '../key.ts';
import type { Instance } from '../system.ts';
import { assembleChip } from './chip-module.ts';
import { type ChipPlan, planChip } from './chip-plan.ts';
import type { KernelMemory } from './memory.ts';
import type { Crew, Loaded } from './threads.ts';

/** Rows, log2, up to which plain code is done before a chip's code would be emitted and compiled: some milliseconds. */
const FEW_LOG_ROWS = 6;

export interface CompiledChip {
  readonly plan: ChipPlan;
  readonly kernels: Loaded;
}

/** The addresses and numbers that a table's frame holds beside what follows from its chip and the challenges. */
export interface FrameContent {
  readonly main: readonly Uint32Array[];
  readonly fixed: readonly Uint32Array[];
  readonly interaction: readonly Uint32Array[];
  readonly lastRow?: Uint32Array;
  readonly quotient?: readonly Uint32Array[];
  readonly logRows: number;
  /** claimed / rows. */
  readonly share?: Ext;
}

export class ChipKernels {
  readonly #memory: KernelMemory;
  readonly #crew: Crew;
  /** By digest: equal chips of different systems share their code. */
  readonly #compiled = new Map<string, Promise<CompiledChip>>();
  /** Degrees for which a description has been asked for. */
  readonly #known = new WeakMap<ChipDescription, Set<number>>();

  constructor(memory: KernelMemory, crew: Crew) {
    this.#memory = memory;
    this.#crew = crew;
  }

  /**
   * The functions of the chips of some tables, compiled where they are not yet; undefined for tables of few rows, which
   * are left to plain code unless a taller one has had the chip compiled.
   */
  forTables(
    tables: readonly { readonly chip: ChipDescription; readonly logRows: number }[],
    degree: 4 | 6,
  ): Promise<(CompiledChip | undefined)[]> {
    const wanted = new Set(
      tables.filter(({ logRows }) => logRows > FEW_LOG_ROWS).map(({ chip }) => chip),
    );
    return Promise.all(
      tables.map(({ chip }) =>
        wanted.has(chip) || this.#known.get(chip)?.has(degree) ? this.get(chip, degree) : undefined,
      ),
    );
  }

  /** The chip's functions, compiled at the first call for its description and the degree. */
  get(chip: ChipDescription, degree: 4 | 6): Promise<CompiledChip> {
    let degrees = this.#known.get(chip);
    if (degrees === undefined) {
      degrees = new Set();
      this.#known.set(chip, degrees);
    }
    degrees.add(degree);
    const key = `${degree} ${chipDigest(chip).join(' ')}`;
    let found = this.#compiled.get(key);
    if (found === undefined) {
      found = this.#compile(chip, degree);
      this.#compiled.set(key, found);
    }
    return found;
  }

  async #compile(chip: ChipDescription, degree: 4 | 6): Promise<CompiledChip> {
    const plan = planChip(chip, degree);
    const { bytes, names } = assembleChip(plan, this.#memory.isShared);
    const kernels = await this.#crew.load(await WebAssembly.compile(bytes), names);
    return { plan, kernels };
  }

  /** A frame for one table; the caller frees it. */
  frame(
    { chip, graph, layout, fractions, degree }: ChipPlan,
    field: ExtensionField,
    instance: Instance,
    { alpha, beta }: LookupChallenges,
    content: FrameContent,
  ): Uint32Array {
    const frame = this.#memory.allocate(layout.words);
    const put = (offset: number, values: ArrayLike<number>): void => {
      frame.set(values, offset / 4);
    };
    const addresses = (columns: readonly Uint32Array[]): number[] =>
      columns.map((column) => this.#memory.addressOf(column));
    put(layout.main, addresses(content.main));
    put(layout.fixed, addresses(content.fixed));
    put(layout.interaction, addresses(content.interaction));
    if (content.lastRow !== undefined) put(layout.lastRow, addresses([content.lastRow]));
    if (content.quotient !== undefined) put(layout.quotient, addresses(content.quotient));
    if (content.share !== undefined) put(layout.share, content.share);
    put(layout.groupMask, [2 ** (content.logRows - 2) - 1]);
    const uniforms = graph.uniformValues(instance.parameters);
    put(layout.uniforms, uniforms);
    put(
      layout.doubled,
      uniforms.map((value) => 2 * value),
    );
    const width = Math.max(0, ...chip.interactions.map(({ message }) => message.length));
    const powers = powersOf(field, beta, width + 1);
    for (let k = 0; k < width; k++) {
      put(layout.powers + 4 * degree * k, field.neg(field.at(powers, degree * (k + 1))));
    }
    for (const { interaction, index, uniforms: parts } of fractions) {
      let start = field.sub(alpha, field.fromBase(interaction.bus.id));
      for (const { component, node } of parts) {
        const power = field.at(powers, degree * (component + 1));
        start = field.sub(start, field.mulBase(power, uniforms[graph.uniformAt(node)]!));
      }
      start.forEach((word, k) => {
        put(layout.starts + 8 * (degree * index + k), [word, 0]);
      });
    }
    return frame;
  }
}
