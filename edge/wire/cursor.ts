/**
 * Checked little-endian reading and writing: every field has a name and an interval, in both
 * directions, so that nothing wraps on the way out and nothing is repaired on the way in.
 *
 * Reading throws WireError (the bytes are somebody else's), writing RangeError (a caller's bug).
 * A u64 or i64 beyond 2^53 − 1 is refused: no time within a hundred years of now needs it.
 */
import { WireError, type WireErrorCode } from './error.ts';

const TWO_32 = 2 ** 32;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length, view = viewOf(bytes)) {
    this.#bytes = bytes;
    this.#view = view;
    this.#at = start;
    this.#end = end;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  u8(field: string, min = 0, max = 0xff): number {
    const at = this.#skip(field, 1);
    return inside(field, this.#view.getUint8(at), min, max, at);
  }

  i8(field: string): number {
    return this.#view.getInt8(this.#skip(field, 1));
  }

  u16(field: string, min = 0, max = 0xffff): number {
    const at = this.#skip(field, 2);
    return inside(field, this.#view.getUint16(at, true), min, max, at);
  }

  u32(field: string, min = 0, max = 0xffffffff): number {
    const at = this.#skip(field, 4);
    return inside(field, this.#view.getUint32(at, true), min, max, at);
  }

  i32(field: string): number {
    return this.#view.getInt32(this.#skip(field, 4), true);
  }

  u64(field: string): number {
    const at = this.#skip(field, 8);
    const high = this.#view.getUint32(at + 4, true);
    return inside(field, high * TWO_32 + this.#view.getUint32(at, true), 0, 2 ** 53 - 1, at);
  }

  i64(field: string, min: number, max: number): number {
    const at = this.#skip(field, 8);
    const high = this.#view.getInt32(at + 4, true);
    return inside(field, high * TWO_32 + this.#view.getUint32(at, true), min, max, at);
  }

  f64(field: string): number {
    return this.#view.getFloat64(this.#skip(field, 8), true);
  }

  /** A copy: what a decoder returns must not change when the caller's buffer does. */
  bytes(field: string, count: number): Uint8Array {
    const at = this.#skip(field, count);
    // A copy even of a Buffer, whose own slice would be a view.
    return new Uint8Array(this.#bytes.subarray(at, at + count));
  }

  i32s(field: string, count: number): Int32Array {
    const at = this.#skip(field, 4 * count);
    const values = new Int32Array(count);
    for (let i = 0; i < count; i++) values[i] = this.#view.getInt32(at + 4 * i, true);
    return values;
  }

  i16s(field: string, count: number): Int16Array {
    const at = this.#skip(field, 2 * count);
    const values = new Int16Array(count);
    for (let i = 0; i < count; i++) values[i] = this.#view.getInt16(at + 2 * i, true);
    return values;
  }

  /** A reader of the next `count` bytes, which positions in errors still count from the whole. */
  part(field: string, count: number): ByteReader {
    const at = this.#skip(field, count);
    return new ByteReader(this.#bytes, at, at + count, this.#view);
  }

  end(what: string): void {
    if (this.left !== 0) this.fail('malformed', `${what}: ${this.left} bytes too many`);
  }

  /** Refuses the field that ended here, or starts `back` bytes before. */
  fail(code: WireErrorCode, detail: string, back = 0): never {
    throw new WireError(code, this.#at - back, detail);
  }

  #skip(field: string, count: number): number {
    if (count > this.left) {
      const detail = `${field}: expected ${count} bytes, got ${this.left}`;
      throw new WireError('malformed', this.#at, detail);
    }
    const at = this.#at;
    this.#at += count;
    return at;
  }
}

export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(field: string, value: number, min = 0, max = 0xff): void {
    const at = this.#grow(1);
    this.#view.setUint8(at, whole(field, value, min, max));
  }

  i8(field: string, value: number, min = -0x80, max = 0x7f): void {
    const at = this.#grow(1);
    this.#view.setInt8(at, whole(field, value, min, max));
  }

  u16(field: string, value: number, min = 0, max = 0xffff): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, whole(field, value, min, max), true);
  }

  u32(field: string, value: number, min = 0, max = 0xffffffff): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, whole(field, value, min, max), true);
  }

  i32(field: string, value: number): void {
    const at = this.#grow(4);
    this.#view.setInt32(at, whole(field, value, -0x80000000, 0x7fffffff), true);
  }

  u64(field: string, value: number): void {
    const at = this.#grow(8);
    this.#set64(at, whole(field, value, 0, 2 ** 53 - 1));
  }

  i64(field: string, value: number, min: number, max: number): void {
    const at = this.#grow(8);
    this.#set64(at, whole(field, value, min, max));
  }

  f64(value: number): void {
    const at = this.#grow(8);
    this.#view.setFloat64(at, value, true);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  i32s(values: Int32Array): void {
    const at = this.#grow(4 * values.length);
    for (let i = 0; i < values.length; i++) this.#view.setInt32(at + 4 * i, values[i]!, true);
  }

  i16s(values: Int16Array): void {
    const at = this.#grow(2 * values.length);
    for (let i = 0; i < values.length; i++) this.#view.setInt16(at + 2 * i, values[i]!, true);
  }

  /** Writes the u16 length of everything that `write` writes in front of it. */
  u16Sized(field: string, write: () => void): void {
    const at = this.#grow(2);
    write();
    this.#view.setUint16(at, whole(field, this.#length - at - 2, 0, 0xffff), true);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #set64(at: number, value: number): void {
    const high = Math.floor(value / TWO_32);
    this.#view.setUint32(at, value - high * TWO_32, true);
    this.#view.setInt32(at + 4, high, true);
  }

  #grow(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

function inside(field: string, value: number, min: number, max: number, at: number): number {
  if (value >= min && value <= max) return value;
  throw new WireError('malformed', at, `${field}: expected ${min} to ${max}`);
}

function whole(field: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`${field}: expected an integer from ${min} to ${max}`);
}
