/** Keys of `store.ts`, and the numbers back out of them: big-endian, so bytes sort as numbers. */

type Width = 1 | 2 | 4 | 8;

const makeKey = (...parts: readonly (readonly [number, Width])[]): Uint8Array => {
  const key = new Uint8Array(parts.reduce((sum, [, width]) => sum + width, 0));
  const view = new DataView(key.buffer);
  let at = 0;
  for (const [value, width] of parts) {
    if (width === 1) view.setUint8(at, value);
    else if (width === 2) view.setUint16(at, value);
    else if (width === 4) view.setUint32(at, value);
    else view.setBigUint64(at, BigInt(value));
    at += width;
  }
  return key;
};

export const logKey = (log: number) => makeKey([log, 2]);
export const runKey = (log: number, run: number) => makeKey([log, 2], [run, 4]);
export const stayKey = (log: number, stay: number) => makeKey([log, 2], [stay, 4]);
export const frameKey = (log: number, stay: number, micros: number, position: number) =>
  makeKey([log, 2], [stay, 4], [micros, 8], [position, 8]);
export const batchKey = (log: number, position: number) => makeKey([log, 2], [position, 8]);
export const tagsKey = (log: number, position: number) => makeKey([log, 2], [position, 8]);

export const binsKey = (
  log: number,
  stay: number,
  vital: number,
  window: number,
  position: number,
) => makeKey([log, 2], [stay, 4], [vital, 1], [window, 4], [position, 8]);

export function windowOfBinsKey(key: Uint8Array): { window: number; position: number } {
  const view = new DataView(key.buffer, key.byteOffset);
  return { window: view.getUint32(7), position: Number(view.getBigUint64(11)) };
}

/** Where a column of shares lives: one vital sign, or the product of two. */
export interface ColumnKey {
  readonly log: number;
  readonly stay: number;
  /** Codes: one, or two with a ≤ b for a product. */
  readonly vitals: readonly number[];
}

/** Written out: a scan makes two a chunk. */
export function chunkKey({ log, stay, vitals }: ColumnKey, chunk: number): Uint8Array {
  const key = new Uint8Array(10 + vitals.length);
  const view = new DataView(key.buffer);
  view.setUint16(0, log);
  view.setUint32(2, stay);
  key.set(vitals, 6);
  view.setUint32(6 + vitals.length, chunk);
  return key;
}

/** Where summaries live: 128 chunks of two vital signs, or of one where a = b. */
export const summaryKey = (
  { log, stay }: Pick<ColumnKey, 'log' | 'stay'>,
  a: number,
  b: number,
  block: number,
): Uint8Array => makeKey([log, 2], [stay, 4], [a, 1], [b, 1], [block, 4]);

export const vitalsOfSummaryKey = (key: Uint8Array): [number, number] => [key[6]!, key[7]!];

export const blockOfSummaryKey = (key: Uint8Array): number =>
  new DataView(key.buffer, key.byteOffset).getUint32(8);

/** The chunk number in a chunk's key. */
export const chunkOfKey = (key: Uint8Array): number =>
  new DataView(key.buffer, key.byteOffset).getUint32(key.length - 4);

export function frameOfKey(key: Uint8Array): { micros: number; position: number } {
  const view = new DataView(key.buffer, key.byteOffset);
  return { micros: Number(view.getBigUint64(6)), position: Number(view.getBigUint64(14)) };
}

export const positionOfTagsKey = (key: Uint8Array): number =>
  Number(new DataView(key.buffer, key.byteOffset).getBigUint64(2));
