/**
 * One ChaCha20 block (RFC 8439 section 2.3) as a textbook writes it: the twin of the kernel's
 * keystream, and what redraws an element of all ones.
 *
 *   state words: 0–3 constants, 4–11 key, 12 block, 13–15 nonce = counter u64 ‖ 00 00 00 00 [SHARE-7]
 */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
const COLUMNS = [0, 1, 2, 3].map((i) => [i, i + 4, i + 8, i + 12] as const);
const DIAGONALS = [0, 1, 2, 3].map((i) => {
  return [i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4)] as const;
});

/** Sixteen words of the stream. `key` has 32 bytes, `counter` is below 2^53, `block` below 2^32. */
export function chachaBlock(key: Uint8Array, counter: number, block: number): Uint32Array {
  const view = new DataView(key.buffer, key.byteOffset, 32);
  const keyWords = Array.from({ length: 8 }, (_, i) => view.getUint32(4 * i, true));
  const nonce = [counter % 2 ** 32, Math.floor(counter / 2 ** 32), 0];
  const state = Uint32Array.of(...CONSTANTS, ...keyWords, block, ...nonce);
  const x = state.slice();
  for (let round = 0; round < 10; round++) {
    for (const [a, b, c, d] of COLUMNS) quarterRound(x, a, b, c, d);
    for (const [a, b, c, d] of DIAGONALS) quarterRound(x, a, b, c, d);
  }
  return x.map((word, i) => word + state[i]!);
}

function quarterRound(x: Uint32Array, a: number, b: number, c: number, d: number): void {
  const step = (to: number, from: number, turned: number, bits: number) => {
    x[to]! += x[from]!;
    const word = x[turned]! ^ x[to]!;
    x[turned] = (word << bits) | (word >>> (32 - bits));
  };
  step(a, b, d, 16);
  step(c, d, b, 12);
  step(a, b, d, 8);
  step(c, d, b, 7);
}
