/**
 * JIFF: the inner product of two secret columns among three parties, each a client of one server on
 * the loopback, all in this process, multiplication triples from that server. Its default field has
 * 24 bits, so the columns are small numbers.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { peer } from './peer.ts';

interface Share {
  sadd(other: Share): Share;
  smult(other: Share): Share;
}
interface Client {
  share(secret: number): Record<number, Share>;
  open(share: Share): Promise<number>;
  disconnect(safe: boolean, free: boolean): void;
}
interface Module {
  JIFFServer: new (http: unknown, options: object) => unknown;
  JIFFClient: new (address: string, computation: string, options: object) => Client;
}

const PARTIES = 3;

/** Milliseconds an element of sharing, multiplying, adding up and opening `elements` products. */
export async function jiffInnerProduct(elements: number): Promise<number> {
  const { JIFFServer, JIFFClient } = peer('jiff-mpc') as Module;
  const http = createServer();
  new JIFFServer(http, { logs: false });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const { log } = console;
  console.log = () => undefined; // It announces every connection.
  const clients = await Promise.all(
    Array.from(
      { length: PARTIES },
      () =>
        new Promise<Client>((resolve) => {
          const client: Client = new JIFFClient(`http://127.0.0.1:${port}`, 'bench', {
            party_count: PARTIES,
            crypto_provider: true,
            onConnect: () => resolve(client),
          });
        }),
    ),
  );
  console.log = log;
  const start = performance.now();
  const results = await Promise.all(clients.map((client) => innerProduct(client, elements)));
  const ms = performance.now() - start;
  const expected = sumOf(elements, (i) => left(i) * right(i));
  if (results.some((result) => result !== expected)) throw new Error('JIFF: the result is wrong');
  for (const client of clients) client.disconnect(true, true);
  await new Promise((resolve) => {
    http.close(resolve);
    http.closeAllConnections();
  });
  return ms / elements;
}

const left = (i: number): number => i % 7;
const right = (i: number): number => i % 5;
const sumOf = (count: number, term: (i: number) => number): number =>
  Array.from({ length: count }, (_, i) => term(i)).reduce((a, b) => a + b, 0);

/** Party 1's column times party 2's. */
function innerProduct(client: Client, elements: number): Promise<number> {
  let sum: Share | undefined;
  for (let i = 0; i < elements; i++) {
    const product = client.share(left(i))[1]!.smult(client.share(right(i))[2]!);
    sum = sum ? sum.sadd(product) : product;
  }
  return client.open(sum!);
}
