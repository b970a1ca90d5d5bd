/**
 * The gateway's MQTT door over real sockets: mutated packets of every kind, split anywhere, on
 * connections that stay as long as the broker lets them.
 *
 *   case = u8 ‖ bytes      even: written by that admitted node, halved; odd: by a stranger
 *
 * What came of it is known by a PINGREQ behind the bytes: answered, or the connection closed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate, type Packet } from 'mqtt-packet';
import { encodePayload } from '../../../edge/wire/payload.ts';
import { sealFrame } from '../../../edge/wire/wire.ts';
import type { NodeCredential } from '../../../edge/node/credential.ts';
import { Bench } from '../../../gateway/gateway.fixture.ts';
import { nodeDisk } from '../../../gateway/log/node-disk.ts';
import { frameOf } from '../frames.ts';
import { hex, ones, zeros } from '../hostile.ts';
import { joined, mutateBytes } from '../mutate.ts';
import type { Random } from '../random.ts';
import { only, type Target, Unfit } from '../target.ts';
import { watchProcess } from './watch.ts';

/** The connection ended instead of an answer: what a broker says to all that it refuses. */
class Closed extends Error {
  readonly code = 'closed';
}
const POOL = 8;
const SILENT_MS = 15_000;
const PING = Buffer.from([0xc0, 0]);

export const mqttEndpoint: Target = {
  name: 'endpoint-mqtt',
  codec:
    'gateway/broker over a socket: CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, QoS 2, random bytes',
  samples:
    'packets of an admitted node, its frames sealed after they were mutated; a stranger’s CONNECT',
  errors: 'the connection closes',
  slowMs: SILENT_MS,
  // A gateway never forgets which frames it took, and remembers 32,768 windows of counted cells: of 800,000
  // names and random seconds some 30 MB, by a snapshot of the heap.
  keptBytesMax: 32 * 2 ** 20,
  make: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vitalshare-fuzz-'));
    const bench = new Bench(nodeDisk(folder));
    const credentials = await Promise.all(
      Array.from({ length: POOL }, (_, i) => bench.enroll(`bed-${i}`)),
    );
    const stranger = await bench.enroll('stranger');
    const { mqttPort } = await bench.start();
    const watch = watchProcess(bench.said);
    const pool: (Line | undefined)[] = Array.from({ length: POOL }, () => undefined);
    return {
      sample: (random) => sampleOf(random, credentials, stranger, bench.nowMs),
      mutate: (random, sample, other) => {
        // A frame that was mutated and then sealed reaches what is behind the seal.
        if (random.chance(3))
          return sealedCase(
            random,
            random.pick(credentials),
            mutateBytes(random, encodePayload(frameOf(random)), sample),
          );
        return joined(
          sample.subarray(0, 1),
          mutateBytes(random, sample.subarray(1), other.subarray(1)),
        );
      },
      decode: async (bytes, random) => {
        const isStranger = ((bytes[0] ?? 0) & 1) === 1;
        const at = ((bytes[0] ?? 0) >> 1) % POOL;
        const line = isStranger
          ? await Line.open(mqttPort)
          : (pool[at] ?? (await Line.admitted(mqttPort, credentials[at]!)));
        if (!isStranger) pool[at] = line;
        try {
          await line.say(bytes.subarray(1), random);
          return 'answered';
        } catch (error) {
          if (!isStranger) pool[at] = undefined;
          throw error;
        } finally {
          if (isStranger) line.end();
          watch.check();
        }
      },
      refusal: only(Closed),
      close: async () => {
        for (const line of pool) line?.end();
        await bench.stop();
        watch.stop();
        bench.remove();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
  hostile: {
    'a packet of 256 MiB from a stranger': () => joined(Uint8Array.of(1), hex('10 ffffff7f')()),
    'a packet of 256 MiB from a node': () => joined(Uint8Array.of(0), hex('30 ffffff7f')()),
    'a length without end': () => joined(Uint8Array.of(0), hex('30 ffffffffff')()),
    'topic of 65,535 bytes': () =>
      joined(Uint8Array.of(0), hex('30 818004 ffff')(), ones(65_535)()),
    'topic with NUL': () =>
      packet({
        cmd: 'publish',
        topic: 'vitalshare/bed-0/up\0',
        payload: 'x',
        qos: 1,
        messageId: 1,
        retain: false,
        dup: false,
      }),
    'topic of another node': () =>
      packet({
        cmd: 'publish',
        topic: 'vitalshare/bed-8/up',
        payload: 'x',
        qos: 1,
        messageId: 1,
        retain: false,
        dup: false,
      }),
    'every topic': () =>
      packet({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '#', qos: 0 }] }),
    'a shared subscription': () =>
      packet({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [{ topic: '$share/a/vitalshare/bed-0/down', qos: 0 }],
      }),
    'a hundred levels': () =>
      packet({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [{ topic: 'a/'.repeat(100), qos: 0 }],
      }),
    'unsubscribe of everything': () =>
      packet({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['#', 'vitalshare/bed-0/down'] }),
    'QoS 3': () => joined(Uint8Array.of(0), hex('36 0500 0161 0001')()),
    'a second CONNECT': () =>
      joined(
        Uint8Array.of(0),
        generate({
          cmd: 'connect',
          clientId: 'a',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clean: true,
          keepalive: 0,
        }),
      ),
    'MQTT 5': () =>
      joined(
        Uint8Array.of(1),
        generate({
          cmd: 'connect',
          clientId: 'a',
          protocolId: 'MQTT',
          protocolVersion: 5,
          clean: true,
          keepalive: 0,
        }),
      ),
    'PUBREL of nothing': () => packet({ cmd: 'pubrel', messageId: 7 }),
    'PUBREC of nothing': () => packet({ cmd: 'pubrec', messageId: 7 }),
    'PUBACK of nothing': () => packet({ cmd: 'puback', messageId: 7 }),
    'only zeros': () => joined(Uint8Array.of(1), zeros(2_000)()),
  },
};

const packet = (made: Packet): Uint8Array => packetOf('bed-0', made);
const packetOf = (node: string, made: Packet): Uint8Array =>
  joined(Uint8Array.of(2 * Number(/\d$/.exec(node)![0])), generate(made));

function sampleOf(
  random: Random,
  credentials: readonly NodeCredential[],
  stranger: NodeCredential,
  nowMs: number,
): Uint8Array {
  const credential = random.pick(credentials);
  const { node } = credential;
  const packet = (made: Packet): Uint8Array => packetOf(node, made);
  const messageId = 1 + random.below(65_535);
  const up = `vitalshare/${node}/up`;
  const down = `vitalshare/${node}/down`;
  switch (random.below(9)) {
    case 0:
      return joined(
        Uint8Array.of(1),
        generate({
          cmd: 'connect',
          clientId: 'x',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clean: true,
          keepalive: 60,
          username: stranger.node,
          password: Buffer.from(stranger.password),
        }),
      );
    case 1:
      return packet({ cmd: 'subscribe', messageId, subscriptions: [{ topic: down, qos: 1 }] });
    case 2:
      return packet({ cmd: 'unsubscribe', messageId, unsubscriptions: [down] });
    case 3:
      return packet({ cmd: 'pingreq' });
    case 4:
      return packet({ cmd: 'pubrel', messageId });
    case 5:
      return packet({
        cmd: 'publish',
        topic: up,
        payload: Buffer.from(frameBytes(random, credential, nowMs)),
        qos: 0,
        retain: false,
        dup: false,
      });
    default:
      return packet({
        cmd: 'publish',
        topic: up,
        payload: Buffer.from(frameBytes(random, credential, nowMs)),
        qos: 1,
        messageId,
        retain: false,
        dup: random.chance(4),
      });
  }
}

function frameBytes(random: Random, credential: NodeCredential, nowMs: number): Uint8Array {
  return sealed(
    random,
    credential,
    encodePayload({ ...frameOf(random), bootTimeMs: nowMs - 3_600_000, deviceTimeUs: 1 }),
  );
}
function sealed(
  random: Random,
  { node, upKey, keyEpoch }: NodeCredential,
  payload: Uint8Array,
): Uint8Array {
  return sealFrame(
    { node, upKey, keyEpoch, boot: 1 + random.below(20), sequence: 1 + random.below(5_000) },
    payload,
  );
}
function sealedCase(random: Random, credential: NodeCredential, payload: Uint8Array): Uint8Array {
  const bytes = Buffer.from(sealed(random, credential, payload.subarray(0, 60_000)));
  return packetOf(credential.node, {
    cmd: 'publish',
    topic: `vitalshare/${credential.node}/up`,
    payload: bytes,
    qos: 1,
    messageId: 1 + random.below(65_535),
    retain: false,
    dup: false,
  });
}

/** One connection. */
class Line {
  readonly #socket: Socket;
  #pongs = 0;
  #ended = false;
  #wake = (): void => undefined;
  /** Bytes of the packet at hand that are still to come, its header included as it is read. */
  #left = 0;
  #head: number[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      for (let at = 0; at < chunk.length;) at = this.#read(chunk, at);
      this.#wake();
    });
    socket.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
    socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<Line> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await new Promise<void>((resolve, reject) =>
      socket.once('connect', resolve).once('error', reject),
    );
    return new Line(socket);
  }

  static async admitted(port: number, { node, password }: NodeCredential): Promise<Line> {
    const line = await Line.open(port);
    line.#socket.write(
      generate({
        cmd: 'connect',
        clientId: node,
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        keepalive: 0,
        username: node,
        password: Buffer.from(password),
      }),
    );
    return line;
  }

  /** Resolves when the broker answered a ping behind the bytes. Throws Closed. */
  async say(bytes: Uint8Array, random: Random): Promise<void> {
    const wanted = this.#pongs + 1;
    for (let at = 0; at < bytes.length;) {
      const end = random.chance(4) ? at + 1 + random.below(40) : bytes.length;
      this.#socket.write(bytes.subarray(at, end));
      at = end;
    }
    // Behind half a packet a ping is a part of it; the end of the connection is the answer then.
    if (!isWhole(bytes)) this.#socket.end();
    else this.#socket.write(PING);
    const late = Date.now() + SILENT_MS;
    while (this.#pongs < wanted && !this.#ended) {
      if (Date.now() > late) throw new Unfit('the broker neither answers nor closes');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, SILENT_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.#pongs < wanted) throw new Closed();
  }

  end(): void {
    this.#socket.destroy();
  }

  #read(chunk: Uint8Array, at: number): number {
    if (this.#left > 0) {
      const taken = Math.min(this.#left, chunk.length - at);
      this.#left -= taken;
      return at + taken;
    }
    this.#head.push(chunk[at]!);
    if (this.#head.length === 1 || chunk[at]! >= 0x80) return at + 1;
    if (this.#head[0] === 0xd0) this.#pongs += 1;
    this.#left = this.#head.slice(1).reduceRight((sum, byte) => 128 * sum + (byte & 0x7f), 0);
    this.#head = [];
    return at + 1;
  }
}

/** Whether the bytes are packets and nothing is left over. */
function isWhole(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length) {
    let length = 0;
    let group = 0;
    do {
      at += 1;
      if (at >= bytes.length || group > 3) return false;
      length += (bytes[at]! & 0x7f) * 128 ** group++;
    } while (bytes[at]! >= 0x80);
    at += 1 + length;
  }
  return at === bytes.length;
}
