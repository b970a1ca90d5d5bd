/**
 * A patient's history for a physician: masked parts, and this server's keystream for exactly those
 * (PROTOCOL.md, /history) [PROTO-18] [S7]. What leaves is keystream of granted parts; keys never do.
 *
 * Frames come in the order of logs, first µs, position, which is the same at every server, and so is
 * the cursor: `<log hex>.<first µs>.<position>` of the last frame of a page.
 */
import { elementCount, type FieldVector, writeElements } from '@vitalshare/edge/field';
import { grantBytes, grantCommit, grantElements } from '@vitalshare/edge/sharing/derive';
import { findVital, findWaveform, LEADS } from '@vitalshare/edge/vital';
import { HISTORY_BYTES_MAX } from '../limits.ts';
import {
  type HistoryAnswer,
  type HistoryPart,
  historyPartBytes,
} from '../messages/history-answer.ts';
import {
  columnHeader,
  decodeMaskedFrame,
  type MaskedFrame,
  segmentHeader,
} from '../messages/masked-frame.ts';
import { ProblemError } from '../messages/problem.ts';
import type { HistoryQuery } from '../messages/query.ts';
import type { Applier } from './apply.ts';
import { logBytes } from './books.ts';
import { memberAsOf } from './cohort.ts';
import { frameKey, frameOfKey } from './keys.ts';
import type { Run } from './runs.ts';
import { columnSpan, frameSpan, segmentSpan } from './spans.ts';
import type { LogState, Span, StayState } from './state.ts';
import type { Store } from './store.ts';

interface Frame {
  readonly log: LogState;
  readonly state: StayState;
  readonly position: number;
  readonly run: Run;
  readonly frame: MaskedFrame;
}

/** What of a frame was asked for. */
interface Wanted extends Span {
  readonly code: number;
  readonly isVital: boolean;
  readonly lead: number | undefined;
}

const FRAMES_A_BREATH = 64;

/**
 * The snapshot must have been reached and everything applied committed: frames are read from the
 * store. Throws ProblemError.
 */
export async function answerHistory(
  applier: Applier,
  store: Store,
  query: HistoryQuery,
  breathe: () => Promise<void>,
): Promise<HistoryAnswer> {
  const wanted = wantedOf(query);
  const parts: HistoryPart[] = [];
  let bytes = 0;
  let frames = 0;
  let last = '';
  for (const found of framesOf(applier, store, query, wanted)) {
    const granted = grantParts(found, wanted);
    const more = granted.reduce((sum, part) => sum + historyPartBytes(part), 0);
    if (parts.length > 0 && bytes + more > HISTORY_BYTES_MAX) return { next: last, parts };
    parts.push(...granted);
    bytes += more;
    last = cursorOf(found);
    if (++frames % FRAMES_A_BREATH === 0) await breathe();
  }
  return { next: '', parts };
}

function* framesOf(
  applier: Applier,
  store: Store,
  query: HistoryQuery,
  wanted: Wanted,
): Generator<Frame> {
  const member = memberAsOf(applier.books, query.asOf, query.stay);
  if (!member) throw new ProblemError('unknown-stay', `no stay ${query.stay} as of that position`);
  const after = query.after === undefined ? undefined : parseCursor(query.after);
  const isBegun = (id: string) => member.parts.findIndex(({ log }) => log.log === id);
  const firstPart = after ? isBegun(after.log) : 0;
  if (firstPart < 0) throw new ProblemError('bad-request', 'after is no cursor of this stay');
  for (const [index, { log, state, before }] of member.parts.entries()) {
    if (index < firstPart) continue;
    const from = Math.max(0, wanted.from - state.frameMicrosMax);
    const start =
      after && index === firstPart && after.micros >= from
        ? frameKey(log.index, state.number, after.micros, after.position + 1)
        : frameKey(log.index, state.number, from, 0);
    const end = frameKey(log.index, state.number, wanted.to, 0);
    for (const key of store.keys('frames', start, end)) {
      const { position } = frameOfKey(key);
      if (position >= before) continue;
      const value = store.get('frames', key)!;
      const number = new DataView(value.buffer).getUint32(0, true);
      const run = applier.runs.of(log, number);
      if (!run) throw new Error(`the store is damaged: run ${number} of log ${log.log} is missing`);
      yield { log, state, position, run, frame: decodeMaskedFrame(value.subarray(4)) };
    }
  }
}

/** The parts asked for, each with its share of the keystreams' order [SHARE-9] [SHARE-11]. */
function grantParts(found: Frame, wanted: Wanted): HistoryPart[] {
  return wanted.isVital ? grantColumns(found, wanted) : grantSegments(found, wanted);
}

function grantColumns({ log, state, position, run, frame }: Frame, wanted: Wanted): HistoryPart[] {
  const parts: HistoryPart[] = [];
  const { keys } = run;
  let element = 0;
  frame.columns.forEach((column, part) => {
    const count = elementCount(column.masked);
    if (column.vital === wanted.code && overlaps(columnSpan(column), wanted) && count > 0) {
      parts.push({
        log: logBytes(log),
        position,
        header: columnHeader(column),
        masked: elementBytes(column.masked),
        commitment: column.commitment,
        sets: keys.masks.map((mask) => ({
          mask,
          commit: grantCommit(keys, mask, state.stay, frame.counter, part),
          keystream: elementBytes(
            grantElements(keys, mask, state.stay, frame.counter, element, count),
          ),
        })),
      });
    }
    element += count;
  });
  return parts;
}

function grantSegments({ log, state, position, run, frame }: Frame, wanted: Wanted): HistoryPart[] {
  const parts: HistoryPart[] = [];
  const { keys } = run;
  let byte = 0;
  frame.segments.forEach((segment, index) => {
    const { channel, lead, masked } = segment;
    const isAsked = channel === wanted.code && (wanted.lead ?? lead) === lead;
    if (isAsked && overlaps(segmentSpan(segment), wanted)) {
      const part = frame.columns.length + index;
      parts.push({
        log: logBytes(log),
        position,
        header: segmentHeader(segment),
        masked,
        commitment: segment.commitment,
        sets: keys.masks.map((mask) => ({
          mask,
          commit: grantCommit(keys, mask, state.stay, frame.counter, part),
          keystream: grantBytes(keys, mask, state.stay, frame.counter, byte, masked.length),
        })),
      });
    }
    byte += masked.length;
  });
  return parts;
}

function wantedOf({ channel, lead, from, to }: HistoryQuery): Wanted {
  const vital = findVital(channel);
  if (vital && lead !== undefined) {
    throw new ProblemError('bad-request', `${channel} is a vital sign and has no lead`);
  }
  return {
    code: vital?.code ?? findWaveform(channel)!.code,
    isVital: vital !== undefined,
    lead: lead === undefined ? undefined : LEADS.indexOf(lead),
    from: from ?? 0,
    to: to ?? Number.MAX_SAFE_INTEGER,
  };
}

const overlaps = (span: Span, wanted: Span): boolean =>
  span.from < wanted.to && span.to > wanted.from;

function elementBytes(elements: FieldVector): Uint8Array {
  const bytes = new Uint8Array(8 * elementCount(elements));
  writeElements(elements, bytes, 0);
  return bytes;
}

function cursorOf({ log, position, frame }: Frame): string {
  return `${log.log}.${frameSpan(frame)!.from}.${position}`;
}

function parseCursor(text: string): { log: string; micros: number; position: number } {
  const match = /^([0-9a-f]{32})\.(\d{1,16})\.(\d{1,16})$/.exec(text);
  const micros = Number(match?.[2]);
  const position = Number(match?.[3]);
  if (!match || !Number.isSafeInteger(micros) || !Number.isSafeInteger(position + 1)) {
    throw new ProblemError('bad-request', 'after must be the `next` of a reply');
  }
  return { log: match[1]!, micros, position };
}
