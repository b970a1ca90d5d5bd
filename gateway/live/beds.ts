/**
 * What the ward knows of its beds right now, in memory only: the newest reading of each vital sign,
 * which nodes feed a bed, how each node is, and what was last refused of it.
 */
import { fromFixedPoint } from '@vitalshare/edge/vital';
import type { Status } from '@vitalshare/edge/wire';
import type { PlacedColumn } from '../ingest/place.ts';
import { REFUSALS_KEPT_MAX } from '../limits.ts';
import type { NodeEntry } from '../registry/entry.ts';
import type { LiveBed, LiveNotice, LiveNumber } from './feed.ts';

export interface NodeState {
  entry: NodeEntry;
  connected: boolean;
  lastFrameMs: number | undefined;
  status: Status | undefined;
  /** Count and last time of each reason. */
  readonly refused: Map<string, { count: number; lastMs: number }>;
}

export interface Bed {
  readonly bed: string;
  readonly nodes: Map<string, NodeState>;
  readonly numbers: Map<string, LiveNumber>;
  /** The newest, for a page that comes later. */
  readonly notices: LiveNotice[];
  /** When its numbers were last told; undefined while none wait to be. */
  toldMs: number;
  untold: boolean;
}

export class Beds {
  readonly #beds = new Map<string, Bed>();
  readonly #nodes = new Map<string, NodeState>();

  get all(): Iterable<Bed> {
    return this.#beds.values();
  }

  get nodes(): ReadonlyMap<string, NodeState> {
    return this.#nodes;
  }

  /** True where the ward changed: a node or bed that is new, moved, or has other labels. */
  enter(entry: NodeEntry): boolean {
    const known = this.#nodes.get(entry.node);
    if (known?.entry === entry) return false;
    // Its connection, status and refusals are the node's own and move with it.
    if (known !== undefined && known.entry.stay !== entry.stay) this.leave(entry.node);
    const state = known ?? {
      ...{ entry, connected: false, lastFrameMs: undefined, status: undefined },
      refused: new Map<string, { count: number; lastMs: number }>(),
    };
    state.entry = entry;
    this.#nodes.set(entry.node, state);
    this.bed(entry.stay).nodes.set(entry.node, state);
    return true;
  }

  leave(node: string): void {
    const state = this.#nodes.get(node);
    if (state === undefined) return;
    this.#nodes.delete(node);
    const bed = this.bed(state.entry.stay);
    bed.nodes.delete(node);
    if (bed.nodes.size === 0) this.#beds.delete(bed.bed);
  }

  bed(stay: string): Bed {
    const known = this.#beds.get(stay);
    if (known !== undefined) return known;
    const nodes = new Map<string, NodeState>();
    const numbers = new Map<string, LiveNumber>();
    const bed = { bed: stay, nodes, numbers, notices: [], toldMs: 0, untold: false };
    this.#beds.set(stay, bed);
    return bed;
  }

  /** True where some vital sign has a newer reading now; older ones come from a node's memory. */
  read(bed: Bed, columns: readonly PlacedColumn[]): boolean {
    let newer = false;
    for (const column of columns) {
      const { vital, quality, values } = column;
      const second = lastSecond(column);
      const known = bed.numbers.get(vital.name);
      if (known !== undefined && known.second >= second) continue;
      const value = fromFixedPoint(vital, values[values.length - 1]!);
      bed.numbers.set(vital.name, { vital: vital.name, value, second, quality });
      newer = true;
    }
    return newer;
  }

  note(notice: LiveNotice): void {
    const { notices } = this.bed(notice.bed);
    const same = notices.findIndex(
      ({ node, kind, text }) =>
        node === notice.node && kind === notice.kind && text === notice.text,
    );
    if (same >= 0) notices.splice(same, 1);
    notices.push(notice);
    if (notices.length > REFUSALS_KEPT_MAX) notices.shift();
  }

  ward(): LiveBed[] {
    return [...this.#beds.values()].map(({ bed, nodes }) => ({
      bed,
      nodes: [...nodes.keys()].sort(),
      labels: Object.assign({}, ...[...nodes.values()].map(({ entry }) => entry.labels)) as Record<
        string,
        string
      >,
      connected: [...nodes.values()].some(({ connected }) => connected),
    }));
  }
}

/** UTC second of the last row present; a placed column has one. */
function lastSecond({ start, rows, presence }: PlacedColumn): number {
  let row = rows - 1;
  while (((presence[row >> 3]! >> (row & 7)) & 1) === 0) row -= 1;
  return start + row;
}
