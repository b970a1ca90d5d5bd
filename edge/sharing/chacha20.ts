/**
 * ChaCha20 keystream (RFC 8439 section 2.4), written for masks: many short streams, each under its
 * own key, straight into a buffer that is reused.
 *
 * State words: 0–3 constants, 4–11 key, 12 block counter, 13–15 nonce. A mask's nonce is a u64
 * counter and four zero bytes [SHARE-7], so word 15 is 0.
 */

const keyWords = new Uint32Array(8);

/**
 * Fills `out` (whole blocks: a multiple of 16 words) with keystream words for the u64 `counter` as
 * nonce, from block `firstBlock`. Words are in the order of the stream's little-endian bytes.
 */
export function keystreamWords(
  key: Uint8Array,
  counter: number,
  firstBlock: number,
  out: Uint32Array,
  wordCount: number,
): void {
  const view = new DataView(key.buffer, key.byteOffset, 32);
  for (let i = 0; i < 8; i++) keyWords[i] = view.getUint32(4 * i, true);
  const nonceLow = counter >>> 0;
  const nonceHigh = Math.floor(counter / 0x100000000) >>> 0;
  for (let offset = 0, block = firstBlock; offset < wordCount; offset += 16, block++) {
    chachaBlock(keyWords, block, nonceLow, nonceHigh, 0, out, offset);
  }
}

/** One block: 16 words into `out` at `offset`. All twenty rounds on locals; arrays would cost half. */
export function chachaBlock(
  k: Uint32Array,
  block: number,
  n0: number,
  n1: number,
  n2: number,
  out: Uint32Array,
  offset: number,
): void {
  const k0 = k[0]! | 0;
  const k1 = k[1]! | 0;
  const k2 = k[2]! | 0;
  const k3 = k[3]! | 0;
  const k4 = k[4]! | 0;
  const k5 = k[5]! | 0;
  const k6 = k[6]! | 0;
  const k7 = k[7]! | 0;
  let x0 = 0x61707865;
  let x1 = 0x3320646e;
  let x2 = 0x79622d32;
  let x3 = 0x6b206574;
  let x4 = k0;
  let x5 = k1;
  let x6 = k2;
  let x7 = k3;
  let x8 = k4;
  let x9 = k5;
  let x10 = k6;
  let x11 = k7;
  let x12 = block | 0;
  let x13 = n0 | 0;
  let x14 = n1 | 0;
  let x15 = n2 | 0;
  let t = 0;
  for (let round = 0; round < 10; round++) {
    x0 = (x0 + x4) | 0;
    t = x12 ^ x0;
    x12 = (t << 16) | (t >>> 16);
    x8 = (x8 + x12) | 0;
    t = x4 ^ x8;
    x4 = (t << 12) | (t >>> 20);
    x0 = (x0 + x4) | 0;
    t = x12 ^ x0;
    x12 = (t << 8) | (t >>> 24);
    x8 = (x8 + x12) | 0;
    t = x4 ^ x8;
    x4 = (t << 7) | (t >>> 25);
    x1 = (x1 + x5) | 0;
    t = x13 ^ x1;
    x13 = (t << 16) | (t >>> 16);
    x9 = (x9 + x13) | 0;
    t = x5 ^ x9;
    x5 = (t << 12) | (t >>> 20);
    x1 = (x1 + x5) | 0;
    t = x13 ^ x1;
    x13 = (t << 8) | (t >>> 24);
    x9 = (x9 + x13) | 0;
    t = x5 ^ x9;
    x5 = (t << 7) | (t >>> 25);
    x2 = (x2 + x6) | 0;
    t = x14 ^ x2;
    x14 = (t << 16) | (t >>> 16);
    x10 = (x10 + x14) | 0;
    t = x6 ^ x10;
    x6 = (t << 12) | (t >>> 20);
    x2 = (x2 + x6) | 0;
    t = x14 ^ x2;
    x14 = (t << 8) | (t >>> 24);
    x10 = (x10 + x14) | 0;
    t = x6 ^ x10;
    x6 = (t << 7) | (t >>> 25);
    x3 = (x3 + x7) | 0;
    t = x15 ^ x3;
    x15 = (t << 16) | (t >>> 16);
    x11 = (x11 + x15) | 0;
    t = x7 ^ x11;
    x7 = (t << 12) | (t >>> 20);
    x3 = (x3 + x7) | 0;
    t = x15 ^ x3;
    x15 = (t << 8) | (t >>> 24);
    x11 = (x11 + x15) | 0;
    t = x7 ^ x11;
    x7 = (t << 7) | (t >>> 25);
    x0 = (x0 + x5) | 0;
    t = x15 ^ x0;
    x15 = (t << 16) | (t >>> 16);
    x10 = (x10 + x15) | 0;
    t = x5 ^ x10;
    x5 = (t << 12) | (t >>> 20);
    x0 = (x0 + x5) | 0;
    t = x15 ^ x0;
    x15 = (t << 8) | (t >>> 24);
    x10 = (x10 + x15) | 0;
    t = x5 ^ x10;
    x5 = (t << 7) | (t >>> 25);
    x1 = (x1 + x6) | 0;
    t = x12 ^ x1;
    x12 = (t << 16) | (t >>> 16);
    x11 = (x11 + x12) | 0;
    t = x6 ^ x11;
    x6 = (t << 12) | (t >>> 20);
    x1 = (x1 + x6) | 0;
    t = x12 ^ x1;
    x12 = (t << 8) | (t >>> 24);
    x11 = (x11 + x12) | 0;
    t = x6 ^ x11;
    x6 = (t << 7) | (t >>> 25);
    x2 = (x2 + x7) | 0;
    t = x13 ^ x2;
    x13 = (t << 16) | (t >>> 16);
    x8 = (x8 + x13) | 0;
    t = x7 ^ x8;
    x7 = (t << 12) | (t >>> 20);
    x2 = (x2 + x7) | 0;
    t = x13 ^ x2;
    x13 = (t << 8) | (t >>> 24);
    x8 = (x8 + x13) | 0;
    t = x7 ^ x8;
    x7 = (t << 7) | (t >>> 25);
    x3 = (x3 + x4) | 0;
    t = x14 ^ x3;
    x14 = (t << 16) | (t >>> 16);
    x9 = (x9 + x14) | 0;
    t = x4 ^ x9;
    x4 = (t << 12) | (t >>> 20);
    x3 = (x3 + x4) | 0;
    t = x14 ^ x3;
    x14 = (t << 8) | (t >>> 24);
    x9 = (x9 + x14) | 0;
    t = x4 ^ x9;
    x4 = (t << 7) | (t >>> 25);
  }
  out[offset] = x0 + 0x61707865;
  out[offset + 1] = x1 + 0x3320646e;
  out[offset + 2] = x2 + 0x79622d32;
  out[offset + 3] = x3 + 0x6b206574;
  out[offset + 4] = x4 + k0;
  out[offset + 5] = x5 + k1;
  out[offset + 6] = x6 + k2;
  out[offset + 7] = x7 + k3;
  out[offset + 8] = x8 + k4;
  out[offset + 9] = x9 + k5;
  out[offset + 10] = x10 + k6;
  out[offset + 11] = x11 + k7;
  out[offset + 12] = x12 + block;
  out[offset + 13] = x13 + n0;
  out[offset + 14] = x14 + n1;
  out[offset + 15] = x15 + n2;
}
