/**
 * The four questions aedes asks before it lets a client do anything.
 *
 *   preConnect      a will, or a client id of its own choosing?
 *   authenticate    an enrolled name and its password?
 *   subscribe       its own …/down?
 *   publish         its own …/up, small enough, and durable?
 *
 * A question answered with an error closes the connection without CONNACK 0, SUBACK or PUBACK.
 */
import { downTopic, upTopic } from '@vitalshare/edge/wire';
import type { AedesOptions, AuthenticateError, Client } from 'aedes';
import {
  CONNECT_TIMEOUT_MS,
  DRAIN_TIMEOUT_MS,
  EARLY_PACKETS_MAX,
  FRAME_BYTES_MAX,
  PACKET_OVERHEAD_BYTES,
  TOPIC_LEVELS_MAX,
} from '../limits.ts';
import type { BrokerOptions } from './options.ts';
import type { PacketMeter } from './packet-meter.ts';
import type { Holds } from './holds.ts';
import type { Outgoing } from './outgoing.ts';
import type { Pace } from './pace.ts';
import { Refusal, type RefusalReason } from './refusal.ts';

/**
 * mqemitter 7.1 recurses through its queue when a message has no subscriber left, until the stack
 * overflows. With this no queue ever forms; `addPermanentSubscriber` is the second cure.
 */
export const EMITTER_CONCURRENCY = 1_000_000;

export interface HookParts {
  readonly meters: WeakMap<object, PacketMeter>;
  readonly holds: Holds;
  readonly pace: Pace;
  readonly outgoing: Outgoing;
}

interface Publication {
  readonly client: Client;
  readonly bytes: Uint8Array;
  /** Of QoS 1. */
  readonly packetId: number | undefined;
  readonly done: (error?: Error | null) => void;
}

export function aedesOptions(
  options: BrokerOptions,
  { meters, holds, pace, outgoing }: HookParts,
): AedesOptions {
  const refuse = (reason: RefusalReason, client: Client | null, message: string): Refusal => {
    options.refused(reason, nodeOf(client));
    return new Refusal(reason, message);
  };
  const fail = (error: unknown, node: string | undefined): void => {
    options.refused('internal', node);
    options.failed(error);
  };
  /** The publication is the gateway's until it is settled, or has waited too long. */
  const take = ({ client, bytes, packetId, done }: Publication): void => {
    const settled = holds.hold(options.clock(), done);
    options.frame(client.id, bytes).then(
      (isPuback) => {
        if (!settled()) return;
        if (isPuback && packetId !== undefined) outgoing.puback(client, packetId, done);
        else done();
      },
      (error: unknown) => {
        if (error instanceof Refusal) options.refused(error.code, client.id);
        else fail(error, client.id);
        if (settled()) done(error instanceof Refusal ? error : new Refusal('internal', 'failed'));
        else client.close();
      },
    );
  };
  return {
    concurrency: EMITTER_CONCURRENCY,
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    queueLimit: EARLY_PACKETS_MAX,
    maxTopicLevels: TOPIC_LEVELS_MAX,
    preConnect: (client, packet, done) => {
      // [WIRE-1] A will is a publication that nobody sealed.
      if (packet.will !== undefined) {
        done(refuse('wrong-topic', client, 'a will is not allowed'), false);
        return;
      }
      packet.clientId = packet.username ?? '';
      packet.clean = true;
      done(null, true);
    },
    authenticate: (client, name, password, done) => {
      const asked = options.admit(name ?? '', password ?? NO_PASSWORD);
      asked.then(
        (admitted) => {
          if (admitted) {
            meters.get(client.conn)?.raiseLimit(FRAME_BYTES_MAX + PACKET_OVERHEAD_BYTES);
            done(null, true);
          } else {
            options.refused('bad-credentials', undefined);
            done(badCredentials(), false);
          }
        },
        (error: unknown) => {
          fail(error, undefined);
          done(badCredentials(), false);
        },
      );
    },
    authorizeSubscribe: (client, subscription, done) => {
      // [WIRE-1] `$share/…` among all the others: 3.1.1 has no such thing and aedes delivers nothing.
      if (subscription.topic === downTopic(client.id)) done(null, subscription);
      else done(refuse('wrong-topic', client, 'a node subscribes to its own …/down'));
    },
    authorizePublish: (client, packet, done) => {
      if (client === null || packet.topic !== upTopic(client.id) || packet.qos === 2) {
        done(refuse('wrong-topic', client, 'a node publishes on its own …/up, QoS 0 or 1'));
        return;
      }
      packet.retain = false;
      const bytes =
        typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
      if (bytes.length > FRAME_BYTES_MAX) {
        done(refuse('too-large', client, `a frame has at most ${FRAME_BYTES_MAX} bytes`)); // [WIRE-5]
        return;
      }
      const packetId = packet.qos === 1 ? packetIdOf(packet) : undefined;
      // Nobody else reads it: while the frame waits for the disk, the chunk it came in need not.
      packet.payload = NO_PAYLOAD;
      // `outgoing` acknowledges, not aedes.
      packet.qos = 0;
      const publication = { client, bytes, packetId, done };
      const delayMs = pace.delayMs(client.id, bytes.length, options.clock());
      if (delayMs === 0) take(publication);
      else {
        options.slowed?.(delayMs);
        void options.sleep(delayMs).then(() => take(publication));
      }
    },
  };
}

/** Of a publication of QoS 1, which has one; aedes types it for what it sends only. */
const packetIdOf = (packet: object): number => (packet as { readonly messageId: number }).messageId;

const NO_PASSWORD = new Uint8Array(0);
const NO_PAYLOAD = Buffer.alloc(0);

/** CONNACK 4 of MQTT 3.1.1 section 3.2.2.3; aedes types the number as an enum it does not export. */
function badCredentials(): AuthenticateError {
  const error: Error = Object.assign(new Error('bad user name or password'), { returnCode: 4 });
  return error as AuthenticateError;
}

/** The node behind a client that got as far as being admitted. */
export function nodeOf(client: Client | null): string | undefined {
  return client?.connected === true ? client.id : undefined;
}
