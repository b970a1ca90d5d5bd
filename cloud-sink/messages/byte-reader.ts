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

/** Writes into an array whose length was counted beforehand. */
export class ByteWriter {
  readonly bytes: Uint8Array<ArrayBuffer>;
  at = 0;
  readonly #view: DataView;

  constructor(lengthBytes: number) {
    this.bytes = new Uint8Array(lengthBytes);
    this.#view = new DataView(this.bytes.buffer);
  }

  u8(value: number): void {
    this.#view.setUint8(this.#move(1), inRange(value, 0, 0xff));
  }

  u16(value: number): void {
    this.#view.setUint16(this.#move(2), inRange(value, 0, 0xffff), true);
  }

  u32(value: number): void {
    this.#view.setUint32(this.#move(4), inRange(value, 0, 0xffffffff), true);
  }

  i32(value: number): void {
    this.#view.setInt32(this.#move(4), inRange(value, -0x80000000, 0x7fffffff), true);
  }

  f64(value: number): void {
    this.#view.setFloat64(this.#move(8), value, true);
  }

  u64(value: number): void {
    const big = BigInt(inRange(value, 0, Number.MAX_SAFE_INTEGER));
    this.#view.setBigUint64(this.#move(8), big, true);
  }

  i64(value: number): void {
    const big = BigInt(inRange(value, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
    this.#view.setBigInt64(this.#move(8), big, true);
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

  #move(lengthBytes: number): number {
    const start = this.at;
    this.at += lengthBytes;
    return start;
  }
}

function inRange(value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`a field must be an integer in [${min}, ${max}], got ${value}`);
  }
  return value;
}
