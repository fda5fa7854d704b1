/**
 * The messages that tables send and receive, block by block: for the checker, and for whoever fills
 * the multiplicity columns of lookup tables.
 */

import { fixedTableOf, type Instance, type TraceTable } from '../system.ts';
import type { Bus, Interaction } from './chip.ts';
import { type Cells, Evaluator, planGroups } from './evaluate.ts';

/** Up to 1024 messages of one interaction, in row order. The arrays are valid during the call only. */
export interface MessageBlock {
  /** Index in the list of tables. */
  readonly table: number;
  readonly interaction: Interaction;
  readonly firstRow: number;
  readonly rowCount: number;
  /** Component k of the message of row `firstRow + i` is `components[k][offsets[k] + i]`. */
  readonly components: readonly Int32Array[];
  readonly offsets: Int32Array;
  /** The multiplicity of row `firstRow + i` is `multiplicities[multiplicityOffset + i]`, canonical. */
  readonly multiplicities: Int32Array;
  readonly multiplicityOffset: number;
}

/** The cells of a table of the trace, for an {@link Evaluator}. */
export function traceCells(instance: Instance, table: TraceTable): Cells {
  return {
    rows: 2 ** table.logRows,
    main: table.columns,
    fixed: fixedTableOf(instance, table.chip)?.columns ?? [],
  };
}

/** Calls `visit` with the messages of every chosen interaction of every table. */
export function visitMessages(
  instance: Instance,
  tables: readonly TraceTable[],
  chosen: (interaction: Interaction) => boolean,
  visit: (block: MessageBlock) => void,
): void {
  tables.forEach((table, index) => {
    const interactions = table.chip.interactions.filter(chosen);
    if (interactions.length === 0) return;
    const plan = planGroups(
      interactions.map(({ message, multiplicity }) => [...message, multiplicity]),
      instance.parameters,
    );
    const evaluator = new Evaluator(plan, traceCells(instance, table));
    let firstRow = 0;
    evaluator.evaluateAll(
      (group, arrays, offsets, rowCount) => {
        const interaction = interactions[group]!;
        const width = interaction.message.length;
        visit({
          table: index,
          interaction,
          firstRow,
          rowCount,
          components: arrays,
          offsets,
          multiplicities: arrays[width]!,
          multiplicityOffset: offsets[width]!,
        });
      },
      (start) => {
        firstRow = start;
      },
    );
  });
}

/**
 * Counts lookups: calls `visit` with every message sent on `bus` and a multiplicity that is not 0.
 * `message` is overwritten by the next call. Not for hot paths with many visits of big messages; those
 * take {@link visitMessages}.
 */
export function countLookups(
  instance: Instance,
  tables: readonly TraceTable[],
  bus: Bus,
  visit: (message: Int32Array, multiplicity: number) => void,
): void {
  const message = new Int32Array(bus.fields.length);
  visitMessages(
    instance,
    tables,
    (interaction) => interaction.bus.id === bus.id && interaction.direction === 'send',
    ({ rowCount, components, offsets, multiplicities, multiplicityOffset }) => {
      for (let i = 0; i < rowCount; i++) {
        const multiplicity = multiplicities[multiplicityOffset + i]!;
        if (multiplicity === 0) continue;
        for (let k = 0; k < message.length; k++) message[k] = components[k]![offsets[k]! + i]!;
        visit(message, multiplicity);
      }
    },
  );
}
