/** The gateway's HTTP door over real sockets: mutated paths, queries, headers and bodies. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bench } from '../../../gateway/gateway.fixture.ts';
import { nodeDisk } from '../../../gateway/log/node-disk.ts';
import { hex, text, zeros } from '../hostile.ts';
import { mutateBytes } from '../mutate.ts';
import type { Random } from '../random.ts';
import { only, type Target } from '../target.ts';
import { ask, Refused } from './raw-http.ts';
import { watchProcess } from './watch.ts';

const get = (path: string, more = ''): Uint8Array =>
  new TextEncoder().encode(
    `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:1\r\nconnection: close\r\n${more}\r\n`,
  );

export const gatewayHttpEndpoint: Target = {
  name: 'endpoint-gateway-http',
  codec: 'gateway/http.ts over a socket: page, feed, status, logs, log',
  samples: 'requests of every path',
  errors: 'problem+json with a code of the table; the HTTP parser’s 400, 408, 431',
  slowMs: 12_000,
  make: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vitalshare-fuzz-'));
    const bench = new Bench(nodeDisk(folder));
    bench.page = () =>
      Promise.resolve(new Map([['index.html', { type: 'text/html', bytes: new Uint8Array(3) }]]));
    await bench.enroll('bed-0');
    const { httpPort, log } = await bench.start();
    const watch = watchProcess(bench.said);
    const paths = [
      '/',
      '/index.html',
      '/live',
      '/status.json',
      '/logs',
      '/healthz',
      `/log/${log}?from=0`,
      `/log/${log}?from=1`,
      `/log/${log}?from=2&wait=5`,
    ];
    return {
      sample: (random: Random) => get(random.pick(paths)),
      mutate: mutateBytes,
      decode: async (bytes, random) => {
        const pieces = random.chance(4) ? [random.below(bytes.length + 1)] : [];
        try {
          return await ask(httpPort, bytes, pieces);
        } finally {
          watch.check();
        }
      },
      refusal: only(Refused),
      close: async () => {
        await bench.stop();
        watch.stop();
        bench.remove();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
  hostile: {
    empty: zeros(0),
    NUL: zeros(50),
    'a path that is no URL': () => get('/%zz'),
    'a path out of the folder': () => get('/..%2f..%2fetc%2fpasswd'),
    'an asset __proto__': () => get('/__proto__'),
    'a log __proto__': () => get('/log/__proto__?from=0'),
    'from twice': () => get('/log/x?from=1&from=2'),
    'from 2^53': () => get('/log/x?from=9007199254740993'),
    'a header of 64 kB': () => get('/', `x: ${'a'.repeat(65_536)}\r\n`),
    'two lengths': () => get('/', 'content-length: 1\r\ncontent-length: 2\r\n'),
    'a length of 2^64': () => get('/', 'content-length: 18446744073709551616\r\n'),
    'chunked and a length': () => get('/', 'transfer-encoding: chunked\r\ncontent-length: 5\r\n'),
    'the name of another site': text(
      'GET /status.json HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n',
    ),
    'a page of a thousand parameters': () => get(`/log/x?${'a=1&'.repeat(1_000)}`),
    'HTTP/2': hex('505249202a20485454502f322e300d0a0d0a534d0d0a0d0a'),
    'a body that is not awaited': text(
      'POST /logs HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 9\r\nconnection: close\r\n\r\n[[[[[[[[[',
    ),
  },
};
