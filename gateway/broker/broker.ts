/**
 * The embedded MQTT 3.1.1 broker: one credential a node, its own two topics, nothing else.
 *
 *   node ─CONNECT─► admit(name, password) ─PUBLISH up─► frame(node, bytes) ─durable─► PUBACK
 *                                          ◄──────────── answer(node, sealed) on …/down
 *
 * PUBACK waits for `frame` to resolve; when it throws a Refusal the connection closes without one,
 * and the reason is told to `refused`. Nothing is kept for anybody: every session is clean, no
 * message is retained, wills and QoS 2 are refused, so a client can make the broker hold no state.
 *
 * A node's client id is its name, whatever it sent: one node cannot push another off the broker by
 * using its id, and its own newer connection replaces the older.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Aedes, type Client } from 'aedes';
import { Addresses } from '@vitalshare/edge/operations';
import { downTopic } from '@vitalshare/edge/wire';
import {
  CONNECTIONS_MAX,
  CONNECTIONS_PER_ADDRESS_MAX,
  CONNECT_PACKET_BYTES_MAX,
  PUBACK_HOLD_MS_MAX,
} from '../limits.ts';
import { faultOf } from './faults.ts';
import { Holds } from './holds.ts';
import { aedesOptions, nodeOf } from './hooks.ts';
import { Pace } from './pace.ts';
import { PacketMeter } from './packet-meter.ts';
import type { BrokerOptions } from './options.ts';

export interface Broker {
  readonly port: number;
  /** Publishes on the node's `…/down`; lost where the node is not there to hear it. */
  answer(node: string, sealed: Uint8Array): void;
  /** Closes the node's connection, if there is one. */
  drop(node: string): void;
  /** Called now and then: what waits too long for the disk is let go without its PUBACK. */
  tick(): void;
  state(): {
    readonly connections: number;
    readonly nodes: number;
    readonly held: number;
    readonly letGo: number;
  };
  close(): Promise<void>;
}

/** Takes every message and answers asynchronously: see `EMITTER_CONCURRENCY`. */
export function addPermanentSubscriber(aedes: Aedes): Promise<void> {
  return new Promise((resolve) => {
    aedes.subscribe('#', (_packet, done) => setImmediate(done), resolve);
  });
}

/** Throws what `listen` throws, EADDRINUSE among it. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const meters = new WeakMap<object, PacketMeter>();
  const holds = new Holds();
  const parts = { meters, holds, pace: new Pace() };
  const aedes = await Aedes.createBroker(aedesOptions(options, parts));
  await addPermanentSubscriber(aedes);
  const clients = trackClients(aedes, options.connected);
  for (const event of ['clientError', 'connectionError'] as const) {
    aedes.on(event, (client, error) => {
      const reason = faultOf(error);
      if (reason !== undefined) options.refused(reason, nodeOf(client));
    });
  }

  const addresses = new Addresses(options.connectionsPerAddressMax ?? CONNECTIONS_PER_ADDRESS_MAX);
  // A peer that is gone without a word, and whose client set no keepalive, does not hold its place for ever.
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    const address = socket.remoteAddress ?? '';
    if (!addresses.enter(address)) {
      options.refused('too-many', undefined);
      socket.destroy();
      return;
    }
    socket.once('close', () => addresses.leave(address));
    const meter = new PacketMeter(CONNECT_PACKET_BYTES_MAX);
    meters.set(socket, meter);
    measure(socket, meter, () => options.refused('too-large', nodeOf(client)));
    const client = aedes.handle(socket);
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.on('drop', () => options.refused('too-many', undefined));
  const port = await listen(server, options.host, options.port);
  return {
    port,
    answer: (node, sealed) => {
      const payload = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const topic = downTopic(node);
      aedes.publish({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false }, ignore);
    },
    drop: (node) => {
      clients.get(node)?.close();
    },
    tick: () => holds.letGo(options.clock() - PUBACK_HOLD_MS_MAX),
    state: () => ({
      connections: addresses.size,
      nodes: clients.size,
      held: holds.size,
      letGo: holds.letGoCount,
    }),
    close: () =>
      new Promise((resolve) => {
        server.close();
        aedes.close(() => resolve());
      }),
  };
}

/** Those that are connected, by the name of their node. */
function trackClients(aedes: Aedes, connected: BrokerOptions['connected']): Map<string, Client> {
  const clients = new Map<string, Client>();
  aedes.on('clientReady', (client) => {
    clients.set(client.id, client);
    connected(client.id, true);
  });
  aedes.on('clientDisconnect', (client) => {
    if (clients.get(client.id) !== client) return; // A newer connection of the node took its place.
    clients.delete(client.id);
    connected(client.id, false);
  });
  return clients;
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

const ignore = (): void => undefined;

/** Reads of the socket pass the meter; it is cut off at the first packet too large. */
function measure(socket: Socket, meter: PacketMeter, tooLarge: () => void): void {
  const read = socket.read.bind(socket);
  socket.read = (size?: number): Buffer | null => {
    const chunk = read(size) as Buffer | null;
    if (chunk === null || meter.accepts(chunk)) return chunk;
    tooLarge();
    socket.destroy();
    return null;
  };
}
