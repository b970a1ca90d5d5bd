/**
 * An MQTT 3.1.1 client that is nearly free, so that a bench measures the broker: packets are made
 * beforehand, and of what comes back only PUBACK and the last message are looked at.
 *
 * It keeps `window` publications in flight; each PUBACK sends the next.
 */
import { connect, type Socket } from 'node:net';
import { generate } from 'mqtt-packet';

export interface RawNode {
  readonly name: string;
  readonly password: string;
  /** Payloads of its `…/up`, in order: made beforehand, or when they are sent. */
  readonly frames: { readonly length: number; at(index: number): Uint8Array | undefined };
}

export class RawClient {
  readonly #socket: Socket;
  readonly #frames: RawNode['frames'];
  readonly #topic: string;
  #packets: Buffer[] = [];
  #refills = false;
  readonly #sentMs: Float64Array;
  readonly #done: (client: RawClient) => void;
  #held: Buffer = Buffer.alloc(0);
  #next = 0;
  #ready = (): void => undefined;
  acknowledged = 0;
  /** Of each acknowledgement. */
  readonly latencyMs: Float64Array;
  answers = 0;
  lastAnswer: Uint8Array | undefined;

  private constructor(
    socket: Socket,
    { name, frames }: RawNode,
    done: (client: RawClient) => void,
  ) {
    this.#socket = socket;
    this.#done = done;
    this.#sentMs = new Float64Array(frames.length);
    this.latencyMs = new Float64Array(frames.length);
    this.#frames = frames;
    this.#topic = `vitalshare/${name}/up`;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', () => undefined);
  }

  /** Resolves when it is connected and subscribed to its `…/down`. */
  static async open(
    port: number,
    node: RawNode,
    done: (client: RawClient) => void,
  ): Promise<RawClient> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const client = new RawClient(socket, node, done);
    const ready = new Promise<void>((resolve, reject) => {
      client.#ready = resolve;
      socket.once('close', () =>
        reject(new Error(`${node.name}: the broker closed the connection`)),
      );
    });
    const { name, password } = node;
    const connected = {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
    } as const;
    socket.write(
      generate({
        ...connected,
        clientId: name,
        keepalive: 0,
        username: name,
        password: Buffer.from(password),
      }),
    );
    socket.write(
      generate({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [{ topic: `vitalshare/${name}/down`, qos: 0 }],
      }),
    );
    await ready;
    return client;
  }

  get sent(): number {
    return this.#next;
  }

  /** Makes every packet now, and keeps `window` in flight from here on. */
  start(window: number): void {
    this.#packets = Array.from({ length: this.#frames.length }, (_, i) => this.#packetOf(i));
    this.#refills = true;
    for (let i = 0; i < window; i++) this.send();
  }

  /** Sends until `count` frames were sent in all, or `window` are in flight. */
  sendUpTo(count: number, window: number): void {
    while (this.#next < count && this.#next - this.acknowledged < window && this.send());
  }

  /** The next frame; false when there is none. */
  send(): boolean {
    if (this.#next === this.#frames.length) return false;
    const packet = this.#packets[this.#next] ?? this.#packetOf(this.#next);
    this.#sentMs[this.#next++] = performance.now();
    this.#socket.write(packet);
    return true;
  }

  #packetOf(index: number): Buffer {
    const payload = Buffer.from(this.#frames.at(index)!);
    const messageId = (index % 65_535) + 1;
    return generate({
      cmd: 'publish',
      topic: this.#topic,
      payload,
      qos: 1,
      messageId,
      retain: false,
      dup: false,
    });
  }

  end(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#socket.cork();
    let at = 0;
    while (at + 2 <= bytes.length) {
      // Lengths of one or two groups are all that a broker sends here.
      const isLong = bytes[at + 1]! >= 0x80;
      if (isLong && at + 3 > bytes.length) break;
      const length = isLong ? (bytes[at + 1]! & 0x7f) + 128 * bytes[at + 2]! : bytes[at + 1]!;
      const body = at + (isLong ? 3 : 2);
      if (body + length > bytes.length) break;
      this.#packet(bytes[at]! >> 4, bytes.subarray(body, body + length));
      at = body + length;
    }
    this.#held = bytes.subarray(at);
    this.#socket.uncork();
  }

  #packet(type: number, body: Buffer): void {
    if (type === 4) {
      // Acknowledgements may come in any order.
      const index = this.#indexOf(body.readUInt16BE(0));
      this.latencyMs[index] = performance.now() - this.#sentMs[index]!;
      this.acknowledged += 1;
      if (this.acknowledged === this.#frames.length) this.#done(this);
      else if (this.#refills) this.send();
    } else if (type === 3) {
      this.answers += 1;
      this.lastAnswer = new Uint8Array(body.subarray(2 + body.readUInt16BE(0)));
    } else if (type === 9) this.#ready();
  }

  /** Of the newest frame sent with this message id. */
  #indexOf(messageId: number): number {
    const last = this.#next - 1;
    return messageId - 1 + 65_535 * Math.floor((last - (messageId - 1)) / 65_535);
  }
}
