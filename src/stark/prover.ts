/**
 * The prover: a trace of an instance becomes a proof. Its steps are those of `verifier.ts`, in the
 * order of the transcript (`spec/7-proof-system.md`).
 */

import {
  elementsPayload,
  keyPayload,
  PROTOCOL,
  protocolPayload,
  rootPayload,
  shapePayload,
  statementPayload,
} from './binding.ts';
import { writeBody, writeContainer } from './codec.ts';
import {
  type CommittedTable,
  commitConstants,
  extendCoefficients,
  extendFixed,
  extendTable,
  LOG_BLOWUP,
  treeOver,
} from './commitments.ts';
import { compositionColumns } from './composition.ts';
import { deepLines, deepPowers, openedPoints, treeIndices } from './deep.ts';
import { deepWord } from './deep-word.ts';
import type { ExtensionField } from './field/extension.ts';
import { commitWord } from './fri/commit.ts';
import { openLayers } from './fri/query.ts';
import { friShape } from './fri/shape.ts';
import { proofSchedule, walkSchedule } from './hash/schedule.ts';
import { createTranscript } from './hash/transcript.ts';
import { chooseKernels, type KernelChoice, type Kernels } from './kernel/kernels.ts';
import { checkInstance } from './key.ts';
import {
  type Layout,
  layoutTables,
  type Opening,
  type TableClaim,
  type TreeName,
} from './layout.ts';
import { lookupColumns } from './lookup.ts';
import type { Profile } from './parameters.ts';
import { basisAt } from './poly/coefficients.ts';
import {
  doubleExtPoint,
  type ExtPoint,
  isAdmissiblePoint,
  pointFromChallenge,
} from './poly/domain.ts';
import { type Instance, MAX_STATEMENT_BYTES, type Trace, type TraceTable } from './system.ts';

export type ProvingPhase = 'commit' | 'lookups' | 'constraints' | 'openings' | 'fri' | 'queries';

export interface ProveOptions {
  /** `fraction` of the phase, in [0, 1]. */
  readonly onProgress?: (progress: { phase: ProvingPhase; fraction: number }) => void;
  /** Checked every few milliseconds; the promise is then rejected with its reason. */
  readonly signal?: AbortSignal;
  /** `auto` if left out. Proofs are the same, bit for bit; `plain` is slower. */
  readonly kernels?: KernelChoice;
  /** For attack tests: spoils a copy of the trace before anything is committed. */
  readonly mutateTrace?: (tables: readonly TraceTable[]) => void;
  /** For attack tests: the list of tables to claim, while all else follows the true one. */
  readonly mutateClaims?: (claims: readonly TableClaim[]) => readonly TableClaim[];
  /** For attack tests: spoils the claimed sums (consecutive elements) before they are absorbed. */
  readonly mutateClaimedSums?: (sums: Uint32Array) => void;
}

/**
 * A proof of the instance, as the bytes of a container.
 *
 * @throws TypeError or RangeError if the trace is no trace of the instance's system. Whether it obeys the
 * constraints is not looked at (`air/check.ts` does): a proof of a wrong trace is refused.
 */
export async function proveInstance(
  instance: Instance,
  trace: Trace,
  profile: Profile,
  options: ProveOptions = {},
): Promise<Uint8Array> {
  if (profile.logBlowup !== LOG_BLOWUP) {
    throw new RangeError(`profile ${profile.name}: expected a blowup of 2`);
  }
  if (instance.statement.length > MAX_STATEMENT_BYTES) {
    const got = instance.statement.length;
    throw new RangeError(`statement: expected at most ${MAX_STATEMENT_BYTES} bytes, got ${got}`);
  }
  const lawful = checkInstance(instance);
  if (!lawful.ok) throw new RangeError(`instance: ${JSON.stringify(lawful.rejection)}`);
  const { field } = profile;
  const progress = trackProgress(options);
  const pause = (): Promise<void> => progress.pause();
  const kernels = await chooseKernels(options.kernels ?? 'auto');

  // 1. The list of tables fixes the layout.
  const tables = chooseTables(trace, options);
  const trueClaims = tables.map(({ chip, logRows }) => ({
    chip: instance.system.chips.indexOf(chip),
    logRows,
  }));
  const laidOut = layoutTables(instance, profile, trueClaims);
  if (!laidOut.ok) throw new RangeError(`trace: ${JSON.stringify(laidOut.rejection)}`);
  const layout = laidOut.value;
  const claims = options.mutateClaims?.(trueClaims) ?? trueClaims;
  const shape = friShape(layout.logRows, profile.logBlowup);
  const walk = walkSchedule(
    proofSchedule(shape.foldBits.length),
    createTranscript(PROTOCOL, kernels.findNonce),
    field,
    profile.grind,
  );
  walk.absorb('protocol', protocolPayload(profile));
  walk.absorb('key', keyPayload(instance));
  walk.absorb('statement', statementPayload(instance));
  walk.absorb('shape', shapePayload(claims));

  // 2. The trace, before any challenge.
  progress.enter('commit');
  const constants = await commitConstants(instance.system, kernels);
  requireRoot(instance, constants.root);
  const fixed = await extendFixed(kernels, instance, constants, pause);
  const main: CommittedTable[] = [];
  for (const [index, { columns, logRows }] of tables.entries()) {
    main.push(await extendTable(kernels, columns, logRows, pause));
    progress.reach(index / tables.length);
  }
  const mainTree = treeOver(kernels, main)!;
  await pause();
  walk.absorb('mainRoot', rootPayload(mainTree.root));

  // 3. Lookups. Two different multisets of fractions agree at (alpha, beta) with probability at most
  //    sum K (W + 2) / q over the buses.
  progress.enter('lookups');
  const logup = walk.grind('logup');
  const challenges = { alpha: walk.challenge('alpha'), beta: walk.challenge('beta') };
  const interaction: CommittedTable[] = [];
  const claimedSums = new Uint32Array(tables.length * field.degree);
  for (const [index, table] of tables.entries()) {
    const lookups = await lookupColumns(kernels, field, instance, table, challenges, pause);
    claimedSums.set(lookups.claimed, index * field.degree);
    interaction.push(await extendTable(kernels, lookups.columns, table.logRows, pause));
    progress.reach(index / tables.length);
  }
  options.mutateClaimedSums?.(claimedSums);
  const claimed = tables.map((_, index) => field.at(claimedSums, index * field.degree));
  walk.absorb('claimedSums', elementsPayload(claimedSums));
  const interactionTree = treeOver(kernels, interaction);
  await pause();
  walk.absorb('interactionRoot', rootPayload(interactionTree?.root));

  // 4. One polynomial for all constraints. A broken one stays hidden with probability at most C / q.
  progress.enter('constraints');
  const gamma = walk.challenge('gamma');
  const extended = layout.tables.map(({ chip }, index) => ({
    main: main[index]!.extended,
    interaction: interaction[index]!.extended,
    fixed: fixed.get(chip.name)?.extended ?? [],
  }));
  const halves = await compositionColumns(
    kernels,
    field,
    instance,
    layout,
    extended,
    claimed,
    { ...challenges, gamma },
    (done) => {
      progress.reach(done);
      return pause();
    },
  );
  const composition = await extendCoefficients(kernels, halves, layout.logRows, pause);
  const compositionTree = treeOver(kernels, [composition])!;
  walk.absorb('compositionRoot', rootPayload(compositionTree.root));

  // 5. The out-of-domain point. A wrong composition agrees there with probability about 4 N / q.
  progress.enter('openings');
  const outOfDomain = walk.grind('outOfDomain');
  const zeta = pointFromChallenge(field, walk.challenge('zeta'));
  if (zeta === undefined || !isAdmissiblePoint(field, zeta, layout.logRows)) {
    throw new Error('out-of-domain point: not admissible, which has probability below 2^-60');
  }
  const points = openedPoints(field, layout.logRows, zeta);
  const present: Record<TreeName, readonly CommittedTable[]> = {
    main,
    interaction: interaction.filter(({ extended: columns }) => columns.length > 0),
    constant: [...constants.tables.values()],
    composition: [composition],
  };
  const coefficientsOf = ({ tree, table, column }: Opening): Uint32Array =>
    present[tree][table]!.coefficients[column]!;
  const openedValues = await openColumns(kernels, field, layout, points, coefficientsOf, pause);
  walk.absorb('openedValues', elementsPayload(openedValues));

  // 6. One word for all openings. A wrong one is close to a low degree with probability about
  //    M n / 2 q for M batched functions on n points.
  progress.enter('fri');
  const batch = walk.grind('batch');
  const delta = walk.challenge('delta');
  const powers = deepPowers(field, layout, delta);
  const lines = deepLines(field, layout, openedValues, powers, points);
  const word = await deepWord(
    kernels,
    field,
    layout,
    profile.logBlowup,
    coefficientsOf,
    powers,
    lines,
    pause,
  );
  const friCommitment = commitWord(field, shape, word, walk, kernels.hashRows);
  await pause();

  // 7. Queries: each misses a word that is far with probability about 1/2 + 1/4.
  progress.enter('queries');
  const query = walk.grind('query');
  const logSize = layout.logRows + profile.logBlowup;
  const indices = walk.indices('queries', profile.queries, logSize);
  walk.finish();
  const at = (tree: TreeName): Uint32Array => treeIndices(layout, profile.logBlowup, tree, indices);
  const body = writeBody({
    claims,
    mainRoot: mainTree.root,
    interactionRoot: interactionTree?.root,
    compositionRoot: compositionTree.root,
    claimedSums,
    openedValues,
    nonces: { logup, outOfDomain, batch, query },
    fri: {
      roots: friCommitment.roots,
      foldNonces: friCommitment.foldNonces,
      finalCoefficients: friCommitment.finalCoefficients,
      openings: openLayers(shape, friCommitment, indices),
    },
    trees: {
      main: mainTree.open(at('main')),
      interaction: interactionTree?.open(at('interaction')),
      constant: constants.tree?.open(at('constant')),
      composition: compositionTree.open(at('composition')),
    },
  });
  return writeContainer({ profile, statement: instance.statement, body });
}

function chooseTables(trace: Trace, { mutateTrace }: ProveOptions): readonly TraceTable[] {
  if (mutateTrace === undefined) return trace.tables;
  const tables = trace.tables.map((table) => ({
    ...table,
    columns: table.columns.map((column) => column.slice()),
  }));
  mutateTrace(tables);
  return tables;
}

function requireRoot({ system }: Instance, root: Uint8Array): void {
  if (root.some((byte, i) => byte !== system.constantRoot[i])) {
    throw new TypeError(`system ${system.name}: the constant root is not that of its tables`);
  }
}

/** Columns that are opened between two pauses. */
const OPENED_AT_ONCE = 32;

/** The value of every opening, consecutive elements. Basis values are shared among equal heights. */
async function openColumns(
  kernels: Kernels,
  field: ExtensionField,
  layout: Layout,
  points: readonly [ExtPoint, ExtPoint],
  coefficientsOf: (opening: Opening) => Uint32Array,
  pause: () => Promise<void>,
): Promise<Uint32Array> {
  const values = new Uint32Array(layout.openings.length * field.degree);
  const heights = new Set(layout.openings.map((opening) => coefficientsOf(opening).length));
  for (const point of [0, 1] as const) {
    for (const height of heights) {
      const logRows = Math.log2(height);
      const positions = [...layout.openings.keys()].filter((position) => {
        const opening = layout.openings[position]!;
        return opening.point === point && coefficientsOf(opening).length === height;
      });
      if (positions.length === 0) continue;
      const lowered = doubleExtPoint(field, points[point], layout.logRows - logRows);
      const weights = basisAt(field, logRows, lowered);
      for (let first = 0; first < positions.length; first += OPENED_AT_ONCE) {
        const some = positions.slice(first, first + OPENED_AT_ONCE);
        const columns = some.map((position) => coefficientsOf(layout.openings[position]!));
        for (const [j, value] of kernels.dotProducts(columns, weights, field.degree).entries()) {
          values.set(value, some[j]! * field.degree);
        }
        await pause();
      }
    }
  }
  return values;
}

/** How long the prover computes before it lets others run. */
const PATIENCE = 50;

function trackProgress({ onProgress, signal }: ProveOptions) {
  let phase: ProvingPhase = 'commit';
  let last = performance.now();
  return {
    enter(next: ProvingPhase): void {
      phase = next;
      onProgress?.({ phase, fraction: 0 });
    },
    reach(fraction: number): void {
      onProgress?.({ phase, fraction });
    },
    async pause(): Promise<void> {
      signal?.throwIfAborted();
      if (performance.now() - last < PATIENCE) return;
      await breathe();
      last = performance.now();
    },
  };
}

/** Lets pending events run. A message comes back at once, a timer only after milliseconds. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
