/**
 * The JSON bodies of answers (PROTOCOL.md, section 3). Encoders write canonical JSON; parsers take
 * any spelling, use every member and throw AnswerError `form`. `history-answer.ts` has the binary one.
 */
import { P } from '@vitalshare/edge/field';
import { toBase64Url } from '@vitalshare/edge/seal';
import { LABELS_MAX, LOGS_MAX, QUERY_VITALS_MAX } from '../limits.ts';
import { AnswerError } from './answer.ts';
import { canonicalBytes, CanonicalError, parseJson } from './canonical.ts';
import { Fields, isLogId } from './fields.ts';
import { type Labels, LABEL_EXPECTED, LABEL_TEXT, parseLabels } from './names.ts';
import { STAY_EXPECTED, STAY_NAME } from './names.ts';
import type { Snapshot } from './query.ts';

/** What every partial says of itself. */
export interface AnswerHead {
  /** Index from 1. */
  readonly server: number;
  readonly generation: number;
  /** configDigest, queryDigest and the digest of what it was computed over, base64url. */
  readonly config: string;
  readonly query: string;
  readonly data: string;
}

/** One server's partial: `sums` and `products` are shares, not results. Its `data` is [PROTO-16]. */
export interface MomentsAnswer extends AnswerHead {
  readonly asOf: Snapshot;
  readonly count: number;
  readonly patients: number;
  /** k of them from degree 1 on, else none. */
  readonly sums: readonly bigint[];
  /** k(k+1)/2 of them at degree 2, else none. */
  readonly products: readonly bigint[];
  /** Σ w and Σ w² of the patients' public weights, for unit patient alone [PROTO-34]. */
  readonly weights?: readonly [bigint, bigint];
}

export interface CatalogueStay {
  readonly stay: string;
  readonly tag: string;
  readonly admitted: boolean;
  readonly labels: Labels;
  /** By name: cells held and the UTC seconds they span, from ≤ second < to. */
  readonly vitals: Readonly<Record<string, { rows: number; from: number; to: number }>>;
  /** µs UTC, from ≤ time < to. */
  readonly waveforms: readonly { channel: string; lead: string; from: number; to: number }[];
}

export interface Catalogue {
  readonly heads: Snapshot;
  /** By rising name. */
  readonly stays: readonly CatalogueStay[];
}

export interface TagsAnswer {
  /** Where to ask from next; equal to the log's head when there is no more. */
  readonly next: number;
  /** 16 bytes each. */
  readonly tags: readonly Uint8Array[];
}

const fail = (message: string) => new AnswerError('form', message);

export const encodeMomentsAnswer = (answer: MomentsAnswer): Uint8Array =>
  canonicalBytes({
    ...answer,
    sums: answer.sums.map(String),
    products: answer.products.map(String),
    ...(answer.weights === undefined ? {} : { weights: answer.weights.map(String) }),
  });

export const encodeCatalogue = (answer: Catalogue): Uint8Array => canonicalBytes(answer);

export const encodeTagsAnswer = ({ next, tags }: TagsAnswer): Uint8Array =>
  canonicalBytes({ next, tags: tags.map(toBase64Url) });

export function parseMomentsAnswer(body: Uint8Array): MomentsAnswer {
  const fields = answerFields(body);
  const answer = {
    ...takeHead(fields),
    asOf: takePositions(fields, 'asOf'),
    count: fields.integer('count', 0, Number.MAX_SAFE_INTEGER),
    patients: fields.integer('patients', 0, Number.MAX_SAFE_INTEGER),
    sums: takeElements(fields, 'sums', QUERY_VITALS_MAX),
    products: takeElements(fields, 'products', (QUERY_VITALS_MAX * (QUERY_VITALS_MAX + 1)) / 2),
    ...(fields.has('weights') ? { weights: takeWeights(fields) } : {}),
  };
  fields.end();
  return answer;
}

export function parseCatalogue(body: Uint8Array): Catalogue {
  const fields = answerFields(body);
  const heads = takePositions(fields, 'heads');
  const stays = fields.list('stays', 0, Number.MAX_SAFE_INTEGER).map(catalogueStay);
  fields.end();
  return { heads, stays };
}

export function parseTagsAnswer(body: Uint8Array): TagsAnswer {
  const fields = answerFields(body);
  const next = fields.integer('next', 0, Number.MAX_SAFE_INTEGER);
  const tags = fields.list('tags', 0, Number.MAX_SAFE_INTEGER).map((tag) => {
    return new Fields({ tag }, fail).base64url('tag', 16);
  });
  fields.end();
  return { next, tags };
}

function catalogueStay(value: unknown): CatalogueStay {
  const fields = new Fields(value, fail);
  const stay = {
    stay: fields.text('stay', STAY_NAME, STAY_EXPECTED),
    tag: fields.text('tag', LABEL_TEXT, LABEL_EXPECTED),
    admitted: fields.boolean('admitted'),
    labels: parseLabels(fields.entries('labels', LABELS_MAX), fail),
    vitals: Object.fromEntries(
      fields.entries('vitals', 256).map(([name, held]): [string, Span & { rows: number }] => {
        const part = new Fields(held, fail);
        const rows = part.integer('rows', 0, Number.MAX_SAFE_INTEGER);
        return [name, { rows, ...takeSpan(part) }];
      }),
    ),
    waveforms: fields.list('waveforms', 0, 65_536).map((held) => {
      const part = new Fields(held, fail);
      const channel = part.text('channel', LABEL_TEXT, 'a waveform');
      const lead = part.text('lead', /^[A-Za-z0-9]{0,8}$/, 'a lead');
      return { channel, lead, ...takeSpan(part) };
    }),
  };
  fields.end();
  return stay;
}

interface Span {
  from: number;
  to: number;
}

function takeSpan(part: Fields): Span {
  const from = part.integer('from', 0, Number.MAX_SAFE_INTEGER);
  const to = part.integer('to', from, Number.MAX_SAFE_INTEGER);
  part.end();
  return { from, to };
}

export const takeHead = (fields: Fields): AnswerHead => ({
  server: fields.integer('server', 1, 16),
  generation: fields.integer('generation', 1, 0xffffffff),
  config: toBase64Url(fields.base64url('config', 32)),
  query: toBase64Url(fields.base64url('query', 32)),
  data: toBase64Url(fields.base64url('data', 32)),
});

export function takePositions(fields: Fields, name: string): Snapshot {
  return Object.fromEntries(
    fields.entries(name, LOGS_MAX).map(([log, position]): [string, number] => {
      if (!isLogId(log)) throw fail(`${name} must be keyed by log ids`);
      if (typeof position === 'number' && Number.isSafeInteger(position) && position >= 0) {
        return [log, position];
      }
      throw fail(`${name} must map logs to positions`);
    }),
  );
}

/** [SHARE-1] Canonical elements only: `p` and 0 are one value and must have one spelling [S6]. */
export function takeElements(fields: Fields, name: string, countMax: number): bigint[] {
  return fields.list(name, 0, countMax).map((value) => {
    const element =
      typeof value === 'string' && /^(?:0|[1-9]\d{0,18})$/.test(value) ? BigInt(value) : P;
    if (element >= P) throw fail(`${name} must be field elements as decimal strings`);
    return element;
  });
}

/** [PROTO-34] Public, so not elements: Σ w stays below p/2 [PROTO-31], and Σ w² below its square. */
function takeWeights(fields: Fields): readonly [bigint, bigint] {
  const [sum, squares] = fields.list('weights', 2, 2).map((value) => {
    if (typeof value === 'string' && /^[1-9]\d{0,36}$/.test(value)) return BigInt(value);
    throw fail('weights must be two positive integers as decimal strings');
  });
  return [sum!, squares!];
}

export function answerFields(body: Uint8Array): Fields {
  try {
    return new Fields(parseJson(body), fail);
  } catch (error) {
    if (error instanceof CanonicalError) throw fail(error.message);
    throw error;
  }
}
