/**
 * The group: ristretto255 (RFC 9496), of prime order L = 2^252 + 27742317777372353535851937790883648493,
 * with G its generator. Points cross the wire as 32 canonical bytes, scalars as 32 bytes little-endian.
 *
 * Arithmetic is @noble/curves': audited, 32 bytes a point, no cofactor, and in `edge` already. libsodium's
 * WebAssembly (libsodium-wrappers-sumo) multiplies faster but has neither an affine coordinate nor a cheap
 * addition, which the discrete logarithm needs by the thousand, and is 1 MB for a page.
 */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { concatBytes, utf8 } from '@vitalshare/edge/seal';
import { ElgamalError } from './error.ts';

const { Point: RISTRETTO } = ristretto255;

export type Point = InstanceType<typeof RISTRETTO>;
/** 0 ≤ scalar < L. */
export type Scalar = bigint;
export type Random = (lengthBytes: number) => Uint8Array;

export const G: Point = RISTRETTO.BASE;
export const IDENTITY: Point = RISTRETTO.ZERO;
export const ORDER: bigint = RISTRETTO.Fn.ORDER;
export const ENCODED_BYTES = 32;

export const modOrder = (value: bigint): Scalar => ((value % ORDER) + ORDER) % ORDER;

export const invertScalar = (scalar: Scalar): Scalar => RISTRETTO.Fn.inv(scalar);

/** For secret scalars: constant-time as far as BigInt lets it be. */
export const times = (point: Point, scalar: Scalar): Point =>
  scalar === 0n ? IDENTITY : point.multiply(scalar);

/** For public scalars: faster, and its time tells the scalar. */
export const timesPublic = (point: Point, scalar: Scalar): Point => point.multiplyUnsafe(scalar);

export const sumOf = (points: readonly Point[]): Point =>
  points.reduce((sum, point) => sum.add(point), IDENTITY);

/** Uniform, from 64 bytes. */
export const randomScalar = (random: Random): Scalar => modOrder(littleEndian(random(64)));

/** Throws ElgamalError `point`. `what` says whose it is. */
export function decodePoint(bytes: Uint8Array, what: string): Point {
  if (bytes.length !== ENCODED_BYTES) {
    throw new ElgamalError('point', `${what} must have 32 bytes, got ${bytes.length}`);
  }
  try {
    return RISTRETTO.fromBytes(bytes);
  } catch {
    throw new ElgamalError('point', `${what} is no canonical encoding of a point`);
  }
}

/** The same where the identity would be no key, no commitment and no randomness. */
export function decodeNonzeroPoint(bytes: Uint8Array, what: string): Point {
  const point = decodePoint(bytes, what);
  if (!point.is0()) return point;
  throw new ElgamalError('point', `${what} is the identity`);
}

/** Throws ElgamalError `scalar`. */
export function decodeScalar(bytes: Uint8Array, what: string): Scalar {
  const value = bytes.length === ENCODED_BYTES ? littleEndian(bytes) : ORDER;
  if (value < ORDER) return value;
  throw new ElgamalError('scalar', `${what} is no canonical scalar of 32 bytes`);
}

export function encodeScalar(scalar: Scalar): Uint8Array {
  const bytes = new Uint8Array(ENCODED_BYTES);
  for (let i = 0, rest = scalar; i < ENCODED_BYTES; i++, rest >>= 8n)
    bytes[i] = Number(rest & 255n);
  return bytes;
}

/**
 * A challenge of Fiat and Shamir over everything a proof is about: expand_message_xmd with SHA-512
 * (RFC 9380) under its own label, over each part with its length before it, reduced mod L.
 */
export function challengeOf(label: string, context: Uint8Array, points: readonly Point[]): Scalar {
  const parts = [context, ...points.map((point) => point.toBytes())].flatMap((part) => [
    lengthOf(part),
    part,
  ]);
  const DST = `vitalshare elgamal 1 ${label}`;
  return ristretto255_hasher.hashToScalar(concatBytes(...parts), { DST: utf8(DST) });
}

function lengthOf(part: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, part.length, true);
  return bytes;
}

const littleEndian = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
