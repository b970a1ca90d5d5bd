/** What the log's tests have in common: keys, a log with one run, masked frames without readings. */
import { randomBytes } from 'node:crypto';
import { encodeMaskedFrame, KIND, type LogRecord } from '@vitalshare/cloud-sink/messages';
import { makeIdentity, publicOf, signer, verifier } from '@vitalshare/edge/identity/node';
import { configDigest, parseConfiguration } from '@vitalshare/edge/keys';
import { toBase64Url } from '@vitalshare/edge/seal';
import { type MaskKeys, setsOf } from '@vitalshare/edge/sharing';
import type { Disk } from './disk.ts';
import type { LogTools, MaskedLog } from './masked-log.ts';
import { type KnownLog, openLogs } from './open-logs.ts';
import { createLog, type RunOptions, startRun } from './start-run.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
export const gateway = makeIdentity('gateway', 'gateway', random);
const servers = [1, 2, 3].map((j) => makeIdentity(`server-${j}`, 'data-server', random));

export const configuration = parseConfiguration({
  vitalshare: 'configuration',
  version: 1,
  world: toBase64Url(random(16)),
  servers: 3,
  threshold: 1,
  generation: 1,
  minimumCohort: 2,
  gateway: publicOf(gateway),
  dataServers: servers.map(publicOf),
  researchers: [],
  physicians: [],
});

const split = new Map(setsOf(configuration).map((mask) => [mask, random(32)]));
export const runOptions: RunOptions = {
  configuration,
  configDigest: configDigest(configuration),
  keys: { epoch: 1, split, log: random(32) },
  random,
};

export const tools: LogTools = {
  sign: signer(gateway),
  clock: () => 1_700_000_000_000,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      setTimeout(resolve, Math.min(ms, 5));
      signal?.addEventListener('abort', () => resolve());
    }),
};

export async function bench(disk: Disk): Promise<{ log: MaskedLog; keys: MaskKeys }> {
  const log = await createLog(disk, runOptions, [], tools);
  return { log, keys: await startRun(log, 1, runOptions) };
}

/** A restart: the newest log of the disk and the tags it holds. */
export async function open(
  disk: Disk,
  { clock, say }: { clock: () => number; say: (sentence: string) => void } = {
    clock: tools.clock,
    say: () => undefined,
  },
  frame?: (stay: string, record: Uint8Array) => void,
): Promise<{ log: MaskedLog; known: KnownLog; tags: string[] }> {
  const tags: string[] = [];
  const all = await openLogs(
    disk,
    {
      logKey: runOptions.keys.log,
      verify: verifier(gateway.sign),
      tags: (some) => tags.push(...some.map(toBase64Url)),
      ...(frame && { frame }),
    },
    { ...tools, clock },
    say,
  );
  const known = all.at(-1)!;
  return { log: known.log, known, tags };
}

const tagBytes = (i: number): Uint8Array => new Uint8Array(16).fill(i + 1);
export const tagOf = (i: number): string => toBase64Url(tagBytes(i));

export const frameRecord = (i: number): LogRecord => ({
  kind: KIND.frame,
  bytes: encodeMaskedFrame({
    stay: 1,
    counter: i + 1,
    tag: tagBytes(i),
    columns: [],
    products: [],
    segments: [],
  }),
});
