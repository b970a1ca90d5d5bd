/**
 * Mends what is damaged in the background, from the log within its epoch (`rebuild.ts`), for as long as
 * the server runs; what the log host no longer has, or not for this server, the other servers rebuild
 * (`mend-peers.ts`). Where neither can, both are asked again later. The operator hears of each damage
 * once, and once when it is whole again.
 */
import { MEND_AGAIN_MS, MEND_LOG_TRIES_MAX } from '../limits.ts';
import { LogError } from '../messages/batch.ts';
import { placeOf, placeText } from './damage-text.ts';
import { type Damage, idOf, logOf } from './damages.ts';
import type { FollowOptions } from './follow.ts';
import { ReplyError } from './get.ts';
import { mendFromPeers } from './mend-peers.ts';
import type { PeersOptions } from './peers.ts';
import { rebuildFromLog } from './rebuild.ts';
import { isAborted } from './scope.ts';
import { StoreError } from './store.ts';
import { connectionTrouble, hostTrouble } from './trouble.ts';

export interface MendOptions extends FollowOptions {
  /** Who else may help; without them only the log does. */
  readonly peers?: PeersOptions;
}

/** Resolves when `signal` aborts. */
export async function mendAll(options: MendOptions): Promise<void> {
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
      { event: 'damage', level: 'error' },
    );
    wake.abort();
  });
  for (const damage of damages.list)
    report(`${place(damage)} is still damaged on disk.`, { event: 'damage', level: 'error' });
  let trouble = '';
  let tries = 0;
  while (!signal.aborted) {
    wake = new AbortController();
    const open = damages.list;
    const fault = open.length > 0 ? await mend(options, open, tries) : undefined;
    tries = fault === undefined ? 0 : tries + 1;
    const still = new Set(damages.list.map(idOf));
    for (const damage of open)
      if (!still.has(idOf(damage))) report(`${place(damage)} is whole again.`, { event: 'mended' });
    if (fault !== undefined && fault !== trouble) {
      report(`what is damaged cannot be made again from the log (${fault}); trying again.`, {
        event: 'mend-trouble',
        level: 'warn',
      });
    }
    trouble = fault ?? '';
    if (!isAborted(signal)) await sleep(MEND_AGAIN_MS, wake.signal);
  }
  signal.removeEventListener('abort', end);
}

/** Why not all of it is mended; undefined where all is. */
async function mend(
  options: MendOptions,
  open: readonly Damage[],
  tries: number,
): Promise<string | undefined> {
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
      // [PROTO-49] Out of reach is not gone: a share from the log needs nobody's word.
      const isGone = error instanceof ReplyError || error instanceof LogError;
      if (!options.peers || (!isGone && tries < MEND_LOG_TRIES_MAX)) continue;
      const failed = await mendFromPeers(options, options.peers, here);
      fault = failed && `${fault}) nor by the other servers (${failed}`;
    }
  }
  return fault;
}

/** Of the network, the host, the log or the disk: each may pass. */
const isExpected = (error: unknown): error is Error =>
  error instanceof StoreError || connectionTrouble(error) !== null || hostTrouble(error) !== null;
