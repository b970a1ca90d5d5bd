/**
 * /repair: one data server asks the others for what it lost (PROTOCOL.md).     [PROTO-47] [PROTO-48]
 *
 *   question   which value of which log, as of a position of it
 *   answer     server u8 ‖ generation u32 ‖ config 32 B ‖ query 32 B ‖ data 32 B
 *              ‖ public length u32 ‖ public ‖ masked u64*
 *   data       SHA-256("vitalshare repair data 1" ‖ log 16 B ‖ hash 32 B ‖ SHA-256(public))
 *
 * `public` is what every server holds alike; it says how many masked shares follow:
 *
 *   cells      presence 500 B ‖ (position u64 ‖ first slot u16 ‖ slots u16)*     a share a cell
 *   products   presence 500 B                                                    a share a cell
 *   bins       readings u16 ‖ bins u8                                            a share a bin
 *   frame      run u32 ‖ masked frame      tags   16 B a frame      batch   its hash, 32 B      none
 */
import { elementCount, FieldError, type FieldVector } from '@vitalshare/edge/field';
import { readElements, writeElements } from '@vitalshare/edge/field';
import { concatBytes, sha256, toBase64Url, fromBase64Url, utf8 } from '@vitalshare/edge/seal';
import { BATCH_BYTES_MAX, BINS_MAX, WINDOW_SECONDS } from '../limits.ts';
import { AnswerError } from './answer.ts';
import { ByteReader, ByteWriter } from './byte-reader.ts';
import type { Fields } from './fields.ts';
import { STAY_EXPECTED, STAY_NAME } from './names.ts';
import { bad, fieldsOf } from './query.ts';

/** What was lost. Codes are not looked up: a server older than the vocabulary goes on. */
export type RepairPart =
  | {
      readonly kind: 'cells';
      readonly stay: string;
      readonly vital: number;
      readonly chunk: number;
    }
  | {
      readonly kind: 'products';
      readonly stay: string;
      /** a ≤ b. */
      readonly vitals: readonly [number, number];
      readonly chunk: number;
    }
  | {
      readonly kind: 'bins';
      readonly stay: string;
      readonly vital: number;
      readonly window: number;
      /** Of the record, in its log. */
      readonly at: number;
    }
  | { readonly kind: 'frame'; readonly stay: string; readonly micros: number; readonly at: number }
  /** Of the batch that begins there. */
  | { readonly kind: 'tags'; readonly at: number }
  | { readonly kind: 'batch'; readonly at: number };

export type RepairQuery = RepairPart & {
  readonly version: 1;
  /** 16 bytes in hex. */
  readonly log: string;
  /** Records of the log before it count. */
  readonly position: number;
};

export interface RepairAnswer {
  readonly server: number;
  readonly generation: number;
  /** base64url of 32 bytes each. */
  readonly config: string;
  readonly query: string;
  readonly data: string;
  readonly public: Uint8Array;
  /** f(i) + g(i), one a share [SHARE-22]. */
  readonly masked: FieldVector;
}

/** Seconds of a chunk [PROTO-20]. */
const CHUNK_SLOTS = 4_000;
const PRESENCE_BYTES = CHUNK_SLOTS / 8;
const ARRIVAL_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + 4 + 3 * 32 + 4;
const SAFE = Number.MAX_SAFE_INTEGER;

export function parseRepairQuery(body: Uint8Array): RepairQuery {
  const fields = fieldsOf(body);
  const query = {
    version: fields.literal('version', 1),
    log: fields.logId('log'),
    position: fields.integer('position', 1, SAFE),
    ...takePart(fields),
  };
  fields.end();
  if ('at' in query && query.at >= query.position) throw bad('at must be before position');
  return query;
}

function takePart(fields: Fields): RepairPart {
  const kind = fields.take('kind');
  const at = () => fields.integer('at', 0, SAFE);
  if (kind === 'tags') return { kind, at: at() };
  if (kind === 'batch') return { kind, at: at() };
  const stay = fields.text('stay', STAY_NAME, STAY_EXPECTED);
  const vital = () => fields.integer('vital', 0, 0xff);
  const chunk = () => fields.integer('chunk', 0, Math.floor(0xffffffff / CHUNK_SLOTS));
  if (kind === 'cells') return { kind, stay, vital: vital(), chunk: chunk() };
  if (kind === 'products') return { kind, stay, vitals: takePair(fields), chunk: chunk() };
  if (kind === 'frame') return { kind, stay, micros: fields.integer('micros', 0, SAFE), at: at() };
  if (kind !== 'bins') {
    throw bad('kind must be cells, products, bins, frame, tags or batch');
  }
  const window = fields.integer('window', 0, 0xffffffff);
  if (window % WINDOW_SECONDS !== 0) throw bad(`window must be a multiple of ${WINDOW_SECONDS}`);
  return { kind, stay, vital: vital(), window, at: at() };
}

function takePair(fields: Fields): [number, number] {
  const [a, b] = fields.list('vitals', 2, 2);
  if (isCode(a) && isCode(b) && a <= b) return [a, b];
  throw bad('vitals must be two codes, a ≤ b');
}

const isCode = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xff;

/** `hash` is that of the batch that holds the last record before the position [PROTO-48]. */
export const repairData = (log: Uint8Array, hash: Uint8Array, shown: Uint8Array): Uint8Array =>
  sha256(concatBytes(utf8('vitalshare repair data 1'), log, hash, sha256(shown)));

/** How many shares go with `shown`. Throws AnswerError where it is not of the form of its kind. */
export function sharesOf({ kind }: RepairPart, shown: Uint8Array): number {
  const { length } = shown;
  if (kind === 'cells' || kind === 'products') {
    const runs = length - PRESENCE_BYTES;
    if (runs < 0 || runs % ARRIVAL_BYTES !== 0 || (kind === 'products' && runs > 0)) {
      throw fail(`${kind} of ${length} bytes`);
    }
    const cells = cellsIn(shown);
    if (cells === 0) throw fail(`${kind} without a cell`);
    if (kind === 'cells') checkArrivals(shown, cells);
    return cells;
  }
  if (kind === 'bins') {
    const count = shown[2] ?? 0;
    if (length !== 3 || count < 1 || count > BINS_MAX) throw fail('bins of another form');
    return count;
  }
  const isGood =
    kind === 'frame'
      ? length > 4 && length <= BATCH_BYTES_MAX
      : kind === 'tags'
        ? length > 0 && length % TAG_BYTES === 0 && length <= BATCH_BYTES_MAX
        : length === 32;
  if (!isGood) throw fail(`a ${kind} of ${length} bytes`);
  return 0;
}

/** Runs by rising position, disjoint, over just the cells that are present. */
function checkArrivals(shown: Uint8Array, cells: number): void {
  const reader = new ByteReader(shown, fail, PRESENCE_BYTES);
  const covered = new Uint8Array(CHUNK_SLOTS);
  let before = -1;
  let slotsInAll = 0;
  while (reader.at < shown.length) {
    const position = reader.u64('position');
    const first = reader.u16('first slot');
    const slots = reader.u16('slots');
    if (position < before || slots === 0 || first + slots > CHUNK_SLOTS) throw fail('arrivals');
    for (let slot = first; slot < first + slots; slot++) {
      const isPresent = (shown[slot >>> 3]! >> (slot & 7)) & 1;
      if (!isPresent || covered[slot]) throw fail('arrivals of cells that are not there');
      covered[slot] = 1;
    }
    slotsInAll += slots;
    before = position;
  }
  if (slotsInAll !== cells) throw fail('cells without an arrival');
}

function cellsIn(shown: Uint8Array): number {
  let cells = 0;
  for (const byte of shown.subarray(0, PRESENCE_BYTES)) {
    for (let bits = byte; bits > 0; bits &= bits - 1) cells++;
  }
  return cells;
}

export function encodeRepairAnswer(answer: RepairAnswer): Uint8Array {
  const { public: shown, masked } = answer;
  const out = new ByteWriter(HEAD_BYTES + shown.length + 8 * elementCount(masked));
  out.u8(answer.server);
  out.u32(answer.generation);
  for (const digest of [answer.config, answer.query, answer.data]) {
    out.put(fromBase64Url(digest, 32));
  }
  out.u32(shown.length);
  out.put(shown);
  out.at = writeElements(masked, out.bytes, out.at);
  return out.finish();
}

/** Throws AnswerError `form` and nothing else, whatever the bytes. */
export function decodeRepairAnswer(part: RepairPart, body: Uint8Array): RepairAnswer {
  const reader = new ByteReader(body, fail);
  const digest = (field: string) => toBase64Url(reader.take(field, 32));
  const head = {
    server: reader.u8('server'),
    generation: reader.u32('generation'),
    config: digest('config'),
    query: digest('query'),
    data: digest('data'),
  };
  const shown = reader.take('public', reader.u32('public length')).slice();
  const count = sharesOf(part, shown);
  const masked = takeShares(reader.take('masked shares', 8 * count), count);
  reader.end();
  return { ...head, public: shown, masked };
}

function takeShares(bytes: Uint8Array, count: number): FieldVector {
  try {
    return readElements(bytes, 0, count);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    throw fail(error.message); // [SHARE-1] [S6]
  }
}

const fail = (message: string) => new AnswerError('form', `repair: ${message}`);
