/**
 * Whether a question is safe to ask, decided before anything is asked.
 *
 *   rows · max|x| < p/2  for a sum        rows · max|x·y| < p/2  for a product          [PROTO-15]
 *
 * `rows` is bounded from what the servers' catalogues and the time range allow, magnitudes from the
 * declared ranges. A result beyond p/2 would wrap and look like another number. A question that is
 * too large is refused whole: asked in parts it would open the parts [S19].
 */
import { P } from '@vitalshare/edge/field';
import { magnitudeMax, type Vital } from '@vitalshare/edge/vital';
import type { Catalogue, CatalogueStay } from '../messages/messages.ts';
import { scaleMax } from '../messages/patient-weights.ts';
import { listed, ReaderError } from './errors.ts';

export interface CohortQuestion {
  readonly vitals: readonly Vital[];
  /** UTC seconds, `from ≤ second < to`. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly where: Readonly<Record<string, string>>;
  readonly stays?: readonly string[] | undefined;
}

/** Its members in the body of a request; what is not asked is absent. */
export const cohortOf = ({ from, to, where, stays }: Omit<CohortQuestion, 'vitals'>) => ({
  where,
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
  ...(stays === undefined ? {} : { stays }),
});

/** Throws ReaderError `could-wrap` where so many rows could exceed the field at that degree. */
export function refuseWrap(vitals: readonly Vital[], degree: 0 | 1 | 2, rows: number): void {
  if (degree === 0) return;
  const magnitudes = vitals.map((vital) => BigInt(Math.ceil(magnitudeMax(vital))));
  magnitudes.forEach((own, a) => {
    for (let b = degree === 2 ? a : magnitudes.length - 1; b < magnitudes.length; b++) {
      const term = degree === 2 ? own * magnitudes[b]! : own;
      const rowsMax = (P / 2n - 1n) / (term > 0n ? term : 1n);
      if (BigInt(rows) <= rowsMax) continue;
      const names = [...new Set([vitals[a]!.name, ...(degree === 2 ? [vitals[b]!.name] : [])])];
      throw new ReaderError(
        'could-wrap',
        `The question covers up to ${rows} rows; with the ranges of ${listed(names)} at most ` +
          `${rowsMax} can be added up without exceeding the field. Ask about a shorter time, per ` +
          'window with --every, or about fewer stays.',
      );
    }
  });
}

/** The same over patients' means [PROTO-31]: `rows` of each patient at most. */
export function refusePatientsWrap(vitals: readonly Vital[], rows: readonly number[]): void {
  const most = rows.reduce((a, b) => Math.max(a, b), 0);
  const allowed = rows.length === 0 ? 0n : scaleMax(rows.length, vitals);
  if (BigInt(most) <= allowed) return;
  throw new ReaderError(
    'could-wrap',
    `The question covers up to ${most} rows of one of ${rows.length} patients; with the ranges of ` +
      `${listed(vitals.map(({ name }) => name))} a mean of each can be had from at most ${allowed} ` +
      'without exceeding the field. Ask per window with --every, or about a shorter time.',
  );
}

/** Rows each patient (tag) can have at most, as one server's catalogue tells; none without any. */
export function patientRowsBound(question: CohortQuestion, catalogue: Catalogue): number[] {
  const rows = new Map<string, number>();
  for (const stay of catalogue.stays) {
    if (!isAsked(question, stay)) continue;
    rows.set(stay.tag, (rows.get(stay.tag) ?? 0) + rowsOfStay(question, stay));
  }
  return [...rows.values()].filter((count) => count > 0);
}

/** Rows the question can have at most, as one server's catalogue tells. */
export function rowsBound(question: CohortQuestion, catalogue: Catalogue): number {
  return catalogue.stays
    .filter((stay) => isAsked(question, stay))
    .reduce((sum, stay) => sum + rowsOfStay(question, stay), 0);
}

/**
 * Refuses names no server knows. A name that only some know is left to the servers: their catalogues
 * may be moments apart.
 */
export function refuseUnknown(question: CohortQuestion, catalogues: readonly Catalogue[]): void {
  const stays = catalogues.flatMap((catalogue) => catalogue.stays);
  const names = new Set(stays.map((stay) => stay.stay));
  for (const name of question.stays ?? []) {
    if (names.has(name)) continue;
    throw new ReaderError('unknown-stay', `There is no stay ${name}. ${known('Stays', names)}`);
  }
  for (const [key, value] of Object.entries(question.where)) {
    if (stays.some((stay) => stay.labels[key] === value)) continue;
    const pairs = stays.flatMap((stay) => Object.entries(stay.labels).map(([k, v]) => `${k}=${v}`));
    throw new ReaderError(
      'unknown-label',
      `No stay carries the label ${key}=${value}. ${known('Labels', new Set(pairs))}`,
    );
  }
}

/** Values of a label on the stays asked about, as one server's catalogue tells. */
export const valuesOfLabel = (
  question: CohortQuestion,
  catalogue: Catalogue,
  key: string,
): string[] =>
  [
    ...new Set(catalogue.stays.filter((stay) => isAsked(question, stay)).map((s) => s.labels[key])),
  ].filter((value) => value !== undefined);

/** Patients (tags) of the stays asked about that carry a label, as one server's catalogue tells. */
export const tagsOf = (
  question: CohortQuestion,
  catalogue: Catalogue,
  key: string,
  value: string,
): Set<string> =>
  new Set(
    catalogue.stays
      .filter((stay) => isAsked(question, stay) && stay.labels[key] === value)
      .map(({ tag }) => tag),
  );

/** Whether one tag with the vital signs asked about stands under two of the values, as one catalogue tells. */
export function sharesPatients(
  question: CohortQuestion,
  catalogue: Catalogue,
  by: string,
  values: readonly string[],
): boolean {
  const measured = catalogue.stays.filter((stay) =>
    question.vitals.every((vital) => stay.vitals[vital.name] !== undefined),
  );
  const groups = values.map((v) => tagsOf(question, { ...catalogue, stays: measured }, by, v));
  const tags = groups.flatMap((group) => [...group]);
  return new Set(tags).size < tags.length;
}

/** No stay asked about carries a label of that name. */
export function unknownLabel(key: string, catalogues: readonly Catalogue[]): ReaderError {
  const stays = catalogues.flatMap((catalogue) => catalogue.stays);
  const keys = new Set(stays.flatMap((stay) => Object.keys(stay.labels)));
  return new ReaderError(
    'unknown-label',
    `No stay asked about carries a label ${key}. ${known('Labels', keys)}`,
  );
}

const NAMES_SHOWN = 12;

/** `Stays: a, b and 3 more.` */
export function known(noun: string, names: ReadonlySet<string>): string {
  const sorted = [...names].sort();
  if (sorted.length === 0) return `${noun}: none yet.`;
  const more = sorted.length - NAMES_SHOWN;
  const shown = sorted.slice(0, NAMES_SHOWN);
  return `${noun}: ${more > 0 ? `${shown.join(', ')} and ${more} more` : listed(shown)}.`;
}

const isAsked = (question: CohortQuestion, stay: CatalogueStay): boolean =>
  (question.stays?.includes(stay.stay) ?? true) &&
  Object.entries(question.where).every(([key, value]) => stay.labels[key] === value);

/** UTC seconds in which the question can have rows at all, as one server's catalogue tells. */
export function extentOf(
  question: CohortQuestion,
  catalogue: Catalogue,
): { readonly from: number; readonly to: number } | undefined {
  const spans = catalogue.stays.flatMap((stay) => {
    if (!isAsked(question, stay)) return [];
    const held = question.vitals.map((vital) => stay.vitals[vital.name]);
    if (held.some((each) => each === undefined || each.rows === 0)) return [];
    const from = Math.max(...held.map((each) => each!.from));
    const to = Math.min(...held.map((each) => each!.to));
    return from < to ? [{ from, to }] : [];
  });
  if (spans.length === 0) return undefined;
  return spans.reduce((a, b) => ({ from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) }));
}

/** A row needs every vital sign, so the rarest bounds them all. */
function rowsOfStay(question: CohortQuestion, stay: CatalogueStay): number {
  const bounds = question.vitals.map((vital) => {
    const held = stay.vitals[vital.name];
    if (held === undefined) return 0;
    const from = Math.max(question.from ?? held.from, held.from);
    const to = Math.min(question.to ?? Infinity, held.to);
    return Math.max(0, Math.min(held.rows, to - from));
  });
  return Math.min(...bounds);
}
