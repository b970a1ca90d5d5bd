/**
 * Vital signs entered by hand: consciousness, oxygen, a cuff's pressure, any other of edge/vital.
 *
 *   checked (unknown, range, future, age, cell) ─► own frame, durable ─► NEWS2, the live feed, 201
 *
 * One at a time, so that of two for the same second the second is told `cell-taken`. A request is named by
 * its key: sent again it is one, and the same key with other contents is refused while this gateway runs;
 * after a restart it answers for the first. What was entered before a restart is in the log and in no
 * memory: NEWS2 is partial until somebody looks again.
 */
import { ProblemError } from '@vitalshare/cloud-sink/messages';
import { AlarmError, BedAlarms, type Observation } from '@vitalshare/edge/alarms';
import { sha256, toHex, utf8 } from '@vitalshare/edge/seal';
import { findVital, fromFixedPoint, toFixedPoint } from '@vitalshare/edge/vital';
import { QUALITY_UNKNOWN } from '@vitalshare/edge/wire';
import type { BedWatch } from '../alarms/bed-watch.ts';
import { asRefusal } from '../alarms/problems.ts';
import type { WardAlarms } from '../alarms/ward-alarms.ts';
import type { CountedCells } from '../ingest/counted-cells.ts';
import type { PlacedColumn } from '../ingest/place.ts';
import { OBSERVATION_KEYS_MAX } from '../limits.ts';
import type { Hub } from '../live/hub.ts';
import type { NodeEntry } from '../registry/entry.ts';
import { NotDurableError, type OwnFrames } from './own-frames.ts';

export interface Entered {
  readonly by: string;
  /** By default now. */
  readonly atMs?: number;
  readonly observations: readonly { readonly vital: string; readonly value: number }[];
}

export interface ObservationsParts {
  readonly alarms: WardAlarms;
  readonly frames: Pick<OwnFrames, 'known' | 'append'>;
  readonly cells: CountedCells;
  readonly hub: Hub;
  readonly clock: () => number;
}

export interface EnterResult {
  /** False: this request was entered before. */
  readonly isNew: boolean;
  /** UTC second its readings stand at. */
  readonly second: number;
}

export class Observations {
  readonly #parts: ObservationsParts;
  /** By bed and key: the digest of what this process entered, in memory only. Oldest first. */
  readonly #seen = new Map<string, string>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: ObservationsParts) {
    this.#parts = parts;
  }

  /** Resolves when it is durable; rejects with ProblemError, and then nothing was entered. */
  enter(watch: BedWatch, key: string, entered: Entered): Promise<EnterResult> {
    const entering = this.#turn.then(() => this.#enter(watch, key, entered));
    this.#turn = entering.catch(() => undefined);
    return entering;
  }

  /** Resolves when those at hand are entered or refused. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  async #enter(watch: BedWatch, key: string, entered: Entered): Promise<EnterResult> {
    const { frames, clock } = this.#parts;
    const known = frames.known(watch.bed, key);
    const nowMs = clock();
    const atMs = entered.atMs ?? known?.atMs ?? nowMs;
    const second = Math.floor(atMs / 1000);
    const name = `${watch.bed} ${key}`;
    const digest = toHex(sha256(utf8(JSON.stringify(entered))));
    const seen = this.#seen.get(name);
    if (seen !== undefined && seen !== digest) {
      throw new ProblemError('key-used', 'idempotency-key: it was used for other observations');
    }
    if (seen !== undefined) return { isNew: false, second };
    const observations = entered.observations.map((each) => ({ ...each, by: entered.by, atMs }));
    const columns = checked(observations, nowMs, second);
    const isNew = known?.isThere !== true;
    if (isNew) await this.#append(watch, { key, atMs }, columns);
    this.#seen.set(name, digest);
    if (this.#seen.size > OBSERVATION_KEYS_MAX) this.#seen.delete([...this.#seen.keys()][0]!);
    await this.#show(watch, observations, columns);
    return { isNew, second };
  }

  async #append(
    watch: BedWatch,
    request: { readonly key: string; readonly atMs: number },
    columns: readonly PlacedColumn[],
  ): Promise<void> {
    const { frames, cells } = this.#parts;
    const untaken = (): void => {
      const taken = columns.find(({ vital, start }) => cells.has(watch.bed, vital.code, start));
      if (taken !== undefined) throw cellTaken(taken);
    };
    try {
      const filled = await frames.append(this.#entryOf(watch.bed), request, columns, untaken);
      // A node's frame was on its way to the disk before this one: its reading is the first.
      if (filled < columns.length) throw cellTaken(columns[0]!);
    } catch (error) {
      if (!(error instanceof NotDurableError)) throw error;
      throw new ProblemError('store-full', `the observation was not kept: ${error.message}`);
    }
  }

  async #show(
    watch: BedWatch,
    observations: readonly Observation[],
    columns: readonly PlacedColumn[],
  ): Promise<void> {
    const { alarms, hub } = this.#parts;
    await alarms.act(watch, 'observation', (nowMs) => watch.observe(observations, nowMs));
    const numbers = columns.map(({ vital, start, values, quality }, i) => ({
      ...{ vital: vital.name, value: fromFixedPoint(vital, values[0]!), second: start, quality },
      enteredBy: observations[i]!.by,
    }));
    hub.entered(watch.bed, numbers);
  }

  #entryOf(bed: string): NodeEntry {
    const { value } = this.#parts.hub.beds.bed(bed).nodes.values().next();
    if (value !== undefined) return value.entry;
    throw new ProblemError('unknown-bed', 'no node is at that bed: it has no stay to enter into');
  }
}

const cellTaken = ({ vital }: PlacedColumn): ProblemError =>
  new ProblemError(
    'cell-taken',
    `${vital.label}: that second has a reading, and the first one stays; give another second`,
  );

/** One row of each; throws ProblemError. What the alarms take is tried on a bed of nobody. */
function checked(
  observations: readonly Observation[],
  nowMs: number,
  second: number,
): PlacedColumn[] {
  const trial = new BedAlarms({ nowMs });
  const names = new Set<string>();
  return observations.map((observation) => {
    try {
      trial.observation(observation, nowMs);
    } catch (error) {
      throw error instanceof AlarmError ? asRefusal(error) : error;
    }
    if (names.has(observation.vital)) {
      throw new ProblemError('bad-request', `observations: ${observation.vital} stands twice`);
    }
    names.add(observation.vital);
    const vital = findVital(observation.vital)!;
    const values = Int32Array.of(toFixedPoint(vital, observation.value));
    const presence = Uint8Array.of(1);
    return { vital, quality: QUALITY_UNKNOWN, start: second, rows: 1, presence, values };
  });
}
