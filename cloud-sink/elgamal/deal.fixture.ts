/** For tests: what n honest servers do to get a key. */
import { randomBytes } from 'node:crypto';
import { sha256, utf8 } from '@vitalshare/edge/seal';
import {
  checkDealing,
  dealingContext,
  jointKey,
  makeDealing,
  secretShare,
  shareFor,
} from './distributed-key.ts';

const random = (n: number) => new Uint8Array(randomBytes(n));
export const world = sha256(utf8('a configuration'));

export function deal(servers: number, threshold: number) {
  const own = Array.from({ length: servers }, (_, i) => {
    const context = dealingContext(world, 1, i + 1);
    return { context, ...makeDealing(threshold, context, random) };
  });
  const points = own.map(({ shown, context }, i) => checkDealing(threshold, i + 1, context, shown));
  const shares = own.map((_, j) => secretShare(own.map((of) => shareFor(of.coefficients, j + 1))));
  return { own, points, shares, key: jointKey({ servers, threshold }, points) };
}
