/** Masks: keystream words, four ChaCha20 blocks side by side. */

export const WORDS: usize = memory.data(64 * 4, 16);

export function double(count: i32): void {
  for (let at = WORDS, end = WORDS + ((<usize>count) << 2); at < end; at += 16) {
    const words = v128.load(at);
    v128.store(at, i32x4.add(words, words));
  }
}
