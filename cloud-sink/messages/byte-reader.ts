/**
 * Little-endian fields in and out of a byte array, for every binary form of PROTOCOL.md.
 *
 * A u64 must fit 53 bits: a position, counter or time beyond 2^53 is refused, never rounded. The
 * owner of a form says which error a short or wide field is, so every codec has one error class.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly #view: DataView;
  readonly #fail: (message: string) => Error;

  constructor(bytes: Uint8Array, fail: (message: string) => Error, at = 0) {
    this.bytes = bytes;
    this.at = at;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fail = fail;
  }

  u8(field: string): number {
    return this.#view.getUint8(this.#take(field, 1));
  }

  u16(field: string): number {
    return this.#view.getUint16(this.#take(field, 2), true);
  }

  u32(field: string): number {
    return this.#view.getUint32(this.#take(field, 4), true);
  }

  i32(field: string): number {
    return this.#view.getInt32(this.#take(field, 4), true);
  }

  f64(field: string): number {
    return this.#view.getFloat64(this.#take(field, 8), true);
  }

  u64(field: string): number {
    return this.#safe(field, this.#view.getBigUint64(this.#take(field, 8), true));
  }

  i64(field: string): number {
    return this.#safe(field, this.#view.getBigInt64(this.#take(field, 8), true));
  }

  /** A view into the input, not a copy. */
  take(field: string, lengthBytes: number): Uint8Array {
    const start = this.#take(field, lengthBytes);
    return this.bytes.subarray(start, start + lengthBytes);
  }

  /** Every byte must be used. */
  end(): void {
    if (this.at !== this.bytes.length) {
      throw this.#fail(`${this.bytes.length - this.at} bytes stand behind the last field`);
    }
  }

  #take(field: string, lengthBytes: number): number {
    const start = this.at;
    if (start + lengthBytes > this.bytes.length) {
      throw this.#fail(`${field} needs ${lengthBytes} bytes, got ${this.bytes.length - start}`);
    }
    this.at = start + lengthBytes;
    return start;
  }

  #safe(field: string, value: bigint): number {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw this.#fail(`${field} does not fit 53 bits`);
    return number;
  }
}

/** A number's eight bytes; little-endian, as wherever JavaScript runs. */
const DOUBLE = new Float64Array(1);
const DOUBLE_BYTES = new Uint8Array(DOUBLE.buffer);
const TWO_32 = 2 ** 32;

/**
 * Writes into an array whose length was counted beforehand. Byte by byte: a DataView on a small array
 * moves it out of the heap, which costs more than the record.
 */
export class ByteWriter {
  readonly bytes: Uint8Array<ArrayBuffer>;
  at = 0;

  constructor(lengthBytes: number) {
    this.bytes = new Uint8Array(lengthBytes);
  }

  u8(value: number): void {
    this.bytes[this.#move(1)] = inRange(value, 0, 0xff);
  }

  u16(value: number): void {
    inRange(value, 0, 0xffff);
    const at = this.#move(2);
    this.bytes[at] = value & 0xff;
    this.bytes[at + 1] = value >>> 8;
  }

  u32(value: number): void {
    this.#word(inRange(value, 0, 0xffffffff));
  }

  i32(value: number): void {
    this.#word(inRange(value, -0x80000000, 0x7fffffff));
  }

  f64(value: number): void {
    DOUBLE[0] = value;
    this.put(DOUBLE_BYTES);
  }

  u64(value: number): void {
    this.i64(inRange(value, 0, Number.MAX_SAFE_INTEGER));
  }

  i64(value: number): void {
    inRange(value, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    const high = Math.floor(value / TWO_32);
    this.#word(value - high * TWO_32);
    this.#word(high);
  }

  put(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#move(bytes.length));
  }

  /** The whole array; a count that was wrong is a bug here, not in the input. */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.at !== this.bytes.length) {
      throw new RangeError(`ByteWriter: wrote ${this.at} of ${this.bytes.length} bytes`);
    }
    return this.bytes;
  }

  /** The low 32 bits. */
  #word(value: number): void {
    const at = this.#move(4);
    const word = value | 0;
    this.bytes[at] = word & 0xff;
    this.bytes[at + 1] = (word >>> 8) & 0xff;
    this.bytes[at + 2] = (word >>> 16) & 0xff;
    this.bytes[at + 3] = word >>> 24;
  }

  /** A count that was too small is a bug of the caller; a typed array would swallow the byte. */
  #move(lengthBytes: number): number {
    const start = this.at;
    this.at += lengthBytes;
    if (this.at > this.bytes.length) {
      throw new RangeError(`ByteWriter: no room beyond ${this.bytes.length} bytes`);
    }
    return start;
  }
}

function inRange(value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`a field must be an integer in [${min}, ${max}], got ${value}`);
  }
  return value;
}
