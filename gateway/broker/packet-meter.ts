/**
 * Measures MQTT packets as their bytes pass, before anything collects them: the parser behind it
 * would wait for, and hold, the 256 MiB that a packet may claim to be.
 *
 *   packet = type u8 ‖ remaining length (1 to 4 bytes, 7 bits each, low first) ‖ that many bytes
 *
 * MQTT 3.1.1 section 2.2.3. One meter a connection; chunks may cut packets anywhere.
 */
const LENGTH_BYTES_MAX = 4;

export class PacketMeter {
  #limit: number;
  /** Bytes of the packet at hand still to come; −1 while its header is being read. */
  #left = -1;
  /** Header bytes read of the packet at hand: its type, then its length. */
  #headerBytes = 0;
  #length = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** From the next packet on. */
  raiseLimit(limitBytes: number): void {
    this.#limit = limitBytes;
  }

  /** False as soon as a packet claims more than the limit, or a length that is none. */
  accepts(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left >= 0) {
        const taken = Math.min(this.#left, chunk.length - at);
        at += taken;
        this.#left -= taken;
        if (this.#left === 0) this.#left = -1;
        continue;
      }
      if (!this.#header(chunk[at++]!)) return false;
    }
    return true;
  }

  #header(byte: number): boolean {
    this.#headerBytes += 1;
    if (this.#headerBytes === 1) return true;
    const group = this.#headerBytes - 2;
    this.#length += (byte & 0x7f) * 128 ** group;
    if (this.#length > this.#limit) return false;
    if ((byte & 0x80) !== 0) return group + 1 < LENGTH_BYTES_MAX;
    this.#left = this.#length === 0 ? -1 : this.#length;
    this.#headerBytes = 0;
    this.#length = 0;
    return true;
  }
}
