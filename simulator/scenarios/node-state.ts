/**
 * How a node is at a moment of its scenario.
 *
 *   battery   100 % ──╲ overS ╱── percent ──────┐ 100 %: it was changed
 *   link      as a good one is, likewise
 *                     fromS                   toS
 */
import type { Happening } from './scenario.ts';

export interface NodeState {
  readonly isSilent: boolean;
  readonly batteryPercent: number;
  readonly linkDbm: number;
}

const BATTERY_FULL_PERCENT = 100;
/** What a node a few metres from its access point hears. */
const LINK_GOOD_DBM = -55;

export function nodeStateAt(happenings: readonly Happening[], atS: number): NodeState {
  const standing = (kind: Happening['kind']): Happening | undefined =>
    happenings.find((one) => one.kind === kind && atS >= one.fromS && atS < (one.toS ?? Infinity));
  const fallen = (good: number, bottom: number | undefined, one: Happening | undefined): number => {
    if (one === undefined || bottom === undefined) return good;
    const { fromS, overS = 0 } = one;
    const part = overS > 0 ? Math.min(1, (atS - fromS) / overS) : 1;
    return Math.round(good + part * (bottom - good));
  };
  const [battery, link] = [standing('battery'), standing('link')];
  return {
    isSilent: standing('silent') !== undefined,
    batteryPercent: fallen(BATTERY_FULL_PERCENT, battery?.percent, battery),
    linkDbm: fallen(LINK_GOOD_DBM, link?.dbm, link),
  };
}
