/**
 * What the compiler of a chip works from: its graph, its fractions and the layout of its frames; and how work is cut into
 * loops of a bounded size.
 */
import type { ChipDescription, Interaction } from '../air/chip.ts';
import { Graph } from './graph.ts';
import { type FrameLayout, layOutFrame } from './row-code.ts';

/** A component of a message that is not the same in all rows. */
export interface Term {
  /** Its place in the message. */
  readonly component: number;
  readonly node: number;
}

/** An interaction as the code has it. */
export interface Fraction {
  readonly interaction: Interaction;
  readonly index: number;
  readonly terms: readonly Term[];
  /** Components that are uniform: in the start of the fingerprint. */
  readonly uniforms: readonly Term[];
  readonly multiplicity: number;
}

/** What a chip's module needs to know of it, and who fills frames. */
export interface ChipPlan {
  readonly chip: ChipDescription;
  readonly degree: 4 | 6;
  readonly graph: Graph;
  readonly layout: FrameLayout;
  readonly constraints: readonly number[];
  readonly fractions: readonly Fraction[];
  /** Extension columns of the lookup argument. */
  readonly pairs: number;
  /** Main columns that are read in the next row when lookups are computed. */
  readonly readAhead: ReadonlySet<number>;
  readonly usesLastRow: boolean;
}

export function planChip(chip: ChipDescription, degree: 4 | 6): ChipPlan {
  const graph = new Graph();
  const constraints = chip.constraints.map(({ expr }) => graph.nodeOf(expr));
  const fractions = chip.interactions.map((interaction, index): Fraction => {
    const parts = interaction.message.map((expr, component) => ({
      component,
      node: graph.nodeOf(expr),
    }));
    return {
      interaction,
      index,
      terms: parts.filter(({ node }) => !graph.isUniform(node)),
      uniforms: parts.filter(({ node }) => graph.isUniform(node)),
      multiplicity: graph.nodeOf(interaction.multiplicity),
    };
  });
  const readAhead = new Set<number>();
  for (const node of graph.nodes) if (node.kind === 'next') readAhead.add(node.column);
  return {
    chip,
    degree,
    graph,
    layout: layOutFrame(chip, graph, degree),
    constraints,
    fractions,
    pairs: Math.ceil(fractions.length / 2),
    readAhead,
    usesLastRow: graph.nodes.some(({ kind }) => kind === 'lastRow'),
  };
}

/** Extension elements that the constraints are multiplied with: one for each, `degree` for each lookup column. */
export function constantCount({ degree, constraints, pairs }: ChipPlan): number {
  return constraints.length + degree * pairs;
}

/** The fractions of a lookup column: two, or one. */
export function pairOf({ fractions }: ChipPlan, pair: number): readonly Fraction[] {
  return fractions.slice(2 * pair, 2 * pair + 2);
}

/** Packs items into parts of a bounded cost; an item that is too large is a part of its own. */
export function pack<Item>(
  items: readonly Item[],
  most: number,
  cost: (item: Item, done: Set<number>) => number,
): Item[][] {
  const parts: Item[][] = [];
  let operations = 0;
  let done = new Set<number>();
  for (const item of items) {
    const more = cost(item, new Set(done));
    if (parts.length === 0 || (operations > 0 && operations + more > most)) {
      parts.push([]);
      operations = 0;
      done = new Set();
    }
    operations += cost(item, done);
    parts.at(-1)!.push(item);
  }
  return parts;
}
