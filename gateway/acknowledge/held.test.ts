import { randomBytes } from 'node:crypto';
import {
  headLine,
  heldLine,
  type SignedHead,
  signHead,
  signHeld,
} from '@vitalshare/cloud-sink/messages';
import { makeIdentity, publicOf, signer } from '@vitalshare/edge/identity/node';
import { toBase64Url, toHex } from '@vitalshare/edge/seal';
import { describe, expect, it } from 'vitest';
import { ReplayWindow } from '../window/replay-window.ts';
import { AcknowledgeHeld, type BeforeRun } from './held.ts';
import { HeldTags } from './held-tags.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const LOG = toHex(random(16));
const CONFIG = toBase64Url(random(32));
const GATEWAY = makeIdentity('gateway', 'gateway', random);
const SERVERS = [1, 2, 3].map((j) => makeIdentity(`server ${j}`, 'data-server', random));
const HASHES = new Map<number, string>();

/** The head of this log at a position, as the gateway signs it. */
function headAt(position: number, log = LOG): SignedHead {
  const hash = HASHES.get(position) ?? toBase64Url(random(32));
  HASHES.set(position, hash);
  return signHead(CONFIG, { log, position, hash, time: 1_800_000_000_000 }, signer(GATEWAY));
}

const line = (server: number, position: number, by = server, head = headAt(position)): string =>
  heldLine(signHeld(CONFIG, head, { server, heldAt: 0 }, signer(SERVERS[by - 1]!)));

function gate(before: readonly BeforeRun[] = []) {
  const held = new AcknowledgeHeld({
    ...{ configDigest: CONFIG, threshold: 1, log: LOG, before, window: new ReplayWindow() },
    dataServers: SERVERS.map(publicOf),
    signedHere: ({ position, hash }) => HASHES.get(position) === hash,
  });
  const answered: number[] = [];
  const append = (position: number) =>
    held.appended(position, name(position), () => answered.push(position));
  return { held, answered, append };
}

const name = (sequence: number) => ({ id: 7n, boot: 1, sequence, refused: false });

describe('acknowledged when t + 1 data servers hold it [WIRE-17]', () => {
  it('waits for the second server of three, and not for the record at its head', () => {
    const { held, answered, append } = gate();
    for (const position of [10, 11, 12]) append(position);
    held.hear(LOG, line(1, 13));
    expect(answered).toEqual([]);
    expect(held.waitsFor(LOG)).toBe(true);
    held.hear(LOG, line(3, 12));
    expect(answered).toEqual([10, 11]);
    expect(held.window.settled(7n, 1, 11)).toMatchObject({ sequence: 11 });
    held.hear(LOG, line(2, 13));
    expect(answered).toEqual([10, 11, 12]);
    expect(held.waiting).toBe(0);
    append(12);
    expect(answered).toEqual([10, 11, 12, 12]);
  });

  it('answers a frame that came again only then', () => {
    const { held, append } = gate();
    const again: string[] = [];
    append(5);
    held.again(name(5), () => again.push('early'));
    held.hear(LOG, line(1, 6));
    held.hear(LOG, line(2, 6));
    held.again(name(5), () => again.push('held'));
    expect(again).toEqual(['held']);
  });

  it.each([
    ['nothing of the form', () => 'garbage'],
    ['a head without a server', () => headLine(headAt(6))],
    ['a server signed by another', () => line(2, 6, 1)],
    ['a server that is none', () => line(2, 6).replace(' 2 ', ' 9 ')],
    [
      'a head this gateway did not sign',
      () => line(2, 6, 2, { ...headAt(6), hash: toBase64Url(random(32)) }),
    ],
    ['a later position on an earlier signature', () => line(2, 4).replace(/^4 /, '6 ')],
    ['an old head again', () => line(2, 4)],
  ])('[PROTO-44] is not moved by %s', (_name, told) => {
    const { held, answered, append } = gate();
    append(5);
    held.hear(LOG, line(1, 6));
    held.hear(LOG, told());
    held.hear(LOG, line(1, 6)); // Nor by one server twice.
    expect(answered).toEqual([]);
    held.hear(LOG, line(2, 6));
    expect(answered).toEqual([5]);
  });

  it('holds back what stood in the log at start until it is known to be held', () => {
    const names = new ReplayWindow();
    for (let sequence = 1; sequence <= 9; sequence++) names.add(name(sequence));
    const { held } = gate([{ log: LOG, position: 20, names }]);
    const again: number[] = [];
    held.again(name(9), () => again.push(9));
    expect(held.waitsFor(LOG)).toBe(true);
    held.hear(LOG, line(1, 20));
    held.again(name(9), () => again.push(9));
    expect(again).toEqual([]);
    held.hear(LOG, line(2, 21));
    held.again(name(9), () => again.push(9));
    expect(again).toEqual([9]);
    expect(held.window.settled(7n, 1, 9)).toMatchObject({ sequence: 9, missing: [] });
    expect(held.waitsFor(LOG)).toBe(false);
  });

  it('believes tags of a lost log when two servers tell them', () => {
    const taken: number[] = [];
    const tags = new HeldTags(1, ({ sequence }) => taken.push(sequence));
    tags.add(1, [name(1), name(2)]);
    tags.add(1, [name(2)]);
    expect(taken).toEqual([]);
    tags.add(3, [name(2), name(3)]);
    expect(taken).toEqual([2]);
  });
});
