/**
 * Damaged values put in place again from other servers, where the log cannot give them [S5]. [PROTO-49]
 *
 * While a damage is open nothing is applied that would change it, so what the others give as of the
 * position asked for is what belongs there, however far this server has come meanwhile.
 */
import type { Say } from '@vitalshare/edge/operations';
import type { RepairPart } from '../messages/repair.ts';
import type { Applier } from './apply.ts';
import { SHARES_BYTES } from './chunk.ts';
import { chunkOf, type Damage, logOf, stayOf } from './damages.ts';
import { rebuild, RebuildError, rebuiltText } from './from-peers.ts';
import { frameOfKey, positionOfTagsKey, windowOfBinsKey } from './keys.ts';
import type { PeersOptions } from './peers.ts';
import { StoreError } from './store.ts';

interface Mending {
  readonly applier: Applier;
  readonly report: Say;
  readonly signal: AbortSignal;
}

/** Mends what it can of `damages`, all of one log. Why not all of it; undefined where all is. */
export async function mendFromPeers(
  { applier, report, signal }: Mending,
  peers: PeersOptions,
  damages: readonly Damage[],
): Promise<string | undefined> {
  let fault: string | undefined;
  for (const damage of damages) {
    if (signal.aborted) break;
    const log = applier.books.logs.find(({ index }) => index === logOf(damage.key));
    const part = partOf(applier, damage);
    if (!log || !part) continue;
    try {
      const rebuilt = await rebuild(peers, log, part);
      const { value, from, named, checked } = rebuilt;
      const isChunk = chunkOf(damage) !== undefined;
      const [own, arrivals] = isChunk
        ? [value.slice(0, SHARES_BYTES), value.slice(SHARES_BYTES)]
        : [value, new Uint8Array(0)];
      applier.mend(damage, own, arrivals, { from, named, checked });
      await applier.flush();
      const level = checked === 'unchecked' || named.length > 0 ? 'warn' : 'info';
      report(rebuiltText(part, rebuilt), { event: 'rebuilt', level, fields: { checked } });
    } catch (error) {
      if (!(error instanceof RebuildError || error instanceof StoreError)) throw error;
      fault = error.message;
    }
  }
  return fault;
}

/** Undefined where the books do not know its stay. */
export function partOf({ books }: Applier, damage: Damage): RepairPart | undefined {
  const { table, key } = damage;
  if (table === 'tags' || table === 'batches') {
    return { kind: table === 'tags' ? 'tags' : 'batch', at: positionOfTagsKey(key) };
  }
  const stay = books.stay(logOf(key), stayOf(key)!)?.stay;
  if (stay === undefined) return undefined;
  const column = chunkOf(damage);
  if (column) {
    const { vitals, chunk } = column;
    const [a, b] = vitals;
    if (b === undefined) return { kind: 'cells', stay, vital: a!, chunk };
    return { kind: 'products', stay, vitals: [a!, b], chunk };
  }
  if (table === 'bins') {
    const { window, position } = windowOfBinsKey(key);
    return { kind: 'bins', stay, vital: key[6]!, window, at: position };
  }
  const { micros, position } = frameOfKey(key);
  return { kind: 'frame', stay, micros, at: position };
}
