/**
 * The nodes of this process over HTTP, on the loopback: `/healthz`, `/readyz` and `/metrics`.
 *
 * What is measured is summed over its nodes: no name of a node, no reading and no key is in it.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UserError } from '@vitalshare/edge/command/node';
import { DROP_REASONS, type Node } from '@vitalshare/edge/loop';
import { isLocalName, type Missing, readiness } from '@vitalshare/edge/operations';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { HOST } from './ports.ts';

const PREFIX = 'vitalshare_nodes_';
const CONNECTIONS_MAX = 64;

export interface NodeMetrics {
  readonly url: string;
  close(): Promise<void>;
}

/** Throws UserError where the port cannot be had; 0 takes a free one. */
export async function serveNodeMetrics(port: number, nodes: readonly Node[]): Promise<NodeMetrics> {
  const registry = registryOf(nodes);
  const server = createServer({ requestTimeout: 5_000 }, (request, response) => {
    void answer(request.url ?? '', request.headers.host ?? '', nodes, registry, response);
  });
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, port);
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  url: string,
  host: string,
  nodes: readonly Node[],
  registry: Registry,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, type: string, body: string): void => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
  };
  if (url === '/healthz') send(200, 'text/plain', 'ok');
  else if (url === '/readyz') {
    const { status, type, body } = readiness(missingOf(nodes));
    send(status, type, body);
  } else if (url === '/metrics' && isLocalName(host)) {
    send(200, registry.contentType, await registry.metrics());
  } else send(404, 'text/plain', 'nothing is served here');
}

function missingOf(nodes: readonly Node[]): Missing[] {
  const away = nodes.filter(({ isConnected }) => !isConnected).length;
  if (away === 0) return [];
  return [{ what: 'connection', detail: `${away} of ${nodes.length} nodes are not connected` }];
}

function registryOf(nodes: readonly Node[]): Registry {
  const registry = new Registry();
  const sum = (of: (node: Node) => number): number =>
    nodes.reduce((total, node) => total + of(node), 0);
  const gauge = (name: string, help: string, value: () => number): void => {
    const collect = function (this: Gauge): void {
      this.set(value());
    };
    new Gauge({ name: PREFIX + name, help, registers: [registry], collect });
  };
  new Counter({
    ...{ name: `${PREFIX}frames_total`, help: 'frames by what became of them' },
    ...{ labelNames: ['outcome'], registers: [registry] },
    collect() {
      this.reset();
      const outcomes = [
        'offered',
        'resumed',
        'settled',
        'refused',
        'dropped',
        'resent',
        'live',
      ] as const;
      for (const outcome of outcomes)
        this.inc(
          { outcome },
          sum(({ counts }) => counts[outcome]),
        );
    },
  });
  for (const why of Object.keys(DROP_REASONS)) {
    gauge(`gaps_${why.replace('-', '_')}`, `gaps a node remembers: ${why}`, () =>
      sum(({ gaps }) => gaps.filter((gap) => gap.why === why).length),
    );
  }
  gauge('known', 'nodes of this process', () => nodes.length);
  gauge('connected', 'nodes that are connected', () =>
    sum(({ isConnected }) => Number(isConnected)),
  );
  gauge('buffered_frames', 'frames not settled', () => sum(({ bufferedFrames }) => bufferedFrames));
  gauge('spare_bytes', 'frames that only memory has, the disk being full', () =>
    sum(({ spareBytes }) => spareBytes),
  );
  gauge('ignored_answers', 'answers that were not believed', () =>
    sum(({ counts }) => counts.ignoredAnswers),
  );
  collectDefaultMetrics({ register: registry });
  return registry;
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', () =>
      reject(new UserError(`port ${port} is in use; choose another with --metrics-port.`)),
    );
    server.listen(port, HOST, resolve);
  });
}
