/**
 * Names that travel in the log and in queries: stays, tags and labels (PROTOCOL.md, section 2).
 * Plain ASCII, so that their order, their bytes and their spelling on a command line are one.
 */
import { LABELS_MAX } from '../limits.ts';

export const STAY_NAME = /^[a-z0-9._-]{1,64}$/;
export const LABEL_TEXT = /^[A-Za-z0-9._-]{1,64}$/;

export const STAY_EXPECTED = 'a stay: 1 to 64 characters of a-z 0-9 - _ .';
export const LABEL_EXPECTED = '1 to 64 characters of A-Z a-z 0-9 - _ .';

export type Labels = Readonly<Record<string, string>>;

/** At most 16 of them, keys and values alike. Throws what `fail` makes. */
export function parseLabels(
  entries: readonly (readonly [string, unknown])[],
  fail: (message: string) => Error,
): Labels {
  if (entries.length > LABELS_MAX) throw fail(`at most ${LABELS_MAX} labels are allowed`);
  const labels: [string, string][] = [];
  for (const [key, value] of entries) {
    if (!LABEL_TEXT.test(key) || typeof value !== 'string' || !LABEL_TEXT.test(value)) {
      throw fail(`labels must be ${LABEL_EXPECTED}, keys and values`);
    }
    labels.push([key, value]);
  }
  return Object.fromEntries(labels);
}
