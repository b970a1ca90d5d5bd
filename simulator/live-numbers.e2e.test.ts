/**
 * The number on the ward's page is the number that is scored: recordings replayed as they would come
 * from the bedside, watched in a real browser, against `vitalshare score --numbers`, second by second.
 *
 *   bidmc-01     a real ICU patient         heart, pulse and respiratory rate; no rhythm flag
 *   bidmc-past   the same, its 8 min at once   SDNN and RMSSD, which take five minutes to be known
 *   wrist-05     a real wrist               skin temperature
 *   made-vt      a simulated body           SpO₂ of red and infrared, a flag of VT: no shared recording has them
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findVital } from '@vitalshare/edge/vital';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeMade } from './made-recording.fixture.ts';
import { run, SHARED_DATA, start, until, Ward } from './ward.fixture.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
];
const RECORDING = join(SHARED_DATA, 'vitals-bidmc/bidmc_01_Signals.csv');
const WRIST = join(SHARED_DATA, 'wrist-e4/S05/TEMP.csv');
const needed: Record<string, string> = {
  [CHROMIUM]: CHROMIUM,
  'vitals-bidmc': RECORDING,
  'wrist-e4': WRIST,
};
const missing = Object.keys(needed).filter((name) => !existsSync(needed[name]!));
const why = missing.length === 0 ? '' : ` (skipped: no ${missing.join(', ')})`;

interface Row {
  readonly second: number;
  readonly value: number | null;
}
interface Scored {
  readonly numbers: Record<string, Row[]>;
  readonly rhythm: readonly { readonly second: number; readonly flags: readonly string[] }[];
  readonly spo2Curve?: string;
}
interface Seen {
  readonly bed: string;
  readonly vital: string;
  readonly value: number;
  readonly second: number;
  readonly quality: number;
}
/** As much of the DOM as is read here. */
interface Part {
  readonly hidden: boolean;
  readonly title: string;
  readonly textContent: string | null;
  querySelector(selector: string): Part | null;
  querySelectorAll(selector: string): Iterable<Part>;
}
/** What a tile said at some moment. */
interface Shown {
  readonly bed: string;
  readonly status: string;
  readonly rhythm: string;
  readonly variability: string;
  /** By label, the large and the small numbers. */
  readonly numbers: Record<string, string>;
}

describe.skipIf(missing.length > 0)(`numbers of a recording on the ward’s page${why}`, () => {
  let ward: Ward;
  let browser: Browser;
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'live-numbers-'));
    ward = await Ward.start('--no-bodies');
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterAll(async () => {
    await browser.close();
    await ward.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are those of the score, every detector’s, second by second', async () => {
    const plan = { rhythms: [{ fromS: 20, rhythm: 'vt' }] } as const;
    const paths = {
      'bidmc-01': RECORDING,
      'made-vt': writeMade(folder, 'made', { seed: 7, seconds: 120, spo2Percent: 91, plan }),
      'wrist-05': wristTable(folder),
    };
    const scored = await allScored(paths);
    const tab = await watched(browser, ward.world.dashboard);
    const startSecond = Math.floor(Date.now() / 1000);
    const from = new Date(1000 * startSecond).toISOString();
    const live = Object.entries(paths).map(([node, path]) =>
      start(['replay', path, '--node', node, '--start', from, '--dir', ward.dir]),
    );
    try {
      const past = await run([
        ...['replay', RECORDING, '--node', 'bidmc-past', '--speed', 'max', '--json'],
        ...['--dir', ward.dir],
      ]);
      const pastSecond = Date.parse((JSON.parse(past.stdout) as { from: string }).from) / 1000;
      const expected = {
        'bidmc-01': ['heart-rate', 'pulse-rate', 'respiratory-rate', 'rhythm'],
        'made-vt': ['heart-rate', 'pulse-rate', 'spo2', 'rhythm'],
        'wrist-05': ['skin-temperature'],
        'bidmc-past': ['hrv-sdnn', 'hrv-rmssd'],
      };
      const seen = await until(
        'every number on the page',
        async () => {
          const { seen } = await heardBy(tab);
          const isAll = Object.entries(expected).every(([bed, vitals]) =>
            vitals.every((vital) => seen.some((one) => one.bed === bed && one.vital === vital)),
          );
          return (
            isAll && seen.some(({ vital, value }) => vital === 'rhythm' && value === 3) && seen
          );
        },
        90_000,
      );
      const isScored = ({ bed, vital, value, second }: Seen, shiftS = 0): boolean => {
        const isPast = bed === 'bidmc-past';
        const at = second + shiftS - (isPast ? pastSecond : startSecond);
        const { numbers } = scored[isPast ? 'bidmc-01' : bed]!;
        const row = numbers[vital]!.find((each) => each.second === at);
        // Readings travel in steps of their vital sign.
        const off = Math.abs(value - (row?.value ?? NaN));
        return off <= 0.5 / findVital(vital)!.scale + 1e-9;
      };
      expect(seen.filter((one) => !isScored(one))).toEqual([]);
      expect(seen.filter(({ quality }) => quality < 2 || quality > 4)).toEqual([]);
      // The comparison can fail: beside the second before, heart rates are others.
      const rates = seen.filter(({ vital }) => vital === 'heart-rate');
      expect(rates.every((one) => isScored(one, -1))).toBe(false);
      await until('every number in its place', async () => hasShownAll((await heardBy(tab)).shown));
      checkShown((await heardBy(tab)).shown, scored);
    } finally {
      for (const { child } of live) child.kill('SIGTERM');
      await tab.close();
    }
  });
});

const PLACES: readonly (readonly [bed: string, label: string, vital: string, digits?: number])[] = [
  ['bidmc-01', 'HR', 'heart-rate'],
  ['bidmc-01', 'Resp', 'respiratory-rate'],
  ['bidmc-01', 'Pulse', 'pulse-rate'],
  ['made-vt', 'HR', 'heart-rate'],
  ['made-vt', 'Pulse', 'pulse-rate'],
  ['made-vt', 'SpO₂', 'spo2'],
  ['wrist-05', 'Skin', 'skin-temperature', 1],
];
const NONE = '–';

const textsOf = (shown: readonly Shown[], bed: string, label: string): Set<string> =>
  new Set(shown.flatMap((one) => (one.bed === bed ? (one.numbers[label] ?? []) : [])));

/** Whether the tiles have shown a number in every place, VT and a variability. */
const hasShownAll = (shown: readonly Shown[]): boolean =>
  PLACES.every(([bed, label]) => [...textsOf(shown, bed, label)].some((text) => text !== NONE)) &&
  shown.some(({ rhythm }) => rhythm === 'VT') &&
  shown.some(({ variability }) => variability !== '');

/** Every text a tile showed is one of the score's numbers, rounded as the page rounds. */
function checkShown(shown: readonly Shown[], scored: Record<string, Scored>): void {
  for (const [bed, label, vital, digits] of PLACES) {
    const told = scored[bed]!.numbers[vital]!.map(({ value }) => value?.toFixed(digits ?? 0));
    for (const text of textsOf(shown, bed, label)) {
      if (text !== NONE) expect(told, `${label} of ${bed}`).toContain(text);
    }
  }
  const flagged = (bed: string): Set<string> =>
    new Set(shown.flatMap((one) => (one.bed === bed && one.rhythm !== '' ? [one.rhythm] : [])));
  expect(flagged('bidmc-01')).toEqual(new Set());
  expect(flagged('made-vt')).toEqual(new Set(['VT']));
  expect(new Set(scored['made-vt']!.rhythm.flatMap(({ flags }) => flags))).toEqual(new Set(['vt']));
  const variability = new Set(
    scored['bidmc-01']!.numbers['hrv-sdnn']!.map(({ second, value }) => {
      const rmssd = scored['bidmc-01']!.numbers['hrv-rmssd']!.find((row) => row.second === second);
      return `HRV ${value?.toFixed(0)}/${rmssd?.value?.toFixed(0)}\u202fms`;
    }),
  );
  const past = shown.flatMap((one) => (one.bed === 'bidmc-past' ? [one.variability] : []));
  for (const text of past) if (text !== '') expect(variability).toContain(text);
  const statuses = shown.flatMap(({ bed, status }) => (bed === 'made-vt' ? [status] : []));
  expect(statuses).toContain('made-vt: firmware vitalshare replay, SpO2 by curve 110-25R');
  expect(scored['made-vt']!.spo2Curve).toBe('110-25R');
}

async function allScored(paths: Record<string, string>): Promise<Record<string, Scored>> {
  const all = Object.entries(paths).map(async ([bed, path]) => {
    const { stdout } = await run(['score', path, '--numbers', '--json']);
    return [bed, JSON.parse(stdout) as Scored] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

/** Two minutes of the wristband's file (its start, its rate, its samples) as a table. */
function wristTable(folder: string): string {
  const [, rateHz, ...samples] = readFileSync(WRIST, 'utf8').trim().split('\n').map(Number);
  const rows = samples.slice(0, 120 * rateHz!).map((value, i) => `${i / rateHz!},${value}`);
  const path = join(folder, 'wrist.csv');
  writeFileSync(path, ['Time [s],Skin temperature [degC]', ...rows, ''].join('\n'));
  return path;
}

/** The ward's page, which keeps the numbers it was told and what its tiles said. */
async function watched(browser: Browser, url: string): Promise<Page> {
  const tab = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await tab.addInitScript(() => {
    const seen: unknown[] = [];
    const shown = new Map<string, unknown>();
    Object.assign(globalThis, { seen, shown });
    new EventSource('/live').addEventListener('numbers', (event) => {
      const { data } = event as unknown as { data: string };
      const { bed, numbers } = JSON.parse(data) as { bed: string; numbers: object[] };
      seen.push(...numbers.map((number) => ({ bed, ...number })));
    });
    const { document } = globalThis as unknown as { document: Part };
    setInterval(() => {
      for (const tile of document.querySelectorAll('article.tile')) {
        const text = (selector: string): string => {
          const node = tile.querySelector(selector);
          return node === null || node.hidden ? '' : (node.textContent ?? '');
        };
        const numbers: Record<string, string> = {};
        for (const cell of tile.querySelectorAll('.number')) {
          numbers[cell.querySelector('.name')?.textContent ?? ''] =
            cell.querySelector('.value')?.textContent ?? '';
        }
        for (const spot of tile.querySelectorAll('.spot:not([hidden])')) {
          const value = spot.querySelector('b')?.textContent ?? '';
          const [label = ''] = (spot.textContent ?? '').split(' ');
          numbers[label] = value;
        }
        const status = tile.querySelector('.bed')?.title ?? '';
        const one = { bed: text('.bed'), status, numbers };
        // An alarm stands where the flag would.
        const [alarm = ''] = /^VT\b/.exec(text('.alarm') && text('.alarm b')) ?? [];
        const rhythm = text('.rhythm') || alarm;
        const said = { ...one, rhythm, variability: text('.variability') };
        shown.set(JSON.stringify(said), said);
      }
    }, 200);
  });
  await tab.goto(url);
  return tab;
}

const heardBy = (tab: Page): Promise<{ seen: Seen[]; shown: Shown[] }> =>
  tab.evaluate(() => {
    const { seen, shown } = globalThis as unknown as { seen: Seen[]; shown: Map<string, Shown> };
    return { seen, shown: [...shown.values()] };
  });
