/**
 * Mends what is damaged in the background, from the log within its epoch (`rebuild.ts`), for as long as
 * the server runs. Where the log cannot give it, it is asked again later; somebody else may mend it
 * meanwhile (`damages.ts`). The operator hears of each damage once, and once when it is whole again.
 */
import { MEND_AGAIN_MS } from '../limits.ts';
import { LogError } from '../messages/batch.ts';
import { placeOf, placeText } from './damage-text.ts';
import { type Damage, idOf, logOf } from './damages.ts';
import type { FollowOptions } from './follow.ts';
import { rebuildFromLog } from './rebuild.ts';
import { StoreError } from './store.ts';

/** Resolves when `signal` aborts. */
export async function mendAll(options: FollowOptions): Promise<void> {
  const { applier, report, signal, sleep } = options;
  const { damages } = applier;
  const place = (damage: Damage): string => placeText(placeOf(applier.books, damage));
  let wake = new AbortController();
  const end = (): void => wake.abort();
  signal.addEventListener('abort', end, { once: true });
  damages.onFound((damage) => {
    report(
      `${place(damage)} is damaged on disk; it is made again from the log, and until then what needs ` +
        'it is refused here, other servers go on.',
    );
    wake.abort();
  });
  for (const damage of damages.list) report(`${place(damage)} is still damaged on disk.`);
  let trouble = '';
  while (!signal.aborted) {
    wake = new AbortController();
    const open = damages.list;
    const fault = open.length > 0 ? await mend(options, open) : undefined;
    const still = new Set(damages.list.map(idOf));
    for (const damage of open)
      if (!still.has(idOf(damage))) report(`${place(damage)} is whole again.`);
    if (fault !== undefined && fault !== trouble) {
      report(`what is damaged cannot be made again from the log (${fault}); trying again.`);
    }
    trouble = fault ?? '';
    if (!isAborted(signal)) await sleep(MEND_AGAIN_MS, wake.signal);
  }
  signal.removeEventListener('abort', end);
}

/** Why not all of it is mended; undefined where all is. */
async function mend(options: FollowOptions, open: readonly Damage[]): Promise<string | undefined> {
  const { applier, signal } = options;
  let fault: string | undefined;
  for (const { index, log } of applier.books.logs) {
    const here = open.filter(({ key }) => logOf(key) === index);
    if (here.length === 0 || isAborted(signal)) continue;
    try {
      await rebuildFromLog(options, log, here);
      await applier.flush();
    } catch (error) {
      if (isAborted(signal)) continue;
      if (!isExpected(error)) throw error;
      fault = error.message;
    }
  }
  return fault;
}

/** Of the network, the host, the log or the disk: each may pass. */
const isExpected = (error: unknown): error is Error =>
  error instanceof LogError ||
  error instanceof StoreError ||
  error instanceof TypeError ||
  error instanceof DOMException ||
  (error instanceof Error && ['HostError', 'AnswerError'].includes(error.name));

const isAborted = (signal: AbortSignal): boolean => signal.aborted;
