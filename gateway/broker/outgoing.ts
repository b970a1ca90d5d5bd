/**
 * What goes back to nodes, gathered: everything of one connection and one turn is one write.
 *
 *   PUBACK   40 02 ‖ packet id u16                                             MQTT 3.1.1, section 3.4
 *   answer   30 ‖ remaining length ‖ topic length u16 ‖ topic ‖ sealed         section 3.3, QoS 0
 *
 * A batch of the log settles tens of frames of a node at once. Of aedes each PUBACK would be three chunks
 * and two turns, and each answer a walk through every subscription. Who reads too slowly is not read on
 * until it has: aedes cuts it off after DRAIN_TIMEOUT_MS.
 */
import { downTopic } from '@vitalshare/edge/wire';
import type { Client } from 'aedes';

const PUBACK = 0x40;
const PUBLISH = 0x30;

type Done = (error?: Error | null) => void;

interface Due {
  readonly packets: Buffer[];
  readonly done: Done[];
}

/** aedes 1.2; its types leave it out. */
interface Drains {
  waitForDrain(callback: (error: Error | null) => void): void;
}

export class Outgoing {
  readonly #schedule: (run: () => void) => void;
  #due = new Map<Client, Due>();

  constructor(schedule: (run: () => void) => void = setImmediate) {
    this.#schedule = schedule;
  }

  /** `done` is called when it is written: the next packet of the connection may be read. */
  puback(client: Client, packetId: number, done: Done): void {
    const due = this.#of(client);
    due.packets.push(Buffer.of(PUBACK, 2, packetId >> 8, packetId & 0xff));
    due.done.push(done);
  }

  answer(client: Client, node: string, sealed: Uint8Array): void {
    this.#of(client).packets.push(publishPacket(downTopic(node), sealed));
  }

  #of(client: Client): Due {
    let due = this.#due.get(client);
    if (due === undefined) {
      if (this.#due.size === 0) this.#schedule(() => this.#flush());
      this.#due.set(client, (due = { packets: [], done: [] }));
    }
    return due;
  }

  #flush(): void {
    const all = this.#due;
    this.#due = new Map();
    for (const [client, { packets, done }] of all) {
      const settle = (error: Error | null): void => {
        for (const each of done) each(error);
      };
      if (client.closed || client.conn.destroyed) settle(new Error('connection closed'));
      else if (client.conn.write(Buffer.concat(packets))) settle(null);
      else (client as Client & Drains).waitForDrain(settle);
    }
  }
}

function publishPacket(topic: string, payload: Uint8Array): Buffer {
  const length = 2 + topic.length + payload.length;
  const lengthBytes = length < 128 ? 1 : length < 16_384 ? 2 : 3;
  const packet = Buffer.allocUnsafe(1 + lengthBytes + length);
  packet[0] = PUBLISH;
  for (let i = 0, rest = length; i < lengthBytes; i++, rest >>= 7) {
    packet[1 + i] = (rest & 0x7f) | (i < lengthBytes - 1 ? 0x80 : 0);
  }
  const at = packet.writeUInt16BE(topic.length, 1 + lengthBytes);
  packet.write(topic, at, 'latin1');
  packet.set(payload, at + topic.length);
  return packet;
}
