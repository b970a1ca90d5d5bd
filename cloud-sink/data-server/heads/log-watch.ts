/**
 * What is signed about one log, against the chain this server holds of it [S8] [PROTO-42] [PROTO-43].
 *
 *   source 0 is the log host, j is server j; a head with the gateway's signature from one of them is
 *     behind or at our head, our hash there is the same   ─► it vouches for us up to there
 *                            our hash there is another    ─► a fork: the gateway told two stories
 *     ahead of us                                         ─► pending, until we come there
 *
 * A head vouches for everything before it, so heads of different positions count together:
 * a position q = ⌊(n + t)/2⌋ + 1 servers vouch for is binding: two such sets share an honest server.
 * Only what the gateway signed for this very log and position is believed, whoever brings it: a server
 * that lies can be silent or show a fork that is one, and stop nobody.
 */
import type { HeldHead, SignedHead } from '../../messages/signed-head.ts';

export const HOST = 0;

export interface Fork {
  readonly head: SignedHead;
  /** The last position known to be common: records from here on differ. */
  readonly parting: number;
  /** Whether it was looked for, or is only the last position they vouched for. */
  readonly isFound: boolean;
}

interface Pending {
  readonly head: SignedHead;
  /** When we last moved, or it came. */
  sinceMs: number;
  ourPosition: number;
  /** How often it was told since then. */
  times: number;
}

/** What a commit keeps of it. */
export interface WatchState {
  readonly own?: HeldHead;
  readonly vouched: readonly HeldHead[];
  readonly forks: readonly (readonly [number, Fork])[];
  readonly highest?: SignedHead;
  readonly history: readonly SignedHead[];
}

/** Signed heads shown to a server that stands still behind us: thinned out, the older the coarser. */
const HISTORY_MAX = 64;
/** Signed heads that wait for a commit: thinned out, for any of them will do. */
const MATCHED_MAX = 256;

export class LogWatch {
  readonly log: string;
  readonly #self: number;
  readonly #quorum: number;
  /** What this server states. */
  own: HeldHead | undefined;
  /** The head of the highest position the gateway signed, whoever brought it. */
  highest: SignedHead | undefined;
  readonly vouched = new Map<number, HeldHead>();
  readonly forks = new Map<number, Fork>();
  readonly pending = new Map<number, Pending>();
  /** Whose word is compared: a log that is new here is not countersigned before [PROTO-41]. */
  readonly compared = new Set<number>();
  #matched: SignedHead[] = [];
  #history: SignedHead[];

  constructor(log: string, self: number, quorum: number, state?: WatchState) {
    this.log = log;
    this.#self = self;
    this.#quorum = quorum;
    this.own = state?.own;
    this.highest = state?.highest;
    this.#history = [...(state?.history ?? [])];
    for (const held of state?.vouched ?? []) this.vouched.set(held.server, held);
    for (const [source, fork] of state?.forks ?? []) this.forks.set(source, fork);
  }

  get kept(): WatchState {
    const { own, highest } = this;
    return {
      ...(own ? { own } : {}),
      ...(highest ? { highest } : {}),
      vouched: [...this.vouched.values()],
      forks: [...this.forks],
      history: this.#history,
    };
  }

  /** Ours, and what the gateway signed of it; durable later. */
  match(head: SignedHead): void {
    if ((this.#matched.at(-1)?.position ?? 0) >= head.position) return;
    this.#matched = [...thinned(this.#matched, MATCHED_MAX), head];
  }

  /** What this server states from now on, and what it was made of. */
  state(own: HeldHead, head: SignedHead): void {
    this.own = own;
    this.#history = [...thinned(this.#history, HISTORY_MAX), head];
  }

  /** A signed head we hold that is not beyond `position`, the newest there is. */
  headUpTo(position: number): SignedHead | undefined {
    return this.#history.findLast((head) => head.position <= position);
  }

  /** The newest signed head of what is durable up to `position`; undefined where none is newer. */
  takeDurable(position: number): SignedHead | undefined {
    const index = this.#matched.findLastIndex((head) => head.position <= position);
    if (index < 0) return undefined;
    return this.#matched.splice(0, index + 1).at(-1);
  }

  get comparedCount(): number {
    return this.compared.size - (this.compared.has(HOST) ? 1 : 0);
  }

  vouch(held: HeldHead): void {
    const known = this.vouched.get(held.server);
    if (!known || known.position <= held.position) this.vouched.set(held.server, held);
    const fork = this.forks.get(held.server);
    // It was set right, from a copy or by its operator.
    if (fork && held.position > fork.parting) this.forks.delete(held.server);
  }

  /** The oldest of a source is kept until it is reached. */
  wait(source: number, head: SignedHead, ourPosition: number, nowMs: number): void {
    const known = this.pending.get(source);
    if (known?.ourPosition === ourPosition) {
      known.times++;
      return;
    }
    this.pending.set(source, { head: known?.head ?? head, sinceMs: nowMs, ourPosition, times: 1 });
  }

  /** The position that q servers vouch for, this one among them; 0 where fewer do [PROTO-43]. */
  get binding(): number {
    const positions = [...this.vouched.values(), ...(this.own ? [this.own] : [])]
      .map(({ position }) => position)
      .sort((a, b) => b - a);
    return positions[this.#quorum - 1] ?? 0;
  }

  /** Where the first of the servers parts from us; undefined where none does. */
  get parting(): number | undefined {
    const partings = this.#serverForks.map(([, { parting }]) => parting);
    return partings.length > 0 ? Math.min(...partings) : undefined;
  }

  /** Who holds what we hold beyond the parting, and who does not. */
  get sides(): { readonly ours: readonly number[]; readonly theirs: readonly number[] } {
    const parting = this.parting ?? 0;
    const theirs = this.#serverForks.map(([server]) => server);
    const ours = [...this.vouched.values()]
      .filter(({ position, server }) => position > parting && !theirs.includes(server))
      .map(({ server }) => server);
    const byIndex = (a: number, b: number): number => a - b;
    return { ours: [this.#self, ...ours].sort(byIndex), theirs: theirs.sort(byIndex) };
  }

  /**
   * [PROTO-43] How far questions are answered: everything where no server parts from us or q are on
   * our side, else what is common. What was binding before stays answered, whatever is claimed.
   */
  get limit(): number {
    const { parting } = this;
    if (parting === undefined || this.sides.ours.length >= this.#quorum) return Infinity;
    return Math.max(parting, this.binding);
  }

  /** [PROTO-43] q servers hold another log than this one: nothing more is applied. */
  get isOutvoted(): boolean {
    return this.#serverForks.length >= this.#quorum;
  }

  get #serverForks(): [number, Fork][] {
    return [...this.forks].filter(([source]) => source !== HOST);
  }
}

const thinned = (heads: readonly SignedHead[], max: number): readonly SignedHead[] =>
  heads.length < max ? heads : heads.filter((_, i) => i % 2 === 1);
