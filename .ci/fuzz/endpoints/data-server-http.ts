/**
 * A data server's HTTP door over real sockets: each question mutated and then validly signed, so that
 * what is behind the signature is reached, and requests whose bytes were mutated as they are.
 *
 *   case = u8 path ‖ body               128 is added to the path where the rest is a raw request
 *
 * The server runs on a clock of the fuzzer's: a nonce counts against its asker for two minutes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startDataServer } from '../../../cloud-sink/data-server/server.ts';
import { MemoryStore } from '../../../cloud-sink/data-server/store-memory.fixture.ts';
import {
  applyLog,
  column,
  logHost,
  makeWorld,
  random as randomBytes,
  TestLog,
} from '../../../cloud-sink/data-server/world.fixture.ts';
import { canonicalBytes } from '../../../cloud-sink/messages/canonical.ts';
import { signRequest } from '../../../cloud-sink/messages/signature.ts';
import { toBase64Url } from '../../../edge/seal/bytes.ts';
import { keyId, sign } from '../../../edge/identity/node.ts';
import { JSON_HOSTILE, text } from '../hostile.ts';
import { joined, mutateBytes } from '../mutate.ts';
import { mutateJson } from '../mutate-json.ts';
import type { Random } from '../random.ts';
import { only, type Target } from '../target.ts';
import { ask, Refused } from './raw-http.ts';
import { watchProcess } from './watch.ts';

const PATHS = ['/moments', '/bins', '/history', '/tags', '/catalogue', '/audit'] as const;
const RAW = 128;
const START = 1_700_000_100;

export const dataServerHttpEndpoint: Target = {
  name: 'endpoint-data-server-http',
  codec:
    'cloud-sink/data-server/http.ts over a socket: moments, bins, history, tags, catalogue, audit, head',
  samples: 'signed questions about two stays of one log',
  errors: 'problem+json with a code of the table; the HTTP parser’s 400, 408, 431',
  slowMs: 12_000,
  make: async () => {
    const world = makeWorld(3, 1, 1);
    const log = filledLog(world);
    const said: string[] = [];
    let nowMs = 1_700_000_000_000;
    const store = new MemoryStore();
    const server = await startDataServer({
      ...{
        party: world.dataServers[0]!,
        store,
        gateway: 'http://127.0.0.1:1',
        host: '127.0.0.1',
        port: 0,
      },
      ...{
        clock: () => nowMs,
        random: randomBytes,
        fetch: logHost([log]),
        report: (sentence: string) => said.push(sentence),
      },
      // Nobody waits long for a position that does not come, and the log is read when asked for.
      sleep: (ms: number, signal: AbortSignal) =>
        sleep(ms > 5_000 ? 2 : ms, undefined, { signal }).catch(() => undefined),
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
    });
    applyLog(server.applier, log);
    const watch = watchProcess(said);
    const target = keyId(world.dataServers[0]!.identity);
    const askers = { '/history': world.physician, '/tags': world.gateway } as Record<
      string,
      typeof world.physician
    >;
    const request = (path: string, body: Uint8Array): Uint8Array => {
      const identity = askers[path] ?? world.researcher;
      const headers = signRequest({
        method: 'POST',
        path,
        body,
        server: target,
        identity,
        nowMs,
        random: randomBytes,
        sign,
      });
      const lines = Object.entries({
        ...headers,
        host: 'a',
        'content-length': String(body.length),
        connection: 'close',
      });
      const head = `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
      return joined(new TextEncoder().encode(head), body);
    };
    return {
      sample: (random) => {
        const path = random.below(PATHS.length);
        if (random.chance(6))
          return joined(
            Uint8Array.of(RAW + path),
            request(PATHS[path]!, questionOf(log.name, path)),
          );
        return joined(Uint8Array.of(path), questionOf(log.name, path));
      },
      mutate: (random, sample, other) => {
        const isRaw = sample[0]! >= RAW;
        if (!isRaw && random.chance(2))
          return joined(sample.subarray(0, 1), plausible(random, log.name, sample[0]!));
        const mutate = isRaw ? mutateBytes : mutateJson;
        // Digits of a signature only ever make another bad signature.
        return joined(sample.subarray(0, 1), mutate(random, sample.subarray(1), other.subarray(1)));
      },
      decode: async (bytes, random) => {
        const what = bytes[0] ?? 0;
        nowMs += 50;
        const body = bytes.slice(1);
        const asked = what >= RAW ? body : request(PATHS[what % PATHS.length]!, body);
        const pieces = random.chance(4) ? [random.below(asked.length + 1)] : [];
        try {
          return await ask(server.port, asked, pieces);
        } finally {
          watch.check();
        }
      },
      refusal: only(Refused),
      close: async () => {
        await server.close();
        watch.stop();
      },
    };
  },
  hostile: {
    ...Object.fromEntries(
      Object.entries(JSON_HOSTILE).map(([name, make]) => [
        `signed: ${name}`,
        () => joined(Uint8Array.of(0), make()),
      ]),
    ),
    'a range that never ends': () =>
      signed(
        0,
        '{"version":1,"asOf":{"LOG":1},"vitals":["spo2"],"degree":0,"where":{},"from":0,"to":4294967296}',
      ),
    'a cursor of 100 digits': () =>
      signed(2, `{"version":1,"asOf":{},"stay":"a","channel":"ecg","after":"${'9'.repeat(100)}"}`),
    'a stay __proto__': () =>
      signed(2, '{"version":1,"asOf":{},"stay":"__proto__","channel":"spo2"}'),
    'half a megabyte': () => joined(Uint8Array.of(0), new Uint8Array(512 * 1_024 + 1)),
    'GET /moments': () =>
      joined(
        Uint8Array.of(RAW),
        text('GET /moments HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')(),
      ),
    'OPTIONS *': () =>
      joined(
        Uint8Array.of(RAW),
        text('OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')(),
      ),
    'a path that is no URL': () =>
      joined(
        Uint8Array.of(RAW),
        text('POST /%zz HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')(),
      ),
    'two signatures': () =>
      joined(
        Uint8Array.of(RAW),
        text(
          'POST /tags HTTP/1.1\r\nhost: a\r\nsignature: a\r\nsignature: b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n',
        )(),
      ),
  },
};
const signed = (path: number, body: string): Uint8Array =>
  joined(Uint8Array.of(path), text(body)());

function questionOf(log: string, path: number): Uint8Array {
  const base = { version: 1, asOf: { [log]: 8 } };
  const questions = [
    { ...base, vitals: ['heart-rate', 'spo2'], degree: 2, where: {}, from: START, to: START + 300 },
    { ...base, vital: 'heart-rate', where: { ward: 'a' } },
    { ...base, stay: 'bed-1', channel: 'heart-rate', from: 0 },
    { version: 1, log, from: 0 },
    { version: 1 },
    { ...base, vitals: ['spo2'], where: {}, stays: ['bed-1', 'bed-2'] },
  ];
  return canonicalBytes(questions[path]);
}

/** A question that its parser takes, with numbers at edges and names that are and are not there. */
function plausible(random: Random, log: string, path: number): Uint8Array {
  const seconds = [
    0,
    299,
    300,
    START,
    START + 2,
    START - (START % 300),
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53 - 1,
  ];
  const some = <T>(name: string, values: readonly T[]) =>
    random.chance(3) ? { [name]: random.pick(values) } : {};
  const question = JSON.parse(new TextDecoder().decode(questionOf(log, path))) as object;
  return canonicalBytes({
    ...question,
    ...(path > 2 && path < 5
      ? {}
      : { asOf: { [log]: random.pick([0, 1, 2, 3, 7, 8, 9, 2 ** 53 - 1]) } }),
    ...some('from', seconds),
    ...(path > 2 && path < 5 ? {} : some('to', seconds)),
    ...(path === 0 ? { ...some('degree', [0, 1, 2]), ...some('unit', ['patient']) } : {}),
    ...(path === 1
      ? some('cells', [
          [0, 1],
          [0, 5, 9],
          [0, 30],
        ])
      : {}),
    ...(path === 2
      ? {
          ...some('stay', ['bed-1', 'bed-9']),
          ...some('channel', ['spo2', 'ecg']),
          ...some('after', [`${log}.0.0`, `${log}.${2 ** 53 - 1}.3`, 'x']),
        }
      : {}),
    ...(path === 0 || path === 1 || path === 5
      ? {
          ...some<object>('where', [{}, { ward: 'b' }, { constructor: 'b' }]),
          ...some('stays', [['bed-1'], ['bed-2', 'bed-9']]),
        }
      : {}),
    ...(path === 3 ? some('log', ['0'.repeat(32)]) : {}),
    ...(path === 5
      ? some('commitments', [
          { 1: toBase64Url(new Uint8Array(32)) },
          {
            1: toBase64Url(new Uint8Array(32)),
            2: toBase64Url(new Uint8Array(32)),
            3: toBase64Url(new Uint8Array(32)),
          },
        ])
      : {}),
  });
}

function filledLog(world: ReturnType<typeof makeWorld>): TestLog {
  const log = new TestLog(world);
  log.stay(1, 'bed-1', { ward: 'a' }).stay(2, 'bed-2', { ward: 'b' });
  for (const stay of [1, 2]) {
    log.frame(stay, {
      'heart-rate': column(START, [70, 71, undefined, 73]),
      spo2: column(START, [97, 98, 96, 95]),
    });
    log.bins(stay, 'heart-rate', START - (START % 300), [70, 71, 73]);
  }
  log.commit();
  return log;
}
