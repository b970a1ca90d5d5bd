/**
 * Tags of the masked frames a log holds, for a gateway that was restored from an older copy and
 * rebuilds its replay window (PROTOCOL.md, /tags) [PROTO-8] [S1].
 */
import { BATCH_RECORDS_MAX, TAGS_MAX } from '../limits.ts';
import type { TagsAnswer } from '../messages/answer-bodies.ts';
import { ProblemError } from '../messages/problem.ts';
import type { TagsQuery } from '../messages/query.ts';
import type { Books } from './books.ts';
import { positionOfTagsKey, tagsKey } from './keys.ts';
import type { Store } from './store.ts';

const TAG_BYTES = 16;

/** Everything applied must be committed: tags are read from the store. Throws ProblemError. */
export function answerTags(books: Books, store: Store, { log: id, from }: TagsQuery): TagsAnswer {
  const log = books.log(id);
  if (!log) throw new ProblemError('unknown-log', `this server follows no log ${id}`);
  const tags: Uint8Array[] = [];
  const end = tagsKey(log.index, log.position);
  for (const key of store.keys('tags', firstKey(store, log.index, from), end)) {
    const batch = store.get('tags', key)!;
    if (tags.length > 0 && tags.length + batch.length / TAG_BYTES > TAGS_MAX) {
      return { next: positionOfTagsKey(key), tags };
    }
    for (let at = 0; at < batch.length; at += TAG_BYTES) {
      tags.push(batch.subarray(at, at + TAG_BYTES));
    }
  }
  return { next: log.position, tags };
}

/** The batch that holds `from`: batches start at positions nobody needs to know. */
function firstKey(store: Store, log: number, from: number): Uint8Array {
  let first = tagsKey(log, from);
  const earliest = tagsKey(log, Math.max(0, from - BATCH_RECORDS_MAX));
  for (const key of store.keys('tags', earliest, tagsKey(log, from + 1))) first = key;
  return first;
}
