/** A key made without a dealer: vectors, agreement, and every contribution that is wrong. */
import { describe, expect, it } from 'vitest';
import { sha256, toHex, utf8 } from '@vitalshare/edge/seal';
import { deal, world } from './deal.fixture.ts';
import {
  checkDealing,
  checkShare,
  dealingContext,
  dealingDigest,
  jointKey,
  makeDealing,
  secretShare,
  shareFor,
} from './distributed-key.ts';
import { ElgamalError } from './error.ts';
import { G, modOrder, times } from './group.ts';
import { drawing, scalar, vectors } from './vectors.fixture.ts';

function thrown(work: () => unknown): ElgamalError {
  try {
    work();
  } catch (error) {
    if (error instanceof ElgamalError) return error;
  }
  throw new Error('nothing was refused');
}

describe('a key of (5, 2)', () => {
  const { coefficients, commitments, shares, publicKey, verification } = vectors.key;
  const context = utf8('a context');
  const own = coefficients.map((row) =>
    makeDealing(2, context, drawing(...row.map(scalar), scalar(vectors.key.nonce))),
  );
  const points = own.map(({ shown }, i) => checkDealing(2, i + 1, context, shown));

  it('is that of another program: commitments, shares, key, verification keys', () => {
    own.forEach(({ shown }, i) => {
      expect(shown.commitments.map(toHex)).toEqual(commitments[i]);
    });
    expect(toHex(own[0]!.shown.proof)).toBe(vectors.dealingProof);
    const key = jointKey({ servers: 5, threshold: 2 }, points);
    expect(toHex(key.publicKey.toBytes())).toBe(publicKey);
    expect(key.verification.map((each) => toHex(each.toBytes()))).toEqual(verification);
    shares.forEach((share, j) => {
      expect(secretShare(own.map((of) => shareFor(of.coefficients, j + 1)))).toBe(scalar(share));
    });
  });
});

describe.each([
  [1, 0],
  [3, 1],
  [3, 2],
  [5, 2],
] as const)('(%i, %i)', (servers, threshold) => {
  it('every share is its verification key’s, and the key has one digest', () => {
    const { own, points, shares, key } = deal(servers, threshold);
    shares.forEach((share, j) => {
      expect(times(G, share).equals(key.verification[j]!)).toBe(true);
      own.forEach((of, i) => {
        const dealt = shareFor(of.coefficients, j + 1);
        expect(() => checkShare(points[i]!, i + 1, j + 1, dealt)).not.toThrow();
      });
    });
    expect(jointKey({ servers, threshold }, points).digest).toEqual(key.digest);
    expect(deal(servers, threshold).key.digest).not.toEqual(key.digest);
  });
});

describe('a wrong contribution names its dealer', () => {
  const { own, points } = deal(3, 1);
  const { shown, context, coefficients } = own[1]!;
  const [first, second] = shown.commitments as [Uint8Array, Uint8Array];

  it.each([
    ['too few commitments', 'dealing', { ...shown, commitments: [first] }],
    ['too many', 'dealing', { ...shown, commitments: [first, second, second] }],
    ['an identity', 'point', { ...shown, commitments: [first, new Uint8Array(32)] }],
    ['no point', 'point', { ...shown, commitments: [first, new Uint8Array(32).fill(255)] }],
    ['a short proof', 'scalar', { ...shown, proof: shown.proof.slice(1) }],
    ['another’s proof', 'proof', { ...shown, proof: own[0]!.shown.proof }],
    ['commitments in another order', 'proof', { ...shown, commitments: [second, first] }],
  ] as const)('%s', (_what, code, dealing) => {
    const error = thrown(() => checkDealing(1, 2, context, dealing));
    expect(error.code).toBe(code);
    expect(error.servers).toEqual([2]);
    expect(error.message).toContain('server 2');
  });

  it('a dealing of another server, of another world', () => {
    for (const other of [dealingContext(world, 1, 3), dealingContext(sha256(world), 1, 2)]) {
      expect(thrown(() => checkDealing(1, 2, other, shown)).code).toBe('proof');
    }
  });

  it('the negative of all others, which would make the key the cheater’s own', () => {
    // It cannot prove that it knows what it committed to, so the best is to repeat another's proof.
    const others = points[0]![0]!.add(points[2]![0]!);
    const rogue = times(G, 5n).subtract(others).toBytes();
    const dealing = { commitments: [rogue, second], proof: shown.proof };
    expect(thrown(() => checkDealing(1, 2, context, dealing)).code).toBe('proof');
  });

  it('a share off by one, or of another server', () => {
    const right = shareFor(coefficients, 1);
    for (const share of [modOrder(right + 1n), shareFor(coefficients, 3)]) {
      const error = thrown(() => checkShare(points[1]!, 2, 1, share));
      expect([error.code, error.servers]).toEqual(['share', [2]]);
      expect(error.message).not.toContain(String(share));
    }
  });

  it('another dealing than was committed to has another digest', () => {
    const said = dealingDigest(context, shown);
    expect(dealingDigest(context, shown)).toEqual(said);
    expect(dealingDigest(context, { ...shown, commitments: [second, first] })).not.toEqual(said);
    expect(dealingDigest(dealingContext(world, 2, 2), shown)).not.toEqual(said);
  });

  it('a dealing too few, and dealings that cancel', () => {
    const config = { servers: 3, threshold: 1 };
    expect(thrown(() => jointKey(config, points.slice(1))).code).toBe('dealing');
    const negative = points[0]!.map((point) => point.negate());
    const cancelling = [points[0]!, negative, points[1]!.map((p) => p.subtract(p))];
    expect(thrown(() => jointKey(config, cancelling)).code).toBe('dealing');
  });
});
