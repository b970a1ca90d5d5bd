/**
 * Moments over shares, exact mod p = 2^61 − 1, in WebAssembly SIMD.
 *
 *   x = l + 2^31·h          l < 2^31, h < 2^30, in a plane of lows and a plane of highs
 *   x·y = l·l' + 2^31·(l·h' + h·l') + 2·h·h'             since 2^61 ≡ 1, so 2^62 ≡ 2
 *
 * A 64-bit lane holds four products below 2^62; then it is split into its 32-bit halves, which add
 * up exactly for more elements than a call has. An absent element is 0 and adds nothing.
 *
 * Planes begin at multiples of 16 bytes and have room up to the next multiple of STEP elements, which
 * is zeroed here; those of a chunk are PLANES. `../moments-textbook.ts` is the slow twin.
 */

const COLUMNS_MAX: i32 = 8;
/** A chunk of 4,000, up to a multiple of 64 bytes. */
const PLANE_BYTES: i32 = 16000;

/** Column i of a chunk: lows at 2·i planes, highs at the next. */
export const PLANES: usize = memory.data(2 * COLUMNS_MAX * PLANE_BYTES, 64);
/** For `zeroAbsent`. */
export const MASK: usize = memory.data(512, 16);
/** Pointers for `moments`. */
export const COLUMNS: usize = memory.data(8 * COLUMNS_MAX, 16);
/** Eight sums and thirty-six products, two words each. */
export const RESULTS: usize = memory.data(8 * 44, 16);

/** 2^61 − 1. */
const P: u64 = 0x1fffffffffffffff;
/** Elements a turn of the loops. */
const STEP: u32 = 16;

/** Zeroes the elements of one plane whose bit in MASK (bit i mod 8 of byte ⌊i/8⌋) is 0. */
export function zeroAbsent(plane: usize, count: u32): void {
  const bits = i32x4(1, 2, 4, 8);
  for (let i: u32 = 0; i < count; i += 8) {
    const byte = <i32>load<u8>(MASK + (i >> 3));
    if (byte == 0xff) continue;
    const at = plane + ((<usize>i) << 2);
    const low = v128.and(i32x4.splat(byte), bits);
    const high = v128.and(i32x4.splat(byte >> 4), bits);
    v128.store(at, v128.and(v128.load(at), i32x4.eq(low, bits)));
    v128.store(at, v128.and(v128.load(at, 16), i32x4.eq(high, bits)), 16);
  }
}

/**
 * Σ x_a, and at degree 2 Σ x_a·x_b for a ≤ b in the order (1,1), (1,2) … (k,k), over `count`
 * elements, into RESULTS. COLUMNS holds k pairs of u32 pointers (lows, highs).
 */
export function moments(k: u32, count: u32, degree: u32): void {
  const padded = (count + STEP - 1) & ~(STEP - 1);
  for (let a: u32 = 0; a < 2 * k; a++) {
    const plane = <usize>load<u32>(COLUMNS + (a << 2));
    memory.fill(plane + (count << 2), 0, (padded - count) << 2);
  }
  let product = RESULTS + (k << 3);
  for (let a: u32 = 0; a < k; a++) {
    const x = COLUMNS + (a << 3);
    sum(x, padded, RESULTS + (a << 3));
    if (degree < 2) continue;
    square(x, padded, product);
    product += 8;
    for (let b = a + 1; b < k; b++) {
      dot(x, COLUMNS + (b << 3), padded, product);
      product += 8;
    }
  }
}

/** Σ x: two lows, or four highs, fit a 32-bit lane. */
function sum(x: usize, count: u32, out: usize): void {
  let l = <usize>load<u32>(x);
  let h = <usize>load<u32>(x, 4);
  const half = i64x2.splat(0xffffffff);
  let lows = i64x2.splat(0);
  let highs = i64x2.splat(0);
  for (const end = l + (count << 2); l < end; l += 64, h += 64) {
    const l0 = i32x4.add(v128.load(l), v128.load(l, 16));
    const l1 = i32x4.add(v128.load(l, 32), v128.load(l, 48));
    const h0 = i32x4.add(v128.load(h), v128.load(h, 16));
    const h1 = i32x4.add(i32x4.add(v128.load(h, 32), v128.load(h, 48)), h0);
    lows = i64x2.add(lows, i64x2.add(v128.and(l0, half), i64x2.shr_u(l0, 32)));
    lows = i64x2.add(lows, i64x2.add(v128.and(l1, half), i64x2.shr_u(l1, 32)));
    highs = i64x2.add(highs, i64x2.add(v128.and(h1, half), i64x2.shr_u(h1, 32)));
  }
  put(out, times(across(lows), 0) + times(across(highs), 31));
}

/** Σ x² */
function square(x: usize, count: u32, out: usize): void {
  let l = <usize>load<u32>(x);
  let h = <usize>load<u32>(x, 4);
  const half = i64x2.splat(0xffffffff);
  let all = i64x2.splat(0);
  let alh = i64x2.splat(0);
  let bll = i64x2.splat(0);
  let blh = i64x2.splat(0);
  let cll = i64x2.splat(0);
  let clh = i64x2.splat(0);
  for (const end = l + (count << 2); l < end; l += 64, h += 64) {
    const l0 = v128.load(l);
    const l1 = v128.load(l, 16);
    const l2 = v128.load(l, 32);
    const l3 = v128.load(l, 48);
    const h0 = v128.load(h);
    const h1 = v128.load(h, 16);
    const h2 = v128.load(h, 32);
    const h3 = v128.load(h, 48);
    let a = four(l0, l0, l1, l1);
    all = i64x2.add(all, v128.and(a, half));
    alh = i64x2.add(alh, i64x2.shr_u(a, 32));
    a = four(l2, l2, l3, l3);
    all = i64x2.add(all, v128.and(a, half));
    alh = i64x2.add(alh, i64x2.shr_u(a, 32));
    const b = i64x2.add(four(l0, h0, l1, h1), four(l2, h2, l3, h3));
    bll = i64x2.add(bll, v128.and(b, half));
    blh = i64x2.add(blh, i64x2.shr_u(b, 32));
    const c = i64x2.add(four(h0, h0, h1, h1), four(h2, h2, h3, h3));
    cll = i64x2.add(cll, v128.and(c, half));
    clh = i64x2.add(clh, i64x2.shr_u(c, 32));
  }
  const low = times(across(all), 0) + times(across(bll), 32) + times(across(cll), 1);
  put(out, low + times(across(alh), 32) + times(across(blh), 3) + times(across(clh), 33));
}

/** Σ x·y */
function dot(x: usize, y: usize, count: u32, out: usize): void {
  let l = <usize>load<u32>(x);
  let h = <usize>load<u32>(x, 4);
  let m = <usize>load<u32>(y);
  let n = <usize>load<u32>(y, 4);
  const half = i64x2.splat(0xffffffff);
  let all = i64x2.splat(0);
  let alh = i64x2.splat(0);
  let bll = i64x2.splat(0);
  let blh = i64x2.splat(0);
  let cll = i64x2.splat(0);
  let clh = i64x2.splat(0);
  for (const end = l + (count << 2); l < end; l += 64, h += 64, m += 64, n += 64) {
    let l0 = v128.load(l);
    let l1 = v128.load(l, 16);
    let h0 = v128.load(h);
    let h1 = v128.load(h, 16);
    let m0 = v128.load(m);
    let m1 = v128.load(m, 16);
    let n0 = v128.load(n);
    let n1 = v128.load(n, 16);
    let a = four(l0, m0, l1, m1);
    all = i64x2.add(all, v128.and(a, half));
    alh = i64x2.add(alh, i64x2.shr_u(a, 32));
    let b = i64x2.add(four(l0, n0, l1, n1), four(h0, m0, h1, m1));
    bll = i64x2.add(bll, v128.and(b, half));
    blh = i64x2.add(blh, i64x2.shr_u(b, 32));
    let c = four(h0, n0, h1, n1);
    l0 = v128.load(l, 32);
    l1 = v128.load(l, 48);
    h0 = v128.load(h, 32);
    h1 = v128.load(h, 48);
    m0 = v128.load(m, 32);
    m1 = v128.load(m, 48);
    n0 = v128.load(n, 32);
    n1 = v128.load(n, 48);
    a = four(l0, m0, l1, m1);
    all = i64x2.add(all, v128.and(a, half));
    alh = i64x2.add(alh, i64x2.shr_u(a, 32));
    b = i64x2.add(four(l0, n0, l1, n1), four(h0, m0, h1, m1));
    bll = i64x2.add(bll, v128.and(b, half));
    blh = i64x2.add(blh, i64x2.shr_u(b, 32));
    c = i64x2.add(c, four(h0, n0, h1, n1));
    cll = i64x2.add(cll, v128.and(c, half));
    clh = i64x2.add(clh, i64x2.shr_u(c, 32));
  }
  const low = times(across(all), 0) + times(across(bll), 31) + times(across(cll), 1);
  put(out, low + times(across(alh), 32) + times(across(blh), 2) + times(across(clh), 33));
}

/** Products of eight pairs of words, four a lane. */
function four(a: v128, b: v128, c: v128, d: v128): v128 {
  return i64x2.add(
    i64x2.add(i64x2.extmul_low_i32x4_u(a, b), i64x2.extmul_high_i32x4_u(a, b)),
    i64x2.add(i64x2.extmul_low_i32x4_u(c, d), i64x2.extmul_high_i32x4_u(c, d)),
  );
}

/** Both lanes of halves: below 2^33 · the elements of a call. */
function across(lanes: v128): u64 {
  return i64x2.extract_lane(lanes, 0) + i64x2.extract_lane(lanes, 1);
}

/** value·2^shift mod p, below 2^61 + 8. */
function times(value: u64, shift: u32): u64 {
  const x = fold(value);
  return ((x << shift) & P) + (x >> (61 - shift));
}

function fold(value: u64): u64 {
  return (value & P) + (value >> 61);
}

/** The canonical element of a value below 2^64, as two words. */
function put(out: usize, value: u64): void {
  let x = fold(fold(value));
  if (x >= P) x -= P;
  store<u32>(out, <u32>(x & 0x7fffffff));
  store<u32>(out, <u32>(x >> 31), 4);
}
