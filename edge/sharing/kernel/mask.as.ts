/**
 * The masks of one frame, in WebAssembly SIMD (SHARING.md): ChaCha20 (RFC 8439) four blocks side by
 * side, read as elements of p = 2^61 − 1, times a factor per set, added to the frame.
 *
 *   add        DATA_i ← DATA_i + Σ_A f_A·ψ_A,i         derive
 *   subtract   DATA_i ← DATA_i − Σ_A ψ_A,i             split
 *   xor        DATA ← DATA ⊕ the keystream of every set    waveforms, κ
 *
 * In memory an element is two u32 words, x mod 2^31 and x >> 31 (`edge/field`). Lane b of a vector of
 * STATE belongs to block b, so vectors 2e and 2e + 1 hold element e of four blocks. SUMS has the same
 * elements as u64, below p + 8, two vectors each; `settle` brings them into the stream's order.
 *
 * A call is whole groups of four blocks (32 elements, 256 bytes), at most GROUPS_MAX of them. Nothing is
 * kept from call to call but what the caller left in KEYS and FACTORS. The twin is `../textbook.ts`.
 */
const SETS_MAX: i32 = 500;
const GROUPS_MAX: i32 = 64;
const P: i64 = 0x1fffffffffffffff;

/** Per set, 32 bytes. */
export const KEYS: usize = memory.data(SETS_MAX * 32, 16);
/** Per set, an element below p. */
export const FACTORS: usize = memory.data(SETS_MAX * 8, 16);
/** The elements or bytes of a call, whole groups. */
export const DATA: usize = memory.data(GROUPS_MAX * 256, 16);
/** The u64 whose low 61 bits are redrawn: all ones. A test puts another here to see it done [S20]. */
export const RARE: usize = memory.data<i64>([P], 16);

const STATE: usize = memory.data(256, 16);
const SUMS: usize = memory.data(256, 16);

/** Returns 1 where a keystream's element was RARE: DATA is then not to be used [SHARE-8]. */
export function add(sets: i32, nonceLow: i32, nonceHigh: i32, block: i32, groups: i32): i32 {
  let rare = i64x2.splat(0);
  for (let group = 0; group < groups; group++) {
    memory.fill(SUMS, 0, 256);
    for (let set = 0; set < sets; set++) {
      keystream(KEYS + 32 * <usize>set, nonceLow, nonceHigh, block + 4 * group);
      rare = v128.or(rare, addScaled(FACTORS + 8 * <usize>set));
    }
    settle(DATA + 256 * <usize>group);
  }
  return v128.any_true(rare) ? 1 : 0;
}

/** As `add` with every factor p − 1, but without a multiplication. */
export function subtract(sets: i32, nonceLow: i32, nonceHigh: i32, block: i32, groups: i32): i32 {
  let rare = i64x2.splat(0);
  for (let group = 0; group < groups; group++) {
    memory.fill(SUMS, 0, 256);
    for (let set = 0; set < sets; set++) {
      keystream(KEYS + 32 * <usize>set, nonceLow, nonceHigh, block + 4 * group);
      rare = v128.or(rare, addNegated());
    }
    settle(DATA + 256 * <usize>group);
  }
  return v128.any_true(rare) ? 1 : 0;
}

export function xor(sets: i32, nonceLow: i32, nonceHigh: i32, block: i32, groups: i32): void {
  for (let group = 0; group < groups; group++) {
    for (let set = 0; set < sets; set++) {
      keystream(KEYS + 32 * <usize>set, nonceLow, nonceHigh, block + 4 * group);
      xorInto(DATA + 256 * <usize>group);
    }
  }
}

/** SUMS += factor · STATE. Not zero where an element was RARE. */
function addScaled(factor: usize): v128 {
  const rareLow = i32x4.splat(<i32>(load<i64>(RARE) & 0x7fffffff));
  const rareHigh = i32x4.splat(<i32>(load<i64>(RARE) >> 31));
  const f0 = v128.load32_splat(factor);
  const f1 = v128.load32_splat(factor, 4);
  const f1Twice = i32x4.shl(f1, 1);
  let rare = i32x4.splat(0);
  for (let at: usize = 0; at < 256; at += 32) {
    const word0 = v128.load(STATE + at);
    const word1 = v128.load(STATE + at, 16);
    const x0 = v128.and(word0, i32x4.splat(0x7fffffff));
    const x1 = v128.and(
      v128.or(i32x4.shr_u(word0, 31), i32x4.shl(word1, 1)),
      i32x4.splat(0x3fffffff),
    );
    rare = v128.or(rare, v128.and(i32x4.eq(x0, rareLow), i32x4.eq(x1, rareHigh)));
    // f·x = f0·x0 + (f0·x1 + f1·x0)·2^31 + f1·x1·2^62, and 2^62 ≡ 2.
    addProducts(
      SUMS + at,
      i64x2.add(i64x2.extmul_low_i32x4_u(f0, x0), i64x2.extmul_low_i32x4_u(f1Twice, x1)),
      i64x2.add(i64x2.extmul_low_i32x4_u(f0, x1), i64x2.extmul_low_i32x4_u(f1, x0)),
    );
    addProducts(
      SUMS + at + 16,
      i64x2.add(i64x2.extmul_high_i32x4_u(f0, x0), i64x2.extmul_high_i32x4_u(f1Twice, x1)),
      i64x2.add(i64x2.extmul_high_i32x4_u(f0, x1), i64x2.extmul_high_i32x4_u(f1, x0)),
    );
  }
  return rare;
}

/**
 * sum += low + middle·2^31, where low < 2^63 and middle < 2^62: the part of middle from bit 30 on
 * has weight 2^61 ≡ 1. The total stays below 2^64.
 */
function addProducts(sum: usize, low: v128, middle: v128): void {
  const middleLow = i64x2.shl(v128.and(middle, i64x2.splat(0x3fffffff)), 31);
  const total = i64x2.add(i64x2.add(low, middleLow), i64x2.shr_u(middle, 30));
  v128.store(sum, folded(i64x2.add(v128.load(sum), total)));
}

/** SUMS −= STATE: p − x is x with its 61 bits flipped. Not zero where an element was RARE. */
function addNegated(): v128 {
  const p = i64x2.splat(P);
  const rareNegated = v128.andnot(p, v128.load64_splat(RARE));
  let rare = i64x2.splat(0);
  for (let at: usize = 0; at < 256; at += 32) {
    const word0 = v128.load(STATE + at);
    const word1 = v128.load(STATE + at, 16);
    const low = v128.andnot(p, i32x4.shuffle(word0, word1, 0, 4, 1, 5));
    const high = v128.andnot(p, i32x4.shuffle(word0, word1, 2, 6, 3, 7));
    rare = v128.or(rare, v128.or(i64x2.eq(low, rareNegated), i64x2.eq(high, rareNegated)));
    v128.store(SUMS + at, folded(i64x2.add(v128.load(SUMS + at), low)));
    v128.store(SUMS + at, folded(i64x2.add(v128.load(SUMS + at, 16), high)), 16);
  }
  return rare;
}

/** Below p + 8, congruent: what is above 61 bits comes back in at the bottom. */
function folded(x: v128): v128 {
  return i64x2.add(v128.and(x, i64x2.splat(P)), i64x2.shr_u(x, 61));
}

/** A group at `data` += SUMS, from lanes of blocks back into the order of the stream. */
function settle(data: usize): void {
  for (let pair: usize = 0; pair < 4; pair++) {
    for (let half: usize = 0; half < 2; half++) {
      const a = v128.load(SUMS + 64 * pair + 16 * half);
      const b = v128.load(SUMS + 64 * pair + 16 * half, 32);
      const at = data + 16 * pair + 128 * half;
      settleTwo(at, i64x2.shuffle(a, b, 0, 2));
      settleTwo(at + 64, i64x2.shuffle(a, b, 1, 3));
    }
  }
}

/** Two elements at `at` += `sums`, canonical. */
function settleTwo(at: usize, sums: v128): void {
  const p = i64x2.splat(P);
  const low31 = i64x2.splat(0x7fffffff);
  const high30 = i64x2.splat(0x3fffffff00000000);
  const words = v128.load(at);
  const x = v128.or(v128.and(words, low31), i64x2.shr_u(v128.and(words, high30), 1));
  const sum = folded(i64x2.add(x, sums));
  // From p on, sum + 1 has bit 61.
  const canonical = v128.and(i64x2.add(sum, i64x2.shr_u(i64x2.add(sum, i64x2.splat(1)), 61)), p);
  v128.store(at, v128.or(v128.and(canonical, low31), v128.and(i64x2.shl(canonical, 1), high30)));
}

/** A group of bytes at `data` ^= STATE, four words of four blocks at a time. */
function xorInto(data: usize): void {
  for (let quarter: usize = 0; quarter < 4; quarter++) {
    const w0 = v128.load(STATE + 64 * quarter);
    const w1 = v128.load(STATE + 64 * quarter, 16);
    const w2 = v128.load(STATE + 64 * quarter, 32);
    const w3 = v128.load(STATE + 64 * quarter, 48);
    const low01 = i32x4.shuffle(w0, w1, 0, 4, 1, 5);
    const low23 = i32x4.shuffle(w2, w3, 0, 4, 1, 5);
    const high01 = i32x4.shuffle(w0, w1, 2, 6, 3, 7);
    const high23 = i32x4.shuffle(w2, w3, 2, 6, 3, 7);
    const at = data + 16 * quarter;
    v128.store(at, v128.xor(v128.load(at), i64x2.shuffle(low01, low23, 0, 2)));
    v128.store(at, v128.xor(v128.load(at, 64), i64x2.shuffle(low01, low23, 1, 3)), 64);
    v128.store(at, v128.xor(v128.load(at, 128), i64x2.shuffle(high01, high23, 0, 2)), 128);
    v128.store(at, v128.xor(v128.load(at, 192), i64x2.shuffle(high01, high23, 1, 3)), 192);
  }
}

/** STATE ← blocks `block` to `block + 3` (RFC 8439, 2.3). Word 15 is 0 [SHARE-7]. */
function keystream(key: usize, nonceLow: i32, nonceHigh: i32, block: i32): void {
  const k4 = v128.load32_splat(key);
  const k5 = v128.load32_splat(key, 4);
  const k6 = v128.load32_splat(key, 8);
  const k7 = v128.load32_splat(key, 12);
  const k8 = v128.load32_splat(key, 16);
  const k9 = v128.load32_splat(key, 20);
  const k10 = v128.load32_splat(key, 24);
  const k11 = v128.load32_splat(key, 28);
  const k12 = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
  const k13 = i32x4.splat(nonceLow);
  const k14 = i32x4.splat(nonceHigh);
  let x0 = i32x4.splat(0x61707865);
  let x1 = i32x4.splat(0x3320646e);
  let x2 = i32x4.splat(0x79622d32);
  let x3 = i32x4.splat(0x6b206574);
  let x4 = k4;
  let x5 = k5;
  let x6 = k6;
  let x7 = k7;
  let x8 = k8;
  let x9 = k9;
  let x10 = k10;
  let x11 = k11;
  let x12 = k12;
  let x13 = k13;
  let x14 = k14;
  let x15 = i32x4.splat(0);
  // Eight quarter rounds of eight lines: four columns, four diagonals.
  for (let round = 0; round < 10; round++) {
    x0 = i32x4.add(x0, x4);
    x12 = rotate(v128.xor(x12, x0), 16);
    x8 = i32x4.add(x8, x12);
    x4 = rotate(v128.xor(x4, x8), 12);
    x0 = i32x4.add(x0, x4);
    x12 = rotate(v128.xor(x12, x0), 8);
    x8 = i32x4.add(x8, x12);
    x4 = rotate(v128.xor(x4, x8), 7);
    x1 = i32x4.add(x1, x5);
    x13 = rotate(v128.xor(x13, x1), 16);
    x9 = i32x4.add(x9, x13);
    x5 = rotate(v128.xor(x5, x9), 12);
    x1 = i32x4.add(x1, x5);
    x13 = rotate(v128.xor(x13, x1), 8);
    x9 = i32x4.add(x9, x13);
    x5 = rotate(v128.xor(x5, x9), 7);
    x2 = i32x4.add(x2, x6);
    x14 = rotate(v128.xor(x14, x2), 16);
    x10 = i32x4.add(x10, x14);
    x6 = rotate(v128.xor(x6, x10), 12);
    x2 = i32x4.add(x2, x6);
    x14 = rotate(v128.xor(x14, x2), 8);
    x10 = i32x4.add(x10, x14);
    x6 = rotate(v128.xor(x6, x10), 7);
    x3 = i32x4.add(x3, x7);
    x15 = rotate(v128.xor(x15, x3), 16);
    x11 = i32x4.add(x11, x15);
    x7 = rotate(v128.xor(x7, x11), 12);
    x3 = i32x4.add(x3, x7);
    x15 = rotate(v128.xor(x15, x3), 8);
    x11 = i32x4.add(x11, x15);
    x7 = rotate(v128.xor(x7, x11), 7);
    x0 = i32x4.add(x0, x5);
    x15 = rotate(v128.xor(x15, x0), 16);
    x10 = i32x4.add(x10, x15);
    x5 = rotate(v128.xor(x5, x10), 12);
    x0 = i32x4.add(x0, x5);
    x15 = rotate(v128.xor(x15, x0), 8);
    x10 = i32x4.add(x10, x15);
    x5 = rotate(v128.xor(x5, x10), 7);
    x1 = i32x4.add(x1, x6);
    x12 = rotate(v128.xor(x12, x1), 16);
    x11 = i32x4.add(x11, x12);
    x6 = rotate(v128.xor(x6, x11), 12);
    x1 = i32x4.add(x1, x6);
    x12 = rotate(v128.xor(x12, x1), 8);
    x11 = i32x4.add(x11, x12);
    x6 = rotate(v128.xor(x6, x11), 7);
    x2 = i32x4.add(x2, x7);
    x13 = rotate(v128.xor(x13, x2), 16);
    x8 = i32x4.add(x8, x13);
    x7 = rotate(v128.xor(x7, x8), 12);
    x2 = i32x4.add(x2, x7);
    x13 = rotate(v128.xor(x13, x2), 8);
    x8 = i32x4.add(x8, x13);
    x7 = rotate(v128.xor(x7, x8), 7);
    x3 = i32x4.add(x3, x4);
    x14 = rotate(v128.xor(x14, x3), 16);
    x9 = i32x4.add(x9, x14);
    x4 = rotate(v128.xor(x4, x9), 12);
    x3 = i32x4.add(x3, x4);
    x14 = rotate(v128.xor(x14, x3), 8);
    x9 = i32x4.add(x9, x14);
    x4 = rotate(v128.xor(x4, x9), 7);
  }
  v128.store(STATE, i32x4.add(x0, i32x4.splat(0x61707865)));
  v128.store(STATE, i32x4.add(x1, i32x4.splat(0x3320646e)), 16);
  v128.store(STATE, i32x4.add(x2, i32x4.splat(0x79622d32)), 32);
  v128.store(STATE, i32x4.add(x3, i32x4.splat(0x6b206574)), 48);
  v128.store(STATE, i32x4.add(x4, k4), 64);
  v128.store(STATE, i32x4.add(x5, k5), 80);
  v128.store(STATE, i32x4.add(x6, k6), 96);
  v128.store(STATE, i32x4.add(x7, k7), 112);
  v128.store(STATE, i32x4.add(x8, k8), 128);
  v128.store(STATE, i32x4.add(x9, k9), 144);
  v128.store(STATE, i32x4.add(x10, k10), 160);
  v128.store(STATE, i32x4.add(x11, k11), 176);
  v128.store(STATE, i32x4.add(x12, k12), 192);
  v128.store(STATE, i32x4.add(x13, k13), 208);
  v128.store(STATE, i32x4.add(x14, k14), 224);
  v128.store(STATE, x15, 240);
}

/** Two shifts: a byte shuffle for 16 and 8 bits was measured 8 % slower (its constants are reloaded). */
function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}
