/**
 * An engine: one way to get the moments of a cohort out of the data servers. What is made of them
 * (`statistics.ts`, `inference.ts`) is the same for all, so two engines that open the same moments give
 * the same answer to the last digit.
 *
 *   shares     every server's share of each moment, opened by the reader               (the default)
 *   paillier   homomorphic encryption: products across servers where shares have none
 *   elgamal    sums under a key that no party has alone
 *
 * `planner.ts` says which statistic each can answer at (n, t), and what to use instead.
 */
import type { SharingConfig } from '@vitalshare/edge/sharing';
import type { MomentsQuery } from '../../messages/messages.ts';
import type { OpenedMoments } from '../open-moments.ts';
import type { StatisticQuestion } from '../question.ts';
import type { Session } from '../session.ts';
import type { AnalysisUnit, Statistic } from '../statistic-table.ts';

export const ENGINE_NAMES = ['shares', 'paillier', 'elgamal'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

export interface EngineMoments extends OpenedMoments {
  /** A sentence for each server that failed, differs or was caught. */
  readonly notes: readonly string[];
  /** Why not `verified`, where the engine knows it better than [S6]'s table does. */
  readonly reason?: string;
}

export interface Engine {
  readonly name: EngineName;
  /** How many servers must answer for moments of that degree. */
  readonly needed: (config: SharingConfig, degree: 0 | 1 | 2) => number;
  /**
   * With the catalogues at hand and before anything is asked: throws ReaderError where a result could
   * leave what this engine computes in. The field's own bound is checked for every engine [PROTO-15].
   */
  readonly check: (session: Session, question: StatisticQuestion) => void;
  /**
   * The moments of one cohort at the session's snapshot; `what` names the statistic in sentences. Long
   * work tells `session.progress` how far it is. Throws ReaderError.
   */
  readonly ask: (session: Session, query: MomentsQuery, what: string) => Promise<EngineMoments>;
}

/** What decides whether an engine can answer, before any server is asked. */
export interface Wanted {
  readonly statistic: Statistic;
  readonly unit: AnalysisUnit;
  /** Highest moments it takes. */
  readonly degree: 0 | 1 | 2;
}

/** Why it cannot, as the end of a sentence; undefined where it can. */
export type Cannot = (config: SharingConfig, wanted: Wanted) => string | undefined;
