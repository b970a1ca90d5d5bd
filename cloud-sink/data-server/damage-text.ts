/** A damage in words: which vital sign of which stay, and when. Never what it holds. */
import { vitalOfCode } from '@vitalshare/edge/vital';
import { WINDOW_SECONDS } from '../limits.ts';
import { ProblemError } from '../messages/problem.ts';
import type { Applier } from './apply.ts';
import type { Books } from './books.ts';
import { StoreDamage } from './checked-store.ts';
import { CHUNK_SECONDS } from './chunk.ts';
import { chunkOf, type Damage, logOf, stayOf } from './damages.ts';
import { frameOfKey, positionOfTagsKey, windowOfBinsKey } from './keys.ts';

/** What a damage is about; `stay` and seconds where it is of one stay. */
export interface DamagePlace {
  /** `heart-rate`, `heart-rate × spo2`, `kept frame`, `counts of spo2`, `tags`, `batch hashes`. */
  readonly what: string;
  /** 16 bytes in hex; undefined where the books do not know it. */
  readonly log: string | undefined;
  readonly stay?: string | undefined;
  /** UTC seconds: from ≤ second < to. */
  readonly from?: number;
  readonly to?: number;
  /** In the log, of tags and batch hashes. */
  readonly position?: number;
}

export function placeOf(books: Books, damage: Damage): DamagePlace {
  const { table, key } = damage;
  const log = books.logs.find(({ index }) => index === logOf(key))?.log;
  const number = stayOf(key);
  const stay = number === undefined ? undefined : books.stay(logOf(key), number);
  const named = { log, stay: stay?.stay };
  const column = chunkOf(damage);
  if (column) {
    const from = column.chunk * CHUNK_SECONDS;
    return { what: names(column.vitals), ...named, from, to: from + CHUNK_SECONDS };
  }
  if (table === 'bins') {
    const { window: from } = windowOfBinsKey(key);
    return { what: `counts of ${names([key[6]!])}`, ...named, from, to: from + WINDOW_SECONDS };
  }
  if (table === 'frames') {
    const { micros, position } = frameOfKey(key);
    const longest = Math.max(stay?.frameMicrosMax ?? 0, 1_000_000);
    const [from, to] = [Math.floor(micros / 1e6), Math.ceil((micros + longest) / 1e6)];
    return { what: 'kept frame', ...named, from, to, position };
  }
  const what = table === 'tags' ? 'tags' : 'batch hashes';
  return { what, log, position: positionOfTagsKey(key) };
}

export function placeText({ what, log, stay, from, to, position }: DamagePlace): string {
  const where = `log ${log?.slice(0, 8) ?? 'not in the books'}`;
  if (from === undefined || to === undefined) return `${what} at position ${position!} of ${where}`;
  return `${what} of stay ${stay ?? '?'} (${where}) from ${utc(from)} to ${utc(to)}`;
}

const names = (codes: readonly number[]): string =>
  codes.map((code) => vitalOfCode(code)?.name ?? `vital sign ${code}`).join(' × ');

const utc = (second: number): string => `${new Date(1_000 * second).toISOString().slice(0, 19)}Z`;

/**
 * An answer, or the refusal of one that needs what is damaged [PROTO-45]: found by this question or
 * before, it is quarantined from here on.
 */
export async function orDamaged<Answer>(
  applier: Applier,
  act: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof StoreDamage)) throw error;
    applier.damages.found(error);
    throw damagedProblem(applier, error);
  }
}

function damagedProblem({ books, party, damages }: Applier, error: StoreDamage): ProblemError {
  const { server } = party;
  const damage = damages.damageOf(error);
  if (!damage) {
    return new ProblemError(
      'damaged',
      `the store of server ${server} is damaged and is made again from the log; ask again later, ` +
        "the other servers' answers hold",
      { server },
    );
  }
  const place = placeOf(books, damage);
  const { from, to } = place;
  return new ProblemError(
    'damaged',
    `server ${server} holds ${placeText(place)} damaged and makes it again from the log; ask again ` +
      "later or about another time, the other servers' answers hold",
    { server, ...(from !== undefined && to !== undefined && { from, to }) },
  );
}
