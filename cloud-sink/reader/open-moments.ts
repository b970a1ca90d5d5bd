/** Moments from the answers of one group (`open-group.ts`), and how many answers a degree needs. */
import type { SharingConfig } from '@vitalshare/edge/sharing';
import type { MomentsAnswer } from '../messages/messages.ts';
import { productDegree } from './moments-question.ts';
import type { Claim, OpenedGroup } from './open-group.ts';
import type { Moments } from './statistics.ts';

export interface OpenedMoments extends Claim {
  readonly moments: Moments;
  readonly patients: number;
}

/** How many answers the moments of a degree need. */
export function serversNeeded(config: SharingConfig, degree: 0 | 1 | 2): number {
  return (degree === 2 ? productDegree(config) : config.threshold) + 1;
}

export function momentsOf(opened: OpenedGroup<MomentsAnswer>): OpenedMoments {
  const { agreed, numbers, checked, servers, named } = opened;
  const { count, patients, weights } = agreed;
  const [sums = [], products = []] = numbers;
  return {
    moments: {
      count,
      sums,
      products,
      ...(weights === undefined
        ? {}
        : { weights: { patients, sum: weights[0], squares: weights[1] } }),
    },
    patients,
    ...{ checked, servers, named },
  };
}
