/**
 * Annotations of a WFDB record (`.atr`, `.qrs`, …) in MIT format: which beat, rhythm or noise is where.
 *
 *   word    low byte, high byte       code = word >> 10       value = word & 1023
 *   0       end of the file           1 to 49  an annotation, `value` samples after the one before
 *   59      SKIP: the next 4 bytes are samples to go, 32 bits, high word first, added to the time
 *   60 NUM, 61 SUB, 62 CHN            fields of the annotation just read; NUM and CHN stay in force
 *   63 AUX  `value` bytes of text for it, filled up to an even number
 *
 * Source: PhysioNet, WFDB Applications Guide, annot(5), and the table of codes in ecgcodes.h.
 */
import { ANNOTATIONS_MAX, WFDB_SAMPLES_MAX } from '../limits.ts';
import { FormatError } from './error.ts';

export interface Annotation {
  /** Samples since the record's first; never falls. */
  readonly sample: number;
  /** 1 to 49. */
  readonly code: number;
  /** The character that stands for `code`, or '' where there is none. */
  readonly symbol: string;
  /** −128 to 127. */
  readonly sub: number;
  /** 0 to 255. */
  readonly channel: number;
  /** −128 to 127. */
  readonly num: number;
  /** '' where there is none; `(AFIB` is a rhythm that begins. One character a byte, no NUL behind. */
  readonly aux: string;
}

/** Symbols by code; a space where a code has none. */
const SYMBOLS = ' NLRaVFJASEj/Q~ | sT*D"=pB^t+u?![]en@xf()r';
const BEAT_SYMBOLS = 'NLRaVFJASEj/QB?enfr';

const CODE_MAX = 49;
const SKIP = 59;
const NUM = 60;
const SUB = 61;
const CHN = 62;
const AUX = 63;

export const annotationSymbol = (code: number): string => (SYMBOLS[code] ?? ' ').trim();

/** Whether a code marks a heartbeat: what a detector must find. */
export const isBeat = (code: number): boolean => {
  const symbol = annotationSymbol(code);
  return symbol !== '' && BEAT_SYMBOLS.includes(symbol);
};

/** `name` is the file's, for errors. Throws FormatError, and nothing else, whatever the bytes. */
export function readAnnotations(bytes: Uint8Array, name: string): Annotation[] {
  const bad = (at: number, detail: string) =>
    new FormatError('bad-annotation', name, `byte ${at}: ${detail}`);
  const found: { -readonly [field in keyof Annotation]: Annotation[field] }[] = [];
  let sample = 0;
  for (let at = 0; ;) {
    if (at + 2 > bytes.length) throw cutOff(name, bytes, found.length);
    const word = bytes[at]! | (bytes[at + 1]! << 8);
    const code = word >> 10;
    const value = word & 1023;
    const last = found.at(-1);
    if (word === 0) {
      if (bytes.subarray(at).every((byte) => byte === 0)) return found;
      const more = bytes.length - at - 2;
      throw new FormatError('too-long', name, `expected the end at byte ${at}, got ${more} more`);
    }
    if (code === SKIP) {
      if (at + 6 > bytes.length) throw cutOff(name, bytes, found.length);
      const high = bytes[at + 2]! | (bytes[at + 3]! << 8);
      sample += (high << 16) | bytes[at + 4]! | (bytes[at + 5]! << 8);
      at += 6;
      continue;
    }
    if (code >= 1 && code <= CODE_MAX) {
      sample += value;
      if (!(sample >= (last?.sample ?? 0) && sample <= WFDB_SAMPLES_MAX)) {
        const least = last?.sample ?? 0;
        throw bad(at, `expected a sample in [${least}, ${WFDB_SAMPLES_MAX}], got ${sample}`);
      }
      if (found.length === ANNOTATIONS_MAX) {
        throw new FormatError('too-large', name, `expected at most ${ANNOTATIONS_MAX} annotations`);
      }
      const { num, channel } = last ?? { num: 0, channel: 0 };
      const symbol = annotationSymbol(code);
      found.push({ sample, code, symbol, sub: 0, channel, num, aux: '' });
    } else if (last === undefined || code < NUM) {
      throw bad(at, `expected an annotation, got code ${code}`);
    } else if (code === NUM) last.num = (value << 24) >> 24;
    else if (code === SUB) last.sub = (value << 24) >> 24;
    else if (code === CHN) last.channel = value & 255;
    else {
      if (at + 2 + value > bytes.length) throw cutOff(name, bytes, found.length);
      const text = bytes.subarray(at + 2, at + 2 + value);
      last.aux = String.fromCharCode(...text).replace(/\0+$/, '');
      at += value + (value % 2);
    }
    at += 2;
  }
}

/** An annotation file; `annotations` in order of time, codes 1 to 49. Throws RangeError otherwise. */
export function writeAnnotations(annotations: readonly Annotation[]): Uint8Array {
  const words: number[] = [];
  const word = (code: number, value: number): void => void words.push((code << 10) | value);
  let before = { sample: 0, num: 0, channel: 0 };
  for (const annotation of annotations) {
    const { sample, code, sub, num, channel, aux } = annotation;
    const gap = sample - before.sample;
    within('code', code, 1, CODE_MAX);
    within('sample', sample, before.sample, WFDB_SAMPLES_MAX);
    within('sub', sub, -128, 127);
    within('num', num, -128, 127);
    within('channel', channel, 0, 255);
    within('bytes of aux', aux.length, 0, 1023);
    // What stands before an annotation of code 0 and value 0 would end the file: codes begin at 1.
    const skips = gap > 1023;
    // A gap of 2^31 is the one that 32 bits with a sign do not hold; a second word takes the rest.
    const skip = Math.min(gap, 2 ** 31 - 1);
    if (skips) words.push(SKIP << 10, skip >>> 16, skip & 0xffff);
    word(code, skips ? gap - skip : gap);
    if (num !== before.num) word(NUM, num & 255);
    if (sub !== 0) word(SUB, sub & 255);
    if (channel !== before.channel) word(CHN, channel);
    if (aux !== '') {
      word(AUX, aux.length);
      for (let i = 0; i < aux.length; i += 2)
        words.push(latin1(aux, i) | (latin1(aux, i + 1) << 8));
    }
    before = annotation;
  }
  words.push(0);
  return Uint8Array.from(words.flatMap((each) => [each & 255, each >> 8]));
}

function latin1(text: string, at: number): number {
  const unit = at < text.length ? text.charCodeAt(at) : 0;
  return within('aux character', unit, 0, 255);
}

function within(what: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new RangeError(`${what}: expected an integer in [${low}, ${high}], got ${value}`);
}

function cutOff(name: string, bytes: Uint8Array, count: number): FormatError {
  if (bytes.length === 0) {
    return new FormatError('empty', name, 'expected annotations, got no bytes');
  }
  return new FormatError(
    'truncated',
    name,
    `expected an end mark, got the end of ${bytes.length} bytes after ${count} annotations`,
  );
}
