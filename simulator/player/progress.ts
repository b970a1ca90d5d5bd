/**
 * How far a replay has come, exactly, through any crash of it.
 *
 * A frame's place in the recording follows from its boot and sequence: place = first place of that
 * boot + sequence − 1. So three facts make progress exact: where each boot began (written before the
 * boot's first frame is kept), the highest sequence erased (written before it is erased), and what the
 * journal still holds. They stand in `replay.json` beside the node's journal, which this wraps.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';
import type { Journal } from '@vitalshare/edge/loop';
import { PLAYED_KEPT_MAX } from '../limits.ts';

/** The replay a node's folder is in the middle of, or has finished. */
export interface Plan {
  /** SHA-256 of the recording's bytes, hex. */
  readonly recording: string;
  /** UTC of the recording's first sample. */
  readonly startMs: number;
  readonly spanMs: number;
  /** UTC of the recording's end. */
  readonly endMs: number;
}

/** UTC of what was played to its end. */
export type Played = Pick<Plan, 'startMs' | 'endMs'>;

interface State {
  plan: Plan;
  finished: boolean;
  /** boot → place of its first frame */
  boots: Record<string, number>;
  /** boot → highest sequence erased */
  erased: Record<string, number>;
  played: Played[];
}

const FILE = 'replay.json';

/** The unfinished plan of a node's folder, if there is one. Throws UserError on a damaged file. */
export function unfinishedPlan(folder: string): Plan | undefined {
  const state = read(folder);
  return state && !state.finished ? state.plan : undefined;
}

/** What the node of this folder has played. Throws UserError on a damaged file. */
export const playedBefore = (folder: string): readonly Played[] => read(folder)?.played ?? [];

/** A journal that knows the place of every frame of one plan. */
export class ReplayJournal implements Journal {
  /** The place of the frame that is offered next; the player counts it up. */
  nextPlace = 0;
  readonly #inner: Journal;
  readonly #folder: string;
  readonly #state: State;

  private constructor(inner: Journal, folder: string, state: State) {
    this.#inner = inner;
    this.#folder = folder;
    this.#state = state;
  }

  /** Takes up `plan` where an earlier process left it, or begins it. */
  static async open(inner: Journal, folder: string, plan: Plan): Promise<ReplayJournal> {
    const before = read(folder);
    const resumed = before !== undefined && !before.finished;
    const played = before?.played ?? [];
    const state = resumed ? before : { plan, finished: false, boots: {}, erased: {}, played };
    const journal = new ReplayJournal(inner, folder, state);
    if (resumed) {
      for (const { boot, sequences } of await inner.pending()) {
        journal.#passed(boot, sequences.at(-1) ?? 0);
      }
      for (const [boot, sequence] of Object.entries(state.erased)) {
        journal.#passed(Number(boot), sequence);
      }
    }
    journal.#write();
    return journal;
  }

  get bytesKept(): number {
    return this.#inner.bytesKept;
  }

  async openBoot(): Promise<number> {
    const boot = await this.#inner.openBoot();
    this.#state.boots[boot] = this.nextPlace;
    this.#write();
    return boot;
  }

  append: Journal['append'] = (boot, sequence, bytes) => this.#inner.append(boot, sequence, bytes);
  read: Journal['read'] = (boot, sequence) => this.#inner.read(boot, sequence);
  pending: Journal['pending'] = () => this.#inner.pending();

  async erase(...[boot, ranges]: Parameters<Journal['erase']>): Promise<void> {
    const last = Math.max(this.#state.erased[boot] ?? 0, ...ranges.map((range) => range.last));
    if (boot in this.#state.boots && last !== this.#state.erased[boot]) {
      this.#state.erased[boot] = last;
      this.#write();
    }
    await this.#inner.erase(boot, ranges);
  }

  finish(): void {
    const { plan, played } = this.#state;
    this.#state.finished = true;
    this.#state.played = [...played, { startMs: plan.startMs, endMs: plan.endMs }].slice(
      -PLAYED_KEPT_MAX,
    );
    this.#write();
  }

  #passed(boot: number, sequence: number): void {
    const first = this.#state.boots[boot];
    if (first !== undefined) this.nextPlace = Math.max(this.nextPlace, first + sequence);
  }

  #write(): void {
    const path = join(this.#folder, FILE);
    writeFileSync(`${path}.new`, JSON.stringify(this.#state), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
}

function read(folder: string): State | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const state = JSON.parse(text) as Partial<State> | null;
    const { plan, boots, erased, finished, played } = state ?? {};
    if (plan && boots && erased && typeof finished === 'boolean' && Array.isArray(played)) {
      if ([plan.startMs, plan.spanMs, plan.endMs].every(Number.isFinite)) {
        return { plan, boots, erased, finished, played };
      }
    }
  } catch {
    // Falls through to the sentence below: the parser's own message would quote the file.
  }
  throw new UserError(
    `${join(folder, FILE)} is damaged; remove it to replay the recording from its beginning.`,
  );
}
