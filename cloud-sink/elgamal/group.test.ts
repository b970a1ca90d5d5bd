/** ristretto255 against RFC 9496 and an independent program (`vectors/README.md`). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from '@vitalshare/edge/seal';
import { ElgamalError } from './error.ts';
import {
  challengeOf,
  decodeNonzeroPoint,
  decodePoint,
  decodeScalar,
  encodeScalar,
  G,
  IDENTITY,
  randomScalar,
  times,
  timesPublic,
} from './group.ts';
import { vectors } from './vectors.fixture.ts';

const L = 2n ** 252n + 27742317777372353535851937790883648493n;

function fault(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ElgamalError);
    return (error as ElgamalError).code;
  }
  return 'none';
}

describe('points', () => {
  it('0·G … 15·G are those of RFC 9496, A.1', () => {
    expect(vectors.multiples[1]).toBe(
      'e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76',
    );
    expect(vectors.multiples[15]).toBe(
      'e0c418f7c8d9c4cdd7395b93ea124f3ad99021bb681dfc3302a9d99a2e53e64e',
    );
    for (const [n, hex] of vectors.multiples.entries()) {
      expect(toHex(times(G, BigInt(n)).toBytes())).toBe(hex);
      expect(toHex(timesPublic(G, BigInt(n)).toBytes())).toBe(hex);
      expect(decodePoint(fromHex(hex), 'a multiple').equals(times(G, BigInt(n)))).toBe(true);
    }
  });

  it.each(Object.entries(vectors.bad))('refuses those of A.2: %s', (_heading, encodings) => {
    for (const hex of encodings) expect(fault(() => decodePoint(fromHex(hex), 'it'))).toBe('point');
  });

  it('takes the identity only where it means something, and 32 bytes only', () => {
    const identity = new Uint8Array(32);
    expect(decodePoint(identity, 'it').equals(IDENTITY)).toBe(true);
    expect(fault(() => decodeNonzeroPoint(identity, 'a key'))).toBe('point');
    expect(fault(() => decodePoint(new Uint8Array(31), 'it'))).toBe('point');
    expect(fault(() => decodePoint(new Uint8Array(33), 'it'))).toBe('point');
  });
});

describe('scalars', () => {
  it('come back as they went, and are canonical or refused', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: L - 1n }), (value) => {
        expect(decodeScalar(encodeScalar(value), 'it')).toBe(value);
      }),
    );
    expect(fault(() => decodeScalar(encodeScalar(L), 'it'))).toBe('scalar');
    expect(fault(() => decodeScalar(new Uint8Array(32).fill(255), 'it'))).toBe('scalar');
    expect(fault(() => decodeScalar(new Uint8Array(31), 'it'))).toBe('scalar');
  });

  it('are drawn from 64 bytes, so that none is likelier than another by 2^−252', () => {
    const lengths: number[] = [];
    const drawn = randomScalar((n) => {
      lengths.push(n);
      return new Uint8Array(n).fill(255);
    });
    expect(lengths).toEqual([64]);
    expect(drawn).toBe((2n ** 512n - 1n) % L);
  });
});

describe('challenges', () => {
  const base = challengeOf('a', utf8('context'), [G, IDENTITY]);

  it('are others for another label, context, point, order or split', () => {
    const others = [
      challengeOf('b', utf8('context'), [G, IDENTITY]),
      challengeOf('a', utf8('contexu'), [G, IDENTITY]),
      challengeOf('a', utf8('context'), [IDENTITY, G]),
      challengeOf('a', utf8('context'), [G]),
      challengeOf('a', utf8(''), [G, IDENTITY]),
    ];
    expect(new Set([base, ...others]).size).toBe(6);
    expect(challengeOf('a', utf8('context'), [G, IDENTITY])).toBe(base);
  });
});
