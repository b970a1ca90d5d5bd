/**
 * The burden of a scenario's alarms, from the verdicts of its runs, a bed and day.
 *
 *   per day = count · 86,400 s / seconds run      audible = time in which a bed was to be heard
 */
import { PRIORITIES, type Priority } from '@vitalshare/edge/alarms';
import type { BurdenResult } from './worker.ts';

/** Of one alarm of one run: what a seed and a second lead back to. */
export interface Found {
  readonly what: string;
  readonly seed: number;
  readonly bed: number;
  readonly atS: number;
}

export interface Burden {
  readonly scenario: string;
  readonly bedHours: number;
  readonly perDay: Readonly<Record<Priority, number>>;
  readonly trueAlarms: number;
  readonly falseAlarms: readonly Found[];
  readonly falsePerDay: number;
  readonly events: number;
  readonly missed: readonly Found[];
  /** Seconds; null where nothing was found. */
  readonly detectionMedianS: number | null;
  readonly detectionWorstS: number | null;
  /** Of the time, percent. */
  readonly audiblePercent: number;
}

export const FALSE_PER_DAY_MAX = 1;
const DAY_S = 86_400;

export function burdenOf(scenario: string, results: readonly BurdenResult[]): Burden {
  const sum = (of: (result: BurdenResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const seconds = sum(({ verdict }) => verdict.seconds);
  const perDay = (count: number): number => (count * DAY_S) / seconds;
  const raised = (priority: Priority): number => sum(({ verdict }) => verdict.raised[priority]);
  const falseAlarms = results.flatMap(({ job, verdict }) =>
    verdict.falseAlarms.map(({ what, atS }) => ({ what, seed: job.seed, bed: job.bed, atS })),
  );
  const missed = results.flatMap(({ job, verdict }) =>
    verdict.missed.map(({ what, fromS }) => ({ what, seed: job.seed, bed: job.bed, atS: fromS })),
  );
  const times = results.flatMap(({ verdict }) => verdict.detectionS).toSorted((a, b) => a - b);
  const all = PRIORITIES.reduce((total, priority) => total + raised(priority), 0);
  return {
    scenario,
    bedHours: seconds / 3600,
    perDay: {
      low: perDay(raised('low')),
      medium: perDay(raised('medium')),
      high: perDay(raised('high')),
    },
    trueAlarms: all - falseAlarms.length,
    falseAlarms,
    falsePerDay: perDay(falseAlarms.length),
    events: times.length + missed.length,
    missed,
    detectionMedianS: times[Math.floor(times.length / 2)] ?? null,
    detectionWorstS: times.at(-1) ?? null,
    audiblePercent: (100 * sum(({ verdict }) => verdict.audibleS)) / seconds,
  };
}

export const isWell = ({ missed, falsePerDay }: Burden): boolean =>
  missed.length === 0 && falsePerDay <= FALSE_PER_DAY_MAX;

const HEAD = [
  ...['scenario', 'bed-hours', 'high', 'medium', 'low', 'true', 'false', 'false/day'],
  ...['events', 'missed', 'median s', 'worst s', 'audible'],
];

/** A table, and below it every false alarm and every event that was missed. */
export function burdenText(burdens: readonly Burden[]): string {
  const rows = [HEAD, ...burdens.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  '),
  );
  const named = burdens.flatMap(({ scenario, falseAlarms, missed }) => [
    ...missed.map((one) => `missed  ${placeOf(scenario, one)}`),
    ...falseAlarms.map((one) => `false   ${placeOf(scenario, one)}`),
  ]);
  return `${[...lines, ...named].join('\n')}\n`;
}

const placeOf = (scenario: string, { what, seed, bed, atS }: Found): string =>
  `${scenario}: ${what} at ${atS} s of seed ${seed}, patient ${bed}`;

const cellsOf = (burden: Burden): string[] => [
  burden.scenario,
  burden.bedHours.toFixed(1),
  ...(['high', 'medium', 'low'] as const).map((priority) => burden.perDay[priority].toFixed(1)),
  `${burden.trueAlarms}`,
  `${burden.falseAlarms.length}`,
  burden.falsePerDay.toFixed(2),
  `${burden.events}`,
  `${burden.missed.length}`,
  `${burden.detectionMedianS ?? '–'}`,
  `${burden.detectionWorstS ?? '–'}`,
  `${burden.audiblePercent.toFixed(1)} %`,
];
