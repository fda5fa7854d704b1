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
import { commitConstants, constantsOf } from './constants.ts';
import { deepLines, deepPowers, openedPoints, treeIndices } from './deep.ts';
import {
  type CommittedTable,
  type Engine,
  LOG_BLOWUP,
  type Pause,
  type RowTable,
} from './engine.ts';
import { type EngineOptions, withEngine } from './engines.ts';
import { openLayers } from './fri/query.ts';
import { friShape } from './fri/shape.ts';
import type { MerkleTree } from './hash/merkle.ts';
import { type GrindName, type GrindSite, proofSchedule, walkSchedule } from './hash/schedule.ts';
import { createTranscript } from './hash/transcript.ts';
import { checkInstance } from './key.ts';
import { layoutTables, type Opening, type TableClaim, type TreeName } from './layout.ts';
import { memoryOf } from './memory-plan.ts';
import type { Profile } from './parameters.ts';
import { isAdmissiblePoint, pointFromChallenge } from './poly/domain.ts';
import {
  fixedLogRows,
  type Instance,
  MAX_STATEMENT_BYTES,
  type Trace,
  type TraceTable,
} from './system.ts';

export type ProvingPhase = 'commit' | 'logup' | 'constraints' | 'deep' | 'fri' | 'queries';

/** What one phase took. */
export interface PhaseReport {
  readonly phase: ProvingPhase;
  readonly seconds: number;
  /** Of the arrays that the phase made for those after it; of the queries: of the proof. */
  readonly bytes: number;
}

export interface ProveOptions extends EngineOptions {
  /** `fraction` of the phase, in [0, 1]. */
  readonly onProgress?: (progress: { phase: ProvingPhase; fraction: number }) => void;
  /** Hears of each phase when it is over. */
  readonly onPhase?: (report: PhaseReport) => void;
  /** Checked every few milliseconds; the promise is then rejected with its reason. */
  readonly signal?: AbortSignal;
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
 * @throws TypeError or RangeError if the trace is no trace of the instance's system, or does not fit into memory.
 * Whether it obeys the constraints is not looked at (`air/check.ts` does): a proof of a wrong trace is refused.
 */
export function proveInstance(
  instance: Instance,
  trace: Trace,
  profile: Profile,
  options: ProveOptions = {},
): Promise<Uint8Array> {
  const plan = memoryOf(instance, profile, trace.tables);
  return withEngine(plan, options, (engine) => proveOn(engine, instance, trace, profile, options));
}

/** The same on an engine that somebody has: one proof at a time. */
export async function proveOn(
  engine: Engine,
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
  const pause: Pause = () => progress.pause();

  // 1. The list of tables fixes the layout.
  const tables = chooseTables(engine, trace, options);
  const trueClaims = tables.map(({ chip, logRows }) => ({
    chip: instance.system.chips.indexOf(chip),
    logRows,
  }));
  const laidOut = layoutTables(instance, profile, trueClaims);
  if (!laidOut.ok) throw new RangeError(`trace: ${JSON.stringify(laidOut.rejection)}`);
  const layout = laidOut.value;
  const claims = options.mutateClaims?.(trueClaims) ?? trueClaims;
  const shape = friShape(layout.logRows, profile.logBlowup);
  const transcript = createTranscript(PROTOCOL);
  const walk = walkSchedule(proofSchedule(shape.foldBits.length), transcript, field, profile.grind);
  const grind = async (name: GrindName & GrindSite): Promise<number> => {
    const bits = profile.grind[name];
    const nonce = await engine.findNonce(transcript.grindSeed(name, bits), bits, pause);
    if (!walk.checkGrind(name, nonce)) throw new Error(`${name}: the nonce has too few bits`);
    return nonce;
  };
  walk.absorb('protocol', protocolPayload(profile));
  walk.absorb('key', keyPayload(instance));
  walk.absorb('statement', statementPayload(instance));
  walk.absorb('shape', shapePayload(claims));

  // 2. The trace, before any challenge.
  progress.enter('commit');
  const committedConstants = await commitConstants(instance.system, engine, pause);
  requireRoot(instance, committedConstants.root);
  const constants = constantsOf(engine, committedConstants);
  const programTables = programTablesOf(instance);
  const extended = await engine.extendTables([...tables, ...programTables.values()], pause);
  const main = extended.slice(0, tables.length);
  const fixed = new Map(constants);
  for (const [index, name] of [...programTables.keys()].entries()) {
    fixed.set(name, extended[tables.length + index]!);
  }
  const mainTree = (await treeOver(engine, main, pause))!;
  walk.absorb('mainRoot', rootPayload(mainTree.root));
  progress.leave(columnBytes(extended) + treeBytes(mainTree));

  // 3. Lookups. Two different multisets of fractions agree at (alpha, beta) with probability at most
  //    sum K (W + 2) / q over the buses.
  progress.enter('logup');
  const logup = await grind('logup');
  const challenges = { alpha: walk.challenge('alpha'), beta: walk.challenge('beta') };
  const lookups = await engine.lookupColumns(field, instance, tables, challenges, pause);
  const claimedSums = new Uint32Array(tables.length * field.degree);
  lookups.forEach(({ claimed }, index) => {
    claimedSums.set(claimed, index * field.degree);
  });
  options.mutateClaimedSums?.(claimedSums);
  const claimed = tables.map((_, index) => field.at(claimedSums, index * field.degree));
  walk.absorb('claimedSums', elementsPayload(claimedSums));
  // The rows are of no use any more; attack tests and callers keep theirs.
  engine.free(tables.flatMap(({ columns }) => columns));
  const lookupRows = lookups.map(({ columns }, index) => ({
    logRows: tables[index]!.logRows,
    columns,
  }));
  const interaction = await engine.extendTables(lookupRows, pause);
  engine.free(lookupRows.flatMap(({ columns }) => columns));
  const interactionTree = await treeOver(engine, interaction, pause);
  walk.absorb('interactionRoot', rootPayload(interactionTree?.root));
  progress.leave(columnBytes(interaction) + treeBytes(interactionTree));

  // 4. One polynomial for all constraints. A broken one stays hidden with probability at most C / q.
  progress.enter('constraints');
  const gamma = walk.challenge('gamma');
  const onDomain = layout.tables.map(({ chip }, index) => ({
    main: main[index]!.extended,
    interaction: interaction[index]!.extended,
    fixed: fixed.get(chip.name)?.extended ?? [],
  }));
  const halves = await engine.compositionColumns(
    field,
    instance,
    layout,
    onDomain,
    claimed,
    { ...challenges, gamma },
    pause,
  );
  const composition = await engine.extendCoefficients(halves, layout.logRows, pause);
  const compositionTree = (await treeOver(engine, [composition], pause))!;
  walk.absorb('compositionRoot', rootPayload(compositionTree.root));
  progress.leave(columnBytes([composition]) + treeBytes(compositionTree));

  // 5. The out-of-domain point. A wrong composition agrees there with probability about 4 N / q.
  progress.enter('deep');
  const outOfDomain = await grind('outOfDomain');
  const zeta = pointFromChallenge(field, walk.challenge('zeta'));
  if (zeta === undefined || !isAdmissiblePoint(field, zeta, layout.logRows)) {
    throw new Error('out-of-domain point: not admissible, which has probability below 2^-60');
  }
  const points = openedPoints(field, layout.logRows, zeta);
  const present: Record<TreeName, readonly CommittedTable[]> = {
    main,
    interaction: interaction.filter(({ extended: columns }) => columns.length > 0),
    constant: [...constants.values()],
    composition: [composition],
  };
  const coefficientsOf = ({ tree, table, column }: Opening): Uint32Array =>
    present[tree][table]!.coefficients[column]!;
  const openedValues = await engine.openColumns(field, layout, points, coefficientsOf, pause);
  walk.absorb('openedValues', elementsPayload(openedValues));

  // 6. One word for all openings. A wrong one is close to a low degree with probability about
  //    M n / 2 q for M batched functions on n points.
  const batch = await grind('batch');
  const delta = walk.challenge('delta');
  const powers = deepPowers(field, layout, delta);
  const lines = deepLines(field, layout, openedValues, powers, points);
  const word = await engine.deepWord(field, layout, coefficientsOf, powers, lines, pause);
  progress.leave(arrayBytes([openedValues, ...word]));
  progress.enter('fri');
  const friCommitment = await engine.commitWord(field, shape, word, walk, pause);
  progress.leave(friCommitment.trees.reduce((sum, tree) => sum + treeBytes(tree), 0));

  // 7. Queries: each misses a word that is far with probability about 1/2 + 1/4.
  progress.enter('queries');
  const query = await grind('query');
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
      constant: committedConstants.tree?.open(at('constant')),
      composition: compositionTree.open(at('composition')),
    },
  });
  const proof = writeContainer({ profile, statement: instance.statement, body });
  progress.leave(proof.length);
  return proof;
}

/** The tables to prove, their columns where the engine wants them. */
function chooseTables(
  engine: Engine,
  trace: Trace,
  { mutateTrace }: ProveOptions,
): readonly TraceTable[] {
  const copy = mutateTrace === undefined ? engine.adopt : (column: Uint32Array) => column.slice();
  const tables = trace.tables.map((table) => ({ ...table, columns: table.columns.map(copy) }));
  if (mutateTrace === undefined) return tables;
  mutateTrace(tables);
  return tables.map((table) => ({ ...table, columns: table.columns.map(engine.adopt) }));
}

function requireRoot({ system }: Instance, root: Uint8Array): void {
  if (root.some((byte, i) => byte !== system.constantRoot[i])) {
    throw new TypeError(`system ${system.name}: the constant root is not that of its tables`);
  }
}

/** Fixed columns that depend on the instance, by chip name. */
function programTablesOf(instance: Instance): Map<string, RowTable> {
  const tables = new Map<string, RowTable>();
  for (const chip of instance.system.chips) {
    if (chip.fixedSource !== 'program') continue;
    const { columns } = instance.fixedTables.get(chip.name)!;
    tables.set(chip.name, { columns, logRows: fixedLogRows(instance, chip)! });
  }
  return tables;
}

/** The tree over tables that have columns; undefined if there are none. */
async function treeOver(
  engine: Engine,
  tables: readonly CommittedTable[],
  pause: Pause,
): Promise<MerkleTree | undefined> {
  const present = tables.filter(({ extended }) => extended.length > 0);
  if (present.length === 0) return undefined;
  const shapes = present.map(({ logRows, extended }) => ({
    logHeight: logRows + LOG_BLOWUP,
    columns: extended,
  }));
  return engine.commitTables(shapes, pause);
}

function arrayBytes(arrays: readonly Uint32Array[]): number {
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function columnBytes(tables: readonly CommittedTable[]): number {
  return arrayBytes(tables.flatMap(({ coefficients, extended }) => [...coefficients, ...extended]));
}

/** Digests of all nodes. */
function treeBytes(tree: MerkleTree | undefined): number {
  if (tree === undefined) return 0;
  const logHeight = Math.max(...tree.shape.map((table) => table.logHeight));
  return 32 * (2 ** (logHeight + 1) - 1);
}

/** How long the prover computes before it lets others run, in milliseconds. */
const PATIENCE = 50;

function trackProgress({ onProgress, onPhase, signal }: ProveOptions) {
  let phase: ProvingPhase = 'commit';
  let started = performance.now();
  let last = started;
  return {
    enter(next: ProvingPhase): void {
      phase = next;
      started = performance.now();
      onProgress?.({ phase, fraction: 0 });
    },
    leave(bytes: number): void {
      onProgress?.({ phase, fraction: 1 });
      onPhase?.({ phase, seconds: (performance.now() - started) / 1000, bytes });
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
