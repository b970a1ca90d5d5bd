/** How far the scan at start is: one line now and then, so that nobody takes a long one for a hang. */
import { SCAN_SAID_EVERY_MS } from '../limits.ts';

/** Returns what is to be called with the bytes of every read. `bytes` are those of all logs. */
export function scanProgress(
  bytes: number,
  clock: () => number,
  say: (sentence: string) => void,
): (readBytes: number) => void {
  let read = 0;
  let saidMs = clock();
  return (readBytes) => {
    read += readBytes;
    const nowMs = clock();
    if (nowMs - saidMs < SCAN_SAID_EVERY_MS) return;
    saidMs = nowMs;
    const percent = Math.floor((100 * read) / bytes);
    const megabytes = (some: number): string => (some / 1e6).toFixed(0);
    say(`reading its log: ${percent} %, ${megabytes(read)} of ${megabytes(bytes)} MB.`);
  };
}
