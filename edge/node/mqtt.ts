/**
 * A node on an MQTT broker (door `edge/mqtt`; `mqtt` is an optional peer, for whoever opens this door).
 *
 * Each connection is a client of its own, without a session or an outgoing store: the node alone
 * decides what is sent again [WIRE-13]. Lost connections are taken up after 0.5 s, 1 s … 30 s, each
 * with a random part, so that a ward does not come back as one wave. The wait is short again
 * after a connection that settled something or stood for 30 s: a gateway that closes over what this
 * node sends is not besieged. After a refusal the wait is the longest; `onTrouble` hears of each.
 */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import {
  CONNECT_MS_MAX,
  KEEPALIVE_SECONDS,
  RECONNECT_MS_FIRST,
  RECONNECT_MS_MAX,
} from '../limits.ts';
import { downTopic } from '../wire/topics.ts';
import type { Node } from './node.ts';
import { systemTime, type Time } from './time.ts';

/** The broker does not know this node or its password; trying again will not help. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

export interface Connection {
  /** Resolves at the first connection that stands; rejects with RefusedError. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly time?: Time;
  /** 0 to 1, for the spread of reconnections. */
  readonly random?: () => number;
  /** Called whenever a connection ends or could not be made, with the reason in a few words. */
  readonly onTrouble?: (reason: string) => void;
  /** Default `mqtt.connect`. */
  readonly connect?: (url: string, options: IClientOptions) => Client;
}

/** What is used of a client of `mqtt`. */
export type Client = Pick<
  MqttClient,
  'on' | 'once' | 'stream' | 'subscribe' | 'publishAsync' | 'end' | 'endAsync'
>;

/** CONNACK return codes 4 and 5 (MQTT 3.1.1, table 3.1): bad user name or password, not authorized. */
const REFUSED_CODES = [4, 5];

/** Connects `node` with its credential and keeps it connected until `close`. */
export function connectNode(node: Node, options: ConnectOptions = {}): Connection {
  const { time = systemTime, random = Math.random, onTrouble = () => undefined } = options;
  const connect = options.connect ?? ((url, settings) => mqtt.connect(url, settings));
  let closed = false;
  let tries = 0;
  let client: Client | undefined;
  let cancelRetry = (): void => undefined;
  let settle: { resolve: () => void; reject: (error: Error) => void };
  const ready = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  ready.catch(() => undefined); // Whoever awaits it learns of it; nobody has to.

  const retry = (reason: string, refused: boolean): void => {
    if (closed) return;
    onTrouble(reason);
    const backOffMs = refused
      ? RECONNECT_MS_MAX
      : Math.min(RECONNECT_MS_FIRST * 2 ** Math.min(tries, 10), RECONNECT_MS_MAX);
    tries += 1;
    cancelRetry = time.setTimer(open, backOffMs * (0.5 + random() / 2));
  };

  const wasOfUse = (stood: { readonly fromMs: number; readonly settled: number }): boolean =>
    node.counts.settled > stood.settled || time.clock() - stood.fromMs >= RECONNECT_MS_MAX;

  const open = (): void => {
    const { node: name, mqttUrl, password } = node.credential;
    const own = connect(mqttUrl, {
      clientId: name,
      username: name,
      password,
      clean: true,
      reconnectPeriod: 0,
      resubscribe: false,
      connectTimeout: CONNECT_MS_MAX,
      keepalive: KEEPALIVE_SECONDS,
      queueQoSZero: false,
    });
    client = own;
    let reason = 'the connection was closed';
    let refused = false;
    let stood: { readonly fromMs: number; readonly settled: number } | null = null;
    const refuse = (why: string): void => {
      reason = why;
      refused = true;
      settle.reject(new RefusedError(why));
    };
    own.on('error', (error) => {
      reason = error.message;
      if ('code' in error && REFUSED_CODES.includes(error.code)) {
        refuse('the broker does not know this node or its password');
      }
    });
    own.on('connect', () => {
      sendAtOnce(own);
      own.subscribe(downTopic(name), { qos: 0 }, (error) => {
        // The library wraps every failure alike; only a SUBACK that refuses carries its packet.
        if (error && 'packet' in error && error.packet !== undefined)
          refuse('the broker does not let this node hear its answers');
        if (error || closed || client !== own) return void own.end(true);
        stood = { fromMs: time.clock(), settled: node.counts.settled };
        node.connected(async (topic, bytes, qos = 1) => {
          await own.publishAsync(topic, bytes as Buffer, { qos });
        });
        settle.resolve();
      });
    });
    own.on('message', (_topic, bytes) => node.receive(new Uint8Array(bytes)));
    own.once('close', () => {
      own.end(true);
      if (client !== own) return;
      node.disconnected();
      if (stood !== null && wasOfUse(stood)) tries = 0;
      retry(reason, refused);
    });
  };

  open();
  return {
    ready,
    async close() {
      closed = true;
      cancelRetry();
      node.disconnected();
      await client?.endAsync(true);
    },
  };
}

/** TCP only: Nagle's algorithm would hold small frames back for the other side's delayed ACK, 40 ms. */
function sendAtOnce(client: Client): void {
  const stream = client.stream as Client['stream'] & { setNoDelay?: (on: boolean) => void };
  stream.setNoDelay?.(true);
}
