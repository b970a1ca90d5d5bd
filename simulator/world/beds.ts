/**
 * The simulated beds of `up`: real nodes with real credentials and journals on disk, each with a body
 * instead of a patient. One timer moves them all, since their ticks are the same.
 *
 * What the gateway has not settled when `up` stops stays in the journals for its next start.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';
import { cutText, JournalError, openDiskJournal } from '@vitalshare/edge/journal/node';
import { CredentialError, Node, type NodeCredential, parseCredential } from '@vitalshare/edge/loop';
import { connectNode } from '@vitalshare/edge/mqtt';
import { enrollInto } from '@vitalshare/gateway/enroll/node';
import { CATCH_UP_SECONDS_MAX, DRAIN_MS_MAX, LIVE_MS_MAX } from '../limits.ts';
import { makeBody } from '../bodies/bodies.ts';
import { lockNode } from '../node-lock.ts';
import { bodyPlanOf, type ScenarioPatient } from '../scenarios/scenario.ts';
import { BedFrames, TICK_MS } from './bed-frames.ts';
import { osRandom } from './party-process.ts';
import type { Tools } from './tools.ts';
import { gatewayFolder, nodeFolder } from './world-folder.ts';

const REFUSED = 'the gateway does not know it, or it was revoked; it sends nothing.';

export interface BedCounts {
  readonly offered: number;
  readonly acknowledged: number;
  readonly buffered: number;
  readonly live: number;
}

const SECOND_TICKS = 1000 / TICK_MS;
const CATCH_UP_TICKS_MAX = CATCH_UP_SECONDS_MAX * SECOND_TICKS;

/** `bed-01` … */
export const bedNames = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `bed-${String(index + 1).padStart(2, '0')}`);

/** Makes credentials where there are none yet, before the gateway starts or while it runs. */
export async function enrollBeds(dir: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const isKnown = existsSync(join(gatewayFolder(dir), 'nodes', `${name}.json`));
    await enrollInto(dir, name, isKnown ? undefined : { ward: 'demo' }, osRandom);
  }
}

interface Bed {
  readonly node: Node;
  settledBefore: number;
  settledAtMs: number;
  readonly frames: BedFrames;
  close(): Promise<void>;
}

export interface BedsOptions {
  readonly dir: string;
  readonly names: readonly string[];
  readonly mqttUrl: string;
  /** Of the bodies. */
  readonly seed: number;
  /** What the first of them live; the others are at rest. */
  readonly patients: readonly ScenarioPatient[];
  readonly tools: Tools;
  /** A bed that sends nothing, and why; the others go on. */
  readonly onTrouble: (name: string, sentence: string) => void;
}

export class Beds {
  readonly #beds: readonly Bed[];
  readonly #tools: Tools;
  readonly #bootTimeMs: number;
  #endTimer = (): void => undefined;
  #ticks = 0;

  private constructor(beds: readonly Bed[], tools: Tools, bootTimeMs: number) {
    this.#beds = beds;
    this.#tools = tools;
    this.#bootTimeMs = bootTimeMs;
  }

  static async start(options: BedsOptions): Promise<Beds> {
    const { dir, names, tools, onTrouble } = options;
    const bootTimeMs = Math.ceil(tools.clock() / 1000) * 1000;
    const unlocks = lockAll(dir, names);
    const beds = await Promise.all(
      names.map(async (name, index): Promise<Bed[]> => {
        try {
          return [await openBed(options, name, index, bootTimeMs, unlocks[index]!)];
        } catch (error) {
          if (!(error instanceof UserError) && !(error instanceof JournalError)) throw error;
          unlocks[index]!();
          onTrouble(name, `it sends nothing: ${error.message}.`);
          return [];
        }
      }),
    );
    const ward = new Beds(beds.flat(), tools, bootTimeMs);
    ward.#endTimer = tools.every(TICK_MS / 2, () => ward.#advance());
    return ward;
  }

  get nodes(): readonly Node[] {
    return this.#beds.map(({ node }) => node);
  }

  /** Called now and then: `live` is judged by what was settled since. */
  count(): BedCounts {
    const nowMs = this.#tools.clock();
    for (const bed of this.#beds) {
      const { settled } = bed.node.counts;
      if (settled !== bed.settledBefore) bed.settledAtMs = nowMs;
      bed.settledBefore = settled;
    }
    const nodes = this.#beds.map(({ node }) => node);
    const sum = (of: (node: Node) => number): number =>
      nodes.reduce((total, node) => total + of(node), 0);
    return {
      offered: sum(({ counts }) => counts.offered),
      acknowledged: sum(({ counts }) => counts.settled),
      buffered: sum(({ bufferedFrames }) => bufferedFrames),
      live: this.#beds.filter(({ settledAtMs }) => nowMs - settledAtMs < LIVE_MS_MAX).length,
    };
  }

  async close(): Promise<void> {
    this.#endTimer();
    await Promise.all(this.#beds.map((bed) => bed.close()));
  }

  /** Offers every frame whose time is over. */
  #advance(): void {
    const dueTicks = Math.floor((this.#tools.clock() - this.#bootTimeMs) / TICK_MS);
    const behindTicks = dueTicks - this.#ticks;
    if (behindTicks > CATCH_UP_TICKS_MAX && this.#ticks % SECOND_TICKS === 0) {
      const seconds = Math.floor(behindTicks / SECOND_TICKS);
      this.#ticks += seconds * SECOND_TICKS;
      for (const { frames } of this.#beds) frames.skip(seconds);
    }
    while (this.#ticks < dueTicks) {
      this.#ticks += 1;
      for (const { node, frames } of this.#beds) {
        const frame = frames.next(node.bufferedFrames);
        if (frame !== null) void node.offer(frame);
      }
      if (this.#ticks % SECOND_TICKS === 0 && dueTicks - this.#ticks > CATCH_UP_TICKS_MAX) break;
    }
  }
}

/** All of them or none. Throws UserError where another process, such as a replay, is one of them. */
function lockAll(dir: string, names: readonly string[]): (() => void)[] {
  const unlocks: (() => void)[] = [];
  try {
    for (const name of names) unlocks.push(lockNode(nodeFolder(dir, name), name));
    return unlocks;
  } catch (error) {
    for (const unlock of unlocks) unlock();
    throw error;
  }
}

/** Throws UserError or JournalError where its folder is damaged. */
async function openBed(
  { dir, mqttUrl, seed, patients, tools, onTrouble }: BedsOptions,
  name: string,
  index: number,
  bootTimeMs: number,
  unlock: () => void,
): Promise<Bed> {
  const folder = nodeFolder(dir, name);
  const credential = credentialOf(folder, mqttUrl);
  const journal = await openDiskJournal(join(folder, 'journal'));
  if (journal.cutBytes > 0) onTrouble(name, cutText(journal.cutBytes));
  const node = new Node({ credential, journal });
  const connection = connectNode(node);
  connection.ready.catch(() => onTrouble(name, REFUSED));
  const patient = patients[index] ?? {};
  const body = makeBody(seed, index + 1, bodyPlanOf(patient));
  return {
    node,
    settledBefore: 0,
    settledAtMs: Number.NEGATIVE_INFINITY,
    frames: new BedFrames(body, bootTimeMs, patient.happenings),
    async close() {
      await Promise.race([node.drained().catch(() => undefined), tools.sleep(DRAIN_MS_MAX)]);
      await node.close();
      await connection.close();
      await journal.close();
      unlock();
    },
  };
}

/** The gateway may have moved since the credential was written. Throws UserError where it is lost. */
function credentialOf(folder: string, mqttUrl: string): NodeCredential {
  const file = join(folder, 'credential.json');
  try {
    return { ...parseCredential(readFileSync(file, 'utf8')), mqttUrl };
  } catch (error) {
    const isLost = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isLost && !(error instanceof CredentialError)) throw error;
    throw new UserError(
      `${file} is ${isLost ? 'missing' : 'damaged'}; restore it, or remove the gateway's file of this node (gateway/nodes) to enroll it anew.`,
    );
  }
}
