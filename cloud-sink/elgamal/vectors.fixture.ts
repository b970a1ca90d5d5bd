/** `vectors/elgamal.json` as points and numbers, and randomness that gives scalars in order. */
import { fromHex } from '@vitalshare/edge/seal';
import { decodePoint, decodeScalar, type Random, type Scalar } from './group.ts';
import vectors from './vectors/elgamal.json' with { type: 'json' };

export { vectors };

export const point = (hex: string) => decodePoint(fromHex(hex), 'a vector');
export const scalar = (hex: string) => decodeScalar(fromHex(hex), 'a vector');

/** Of 64 bytes each, as `randomScalar` draws them. */
export function drawing(...scalars: readonly Scalar[]): Random {
  const left = [...scalars];
  return (lengthBytes) => {
    const bytes = new Uint8Array(lengthBytes);
    for (let i = 0, rest = left.shift()!; i < lengthBytes; i++, rest >>= 8n) {
      bytes[i] = Number(rest & 255n);
    }
    return bytes;
  };
}
