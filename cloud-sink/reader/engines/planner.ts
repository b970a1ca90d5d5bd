/**
 * One plan for all engines: which statistic each can answer at (n, t), decided before anything is
 * asked, and what to use instead where it cannot.
 *
 *   count, mean                           every engine
 *   variance … regression, tests          shares: n ≥ 2t + 1, or within one frame; others as they say
 *   histogram, median, quantile, χ²       shares alone: they are made of counts by bin
 */
import type { SharingConfig } from '@vitalshare/edge/sharing';
import { ReaderError } from '../errors.ts';
import { type BinStatistic, type StatisticName } from '../statistic-table.ts';
import { cannotElgamal } from './elgamal-offer.ts';
import { type Cannot, ENGINE_NAMES, type EngineName, type Wanted } from './engine.ts';
import { cannotPaillier } from './paillier-offer.ts';

const OFFERS: Readonly<Record<EngineName, Cannot>> = {
  shares: cannotShares,
  paillier: cannotPaillier,
  elgamal: cannotElgamal,
};

/** Throws ReaderError `engine` with the reason and with who can. */
export function refuseEngine(name: EngineName, config: SharingConfig, wanted: Wanted): void {
  const reason = OFFERS[name](config, wanted);
  // Where shares cannot, the servers themselves say so, with their numbers.
  if (reason === undefined || name === 'shares') return;
  throw refusal(name, wanted.statistic, reason, enginesFor(config, wanted));
}

/** The same for statistics of counts by bin, which shares alone answer. */
export function refuseBins(name: EngineName, statistic: BinStatistic): void {
  if (name === 'shares') return;
  throw refusal(name, statistic, 'it is made of counts by bin, which exist as shares', ['shares']);
}

/** Those that can answer, in the order in which to try them. */
export const enginesFor = (config: SharingConfig, wanted: Wanted): EngineName[] =>
  ENGINE_NAMES.filter((name) => OFFERS[name](config, wanted) === undefined);

function refusal(
  name: EngineName,
  statistic: StatisticName,
  reason: string,
  others: readonly EngineName[],
): ReaderError {
  const instead =
    others.length === 0
      ? 'No engine can in this world.'
      : `Use ${others.map((other) => `--engine ${other}`).join(' or ')}.`;
  return new ReaderError(
    'engine',
    `--engine ${name} cannot answer ${statistic}: ${reason}. ${instead}`,
  );
}

/** [PROTO-32] Within a frame products exist at any (n, t); those of patients' means do not. */
function cannotShares(
  { servers, threshold }: SharingConfig,
  { unit, degree }: Wanted,
): string | undefined {
  if (2 * threshold <= servers - 1 || degree < 2 || unit === 'row') return undefined;
  return `products of patients' means need ${2 * threshold + 1} servers, this world has ${servers}`;
}
