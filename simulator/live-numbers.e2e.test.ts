/**
 * The number on the ward's page is the number that is scored: a recording of a real person, replayed
 * as it would come from the bedside, watched in a real browser, against `vitalshare score --numbers`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, SHARED_DATA, start, until, Ward } from './ward.fixture.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
];
const RECORDING = join(SHARED_DATA, 'vitals-bidmc/bidmc_01_Signals.csv');
const missing = [CHROMIUM, RECORDING].filter((path) => !existsSync(path));
const why = missing.length === 0 ? '' : ` (skipped: no ${missing.map(nameOf).join(', ')})`;

interface Row {
  readonly second: number;
  readonly value: number | null;
}
interface Seen {
  readonly vital: string;
  readonly value: number;
  readonly second: number;
  readonly quality: number;
}

describe.skipIf(missing.length > 0)(`numbers of a recording on the ward’s page${why}`, () => {
  let ward: Ward;
  let browser: Browser;
  beforeAll(async () => {
    ward = await Ward.start('--no-bodies');
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterAll(async () => {
    await browser.close();
    await ward.remove();
  });

  it('are those of the score, second by second', async () => {
    const scored = await run(['score', RECORDING, '--numbers', '--json']);
    const { numbers } = JSON.parse(scored.stdout) as { numbers: Record<string, Row[]> };
    const tab = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await tab.addInitScript(() => {
      const seen: unknown[] = [];
      Object.assign(globalThis, { seen });
      new EventSource('/live').addEventListener('numbers', (event) => {
        const { data } = event as unknown as { data: string };
        seen.push(...(JSON.parse(data) as { numbers: unknown[] }).numbers);
      });
    });
    await tab.goto(ward.world.dashboard);
    const startSecond = Math.floor(Date.now() / 1000);
    const from = new Date(1000 * startSecond).toISOString();
    const replay = start([
      ...['replay', RECORDING, '--node', 'bidmc-01', '--start', from, '--speed', '1'],
      ...['--dir', ward.dir],
    ]);
    const values = tab.locator('article.tile .number .value');
    try {
      const heart = await until(
        'a heart rate on the page',
        async () => {
          const [text] = await values.allTextContents();
          return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
        },
        60_000,
      );
      await until(
        'a respiratory rate, after its first window',
        async () => (await seenOf(tab)).some(({ vital }) => vital === 'respiratory-rate'),
        60_000,
      );
      const seen = await seenOf(tab);
      expect(new Set(seen.map(({ vital }) => vital))).toEqual(
        new Set(['heart-rate', 'pulse-rate', 'respiratory-rate']),
      );
      for (const { vital, value, second, quality } of seen) {
        const row = numbers[vital]!.find((each) => each.second === second - startSecond);
        // Readings travel in tenths.
        const off = Math.abs(value - (row?.value ?? NaN));
        expect(off, `${vital} at ${second - startSecond} s`).toBeLessThanOrEqual(0.05 + 1e-9);
        expect(quality).toBeGreaterThanOrEqual(2);
      }
      const shown = numbers['heart-rate']!.flatMap(({ value }) => value ?? []).map(Math.round);
      expect(shown).toContain(heart);
      const [now] = await values.allTextContents();
      const latest = (await seenOf(tab)).filter(({ vital }) => vital === 'heart-rate').slice(-3);
      expect(latest.map(({ value }) => String(Math.round(value)))).toContain(now);
    } finally {
      replay.child.kill('SIGTERM');
      await tab.close();
    }
  });
});

const seenOf = (tab: { evaluate<T>(work: () => T): Promise<T> }): Promise<Seen[]> =>
  tab.evaluate(() => (globalThis as unknown as { seen: Seen[] }).seen);

function nameOf(path: string): string {
  return path === RECORDING ? '../shared/data/vitals-bidmc' : path;
}
