/**
 * Whether a log host has an end of a batch that we have: the batch that starts there names the hash
 * before it, or its log ends there. Asked only to find where a proven fork parts (`search.ts`).
 */
import { toBase64Url } from '@vitalshare/edge/seal';
import { PEER_REPLY_MS_MAX } from '../../limits.ts';
import { BATCH_HEADER_BYTES } from '../../messages/batch.ts';
import type { BatchEnd } from '../../messages/heads.ts';
import { HEAD_HEADER, parseHeadLine } from '../../messages/signed-head.ts';
import { get, type Getting, ReplyError } from '../get.ts';

/** Where `previous` stands in a batch (PROTOCOL.md, section 2). */
const PREVIOUS_FROM = 29;
const PREVIOUS_TO = 61;

/** Rejects where it does not answer. */
export async function hostHasEnd(
  { gateway: address, ...getting }: Getting & { readonly gateway: string },
  log: string,
  { position, hash }: BatchEnd,
): Promise<boolean> {
  const path = `/log/${log}?from=${position}`;
  const asked = { who: 'the log host', address, path, msMax: PEER_REPLY_MS_MAX };
  try {
    return await get(getting, asked, async (response) => {
      const start = await firstBytes(response, BATCH_HEADER_BYTES);
      if (start.length > 0) return toBase64Url(start.subarray(PREVIOUS_FROM, PREVIOUS_TO)) === hash;
      const head = parseHeadLine(log, response.headers.get(HEAD_HEADER) ?? '');
      return head?.position === position && head.hash === hash;
    });
  } catch (error) {
    if (error instanceof ReplyError && error.status === 409) return false; // No batch begins there.
    throw error;
  }
}

async function firstBytes(response: Response, count: number): Promise<Uint8Array> {
  const start = new Uint8Array(count);
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    start.set(chunk.subarray(0, count - length), length);
    length += Math.min(chunk.length, count - length);
    if (length === count) break;
  }
  return start.subarray(0, length);
}
