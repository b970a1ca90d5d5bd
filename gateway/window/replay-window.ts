/**
 * Which frames are settled, for every node and boot, without end: a sequence number is durable or
 * it is not [WIRE-15]. In memory it is ranges; its truth is the tags in the log.
 */
import type { Range } from '@vitalshare/edge/wire';
import { ANSWER_RANGES_MAX } from '../limits.ts';
import { Ranges } from './ranges.ts';
import type { FrameName } from './tag.ts';

/** What an answer says about one boot [WIRE-12]. */
export interface Settled {
  readonly sequence: number;
  readonly missing: readonly Range[];
  readonly refused: readonly Range[];
}

/** Node id in decimal, boot, ends of the ranges settled, and of those refused. */
export type WindowEntry = readonly [
  id: string,
  boot: number,
  settled: readonly number[],
  refused: readonly number[],
];

interface Boot {
  readonly settled: Ranges;
  readonly refused: Ranges;
}

export class ReplayWindow {
  readonly #nodes = new Map<bigint, Map<number, Boot>>();

  /** What it takes in memory; asked by whoever measures, for it walks every boot. */
  get size(): { readonly boots: number; readonly ranges: number } {
    let [boots, ranges] = [0, 0];
    for (const known of this.#nodes.values()) {
      boots += known.size;
      for (const { settled, refused } of known.values()) ranges += settled.count + refused.count;
    }
    return { boots, ranges };
  }

  has({ id, boot, sequence }: Omit<FrameName, 'refused'>): boolean {
    return this.#nodes.get(id)?.get(boot)?.settled.has(sequence) ?? false;
  }

  hasBoot({ id, boot }: Pick<FrameName, 'id' | 'boot'>): boolean {
    return this.#nodes.get(id)?.has(boot) ?? false;
  }

  add({ id, boot, sequence, refused }: FrameName): void {
    let boots = this.#nodes.get(id);
    if (boots === undefined) this.#nodes.set(id, (boots = new Map<number, Boot>()));
    let known = boots.get(boot);
    if (known === undefined) {
      boots.set(boot, (known = { settled: new Ranges(), refused: new Ranges() }));
    }
    known.settled.add(sequence);
    if (refused) known.refused.add(sequence);
  }

  /** Everything, for a checkpoint. */
  *entries(): Generator<WindowEntry> {
    for (const [id, boots] of this.#nodes) {
      for (const [boot, { settled, refused }] of boots) {
        yield [String(id), boot, settled.ends, refused.ends];
      }
    }
  }

  /** Into an empty window. */
  load(entries: Iterable<WindowEntry>): void {
    for (const [text, boot, settled, refused] of entries) {
      const id = BigInt(text);
      const boots = this.#nodes.get(id) ?? new Map<number, Boot>();
      this.#nodes.set(id, boots);
      boots.set(boot, { settled: new Ranges(settled), refused: new Ranges(refused) });
    }
  }

  /** Frames of the node that did not come though later ones of their boot did; asked for by answers. */
  missing(id: bigint): number {
    let missing = 0;
    for (const { settled } of this.#nodes.get(id)?.values() ?? []) {
      missing += settled.last;
      for (let i = 0; i < settled.count; i++) {
        const { first, last } = settled.at(i);
        missing -= last - first + 1;
      }
    }
    return missing;
  }

  /** Everything of another window. */
  absorb(other: ReplayWindow): void {
    for (const [id, boots] of other.#nodes) {
      for (const [boot, { settled, refused }] of boots) {
        for (let i = 0; i < settled.count; i++) {
          const { first, last } = settled.at(i);
          for (let sequence = first; sequence <= last; sequence++) {
            this.add({ id, boot, sequence, refused: refused.has(sequence) });
          }
        }
      }
    }
  }

  /**
   * What holds of this boot, said so that `around`, a settled sequence number, stands exactly.
   *
   * An answer has room for 32 gaps. A node that lost frames for good may leave more, and an answer
   * that stopped at the 32nd would never settle what comes behind. So the oldest gaps, far from
   * `around`, are named as one range with what lies between them: that only asks the node for
   * frames it may not have any more, and never says settled of one that is not.
   */
  settled(id: bigint, boot: number, around: number): Settled {
    const known = this.#nodes.get(id)?.get(boot);
    if (known === undefined) return { sequence: 0, missing: [], refused: [] };
    const { sequence, missing } = gapsAround(known.settled, around);
    const refused = refusedAround(known.refused, around, sequence).filter(
      ({ first, last }) => !missing.some((gap) => gap.first <= last && first <= gap.last),
    );
    return { sequence, missing, refused };
  }
}

function gapsAround(settled: Ranges, around: number): { sequence: number; missing: Range[] } {
  const gap = (index: number): Range => {
    const first = index === 0 ? 1 : settled.at(index - 1).last + 1;
    return { first, last: settled.at(index).first - 1 };
  };
  // Gap i lies before range i; the one before the first range may be empty.
  const from = settled.at(0).first === 1 ? 1 : 0;
  const count = settled.count - from;
  if (count <= ANSWER_RANGES_MAX) {
    const missing = Array.from({ length: count }, (_, i) => gap(from + i));
    return { sequence: settled.last, missing };
  }
  let low = from;
  while (low < settled.count && settled.at(low).first <= around) low += 1;
  // `low` is now the first gap behind `around`: half of the room goes to either side.
  const exactMax = ANSWER_RANGES_MAX - 1;
  const start = Math.min(Math.max(low - (exactMax >> 1), from), settled.count - exactMax);
  const end = start + exactMax;
  const exact = Array.from({ length: exactMax }, (_, i) => gap(start + i));
  const older = start > from ? [{ first: gap(from).first, last: gap(start - 1).last }] : [];
  return { sequence: settled.at(end - 1).last, missing: [...older, ...exact] };
}

/** The 32 nearest to `around`, at or before `sequence`: [WIRE-13] uses them to count only. */
function refusedAround(refused: Ranges, around: number, sequence: number): Range[] {
  const near: Range[] = [];
  let low = 0;
  while (low < refused.count && refused.at(low).last <= around) low += 1;
  const start = Math.max(0, Math.min(low + 1, refused.count) - ANSWER_RANGES_MAX);
  for (let i = start; i < refused.count && near.length < ANSWER_RANGES_MAX; i++) {
    const { first, last } = refused.at(i);
    if (last <= sequence) near.push({ first, last });
  }
  return near;
}
