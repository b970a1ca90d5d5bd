/**
 * The ward page in a real browser, against the real hub and HTTP server: what a nurse sees while
 * sensors speak, fall silent, or the gateway is gone.
 */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page as Tab } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { alarm, news2 } from './alarms.fixture.ts';
import { SyntheticWard, type SyntheticBed } from './synthetic-ward.fixture.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
/** A loaded machine may take its time; what the page promises in seconds is measured apart. */
const PATIENT = { timeout: 15_000 };
const missing = existsSync(CHROMIUM) ? '' : ` (skipped: no ${CHROMIUM})`;

describe.skipIf(missing !== '')(`the ward page in Chromium${missing}`, () => {
  let browser: Browser;
  let ward: SyntheticWard;
  let tab: Tab;
  let complaints: string[] = [];
  let requests: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    await tab.close();
    await ward.close();
  });

  async function open(beds: readonly string[], shape: SyntheticBed = {}): Promise<void> {
    ward = new SyntheticWard(Object.fromEntries(beds.map((bed) => [bed, shape])));
    const origin = await ward.listen();
    tab = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    complaints = [];
    requests = [];
    tab.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    tab.on('pageerror', (error) => complaints.push(String(error)));
    tab.on('request', (request) => requests.push(new URL(request.url()).origin));
    await tab.goto(`${origin}/?theme=night`);
  }
  const tile = (bed: string) => tab.locator('article.tile').filter({ hasText: bed });
  const stateOf = (bed: string) => tile(bed).getAttribute('data-state');
  const pixels = (bed: string) =>
    tile(bed)
      .locator('canvas')
      .evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        let drawn = 0;
        let hash = 0;
        for (let i = 3; i < data.length; i += 4) {
          if (data[i] === 0) continue;
          drawn++;
          hash = (hash * 31 + i) | 0;
        }
        return { drawn, hash };
      });

  it('lists the beds with their numbers and a moving ECG', async () => {
    await open(['bed-01', 'bed-02', 'bed-10']);
    ward.run(['bed-01', 'bed-02', 'bed-10']);
    await expect.poll(() => stateOf('bed-01'), PATIENT).toBe('live');
    expect(await tab.locator('article.tile .bed').allTextContents()).toEqual([
      ...['bed-01', 'bed-02', 'bed-10'],
    ]);
    expect(await tile('bed-02').locator('.number .value').allTextContents()).toEqual([
      ...['72', '97', '14'],
    ]);
    expect(await tile('bed-02').locator('.foot').innerText()).toMatch(
      /^BP 128\/74 \d\d:\d\d\s+Temp 36\.7 \d\d:\d\d\s+Pulse 72\s+live$/,
    );
    expect(await tab.locator('#summary').innerText()).toMatch(/3 beds\s+3 live/);
    await expect.poll(async () => (await pixels('bed-01')).drawn, PATIENT).toBeGreaterThan(300);
    const before = await pixels('bed-01');
    await expect.poll(async () => (await pixels('bed-01')).hash, PATIENT).not.toBe(before.hash);
    const spoken = await tile('bed-01').getAttribute('aria-label');
    expect(spoken).toBe('bed-01, live, HR 72 per minute, SpO₂ 97 percent, Resp 14 per minute');
    expect(complaints).toEqual([]);
    expect([...new Set(requests)]).toEqual([ward.origin]);
  });

  it('says in words when a bed ages, goes stale and falls silent, and when it is back', async () => {
    await open(['bed-01', 'bed-02']);
    ward.run(['bed-01', 'bed-02']);
    await expect.poll(() => stateOf('bed-01'), PATIENT).toBe('live');
    ward.run(['bed-02']);
    const words = () => tile('bed-01').innerText();
    await expect.poll(() => stateOf('bed-01'), PATIENT).toBe('ageing');
    expect(await words()).toMatch(/HR\s*[3-5]\u202fs old/);
    expect(await words()).toMatch(/not live, [3-5]\u202fs/);
    ward.skip(10_000);
    await expect.poll(() => stateOf('bed-01'), PATIENT).toBe('stale');
    expect(await words()).toMatch(/No signal for (1\d|2\d)\u202fs/);
    ward.skip(240_000);
    await expect.poll(() => stateOf('bed-01'), PATIENT).toBe('silent');
    expect(await words()).toMatch(/Sensor silent\s*4\u202fmin/);
    expect(await words()).toMatch(/last 72\s+\d\d:\d\d/);
    expect(await tile('bed-01').locator('.value').allTextContents()).toEqual(['–', '–', '–']);
    expect(await stateOf('bed-02')).toBe('live');
    ward.run(['bed-01', 'bed-02']);
    await expect.poll(() => stateOf('bed-01'), PATIENT).toBe('live');
    expect(complaints).toEqual([]);
  });

  it('says within 3 s that the gateway is lost, and is live again when it is back', async () => {
    await open(['bed-01']);
    ward.run(['bed-01']);
    await expect.poll(() => stateOf('bed-01'), PATIENT).toBe('live');
    ward.mute();
    const bar = tab.locator('#lost');
    const startedMs = Date.now();
    await bar.waitFor({ state: 'visible', timeout: 5_000 });
    // Half a second for the browser to say so.
    expect(Date.now() - startedMs).toBeLessThan(3_500);
    expect(await bar.innerText()).toMatch(
      /^Not live since \d\d:\d\d:\d\d\. .*Look at the patients/,
    );
    expect(await stateOf('bed-01')).toBe('lost');
    expect(await tile('bed-01').innerText()).toMatch(/Not live since \d\d:\d\d:\d\d/);
    expect(await tile('bed-01').locator('.live').innerText()).toBe('not live');
    ward.run(['bed-01']);
    await bar.waitFor({ state: 'hidden', timeout: 5_000 });
    await expect.poll(() => stateOf('bed-01'), PATIENT).toBe('live');
  });

  it('comes back by itself after the gateway was gone for good', async () => {
    await open(['bed-01']);
    ward.run(['bed-01']);
    await expect.poll(() => stateOf('bed-01'), PATIENT).toBe('live');
    await ward.stop();
    await tab.locator('#lost').waitFor({ state: 'visible', timeout: 5_000 });
    await ward.listen();
    ward.run(['bed-01']);
    await tab.locator('#lost').waitFor({ state: 'hidden', timeout: 15_000 });
    await expect.poll(() => stateOf('bed-01'), PATIENT).toBe('live');
  });

  it('shows markup in names, labels and notices as text', async () => {
    const name = '<img src=x onerror=alert(1)>';
    await open([name]);
    ward.run([name]);
    await expect
      .poll(() => tab.locator('article').getAttribute('data-state'), PATIENT)
      .toBe('live');
    ward.notice(name, 'refused', 'Refused: <b>a frame</b> & more');
    await expect.poll(() => tab.locator('.bed').allTextContents(), PATIENT).toEqual([name]);
    await expect
      .poll(() => tab.locator('.notice').innerText(), PATIENT)
      .toContain('<b>a frame</b> & more');
    expect(await tab.locator('article img, .notice b').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('says calmly that a sensor stands still, and when it no longer does', async () => {
    await open(['bed-01', 'bed-02']);
    ward.run(['bed-01', 'bed-02']);
    await expect.poll(() => stateOf('bed-01'), PATIENT).toBe('live');
    ward.stick(['bed-01']);
    const said = () => tile('bed-01').locator('.notice').innerText();
    await expect.poll(said, PATIENT).toMatch(/^bed-01: ECG II stands still since \d\d:\d\d$/);
    // Nothing of an alarm: no pill, no ring, and the bed is live.
    expect(await tile('bed-01').getAttribute('data-flag')).toBe('');
    expect(await stateOf('bed-01')).toBe('live');
    expect(await tile('bed-02').locator('.notice').isVisible()).toBe(false);
    // A page that comes later is told what lasts.
    await tab.reload();
    await expect.poll(said, PATIENT).toContain('stands still since');
    ward.stick([]);
    await expect.poll(said, { timeout: 25_000 }).toMatch(/^bed-01: ECG II moves again, \d\d:\d\d$/);
    expect(complaints).toEqual([]);
  });

  it('shows an alarm with marks, words and place, its acknowledgement, and that it makes no sound', async () => {
    await open(['bed-01', 'bed-02']);
    ward.run(['bed-01', 'bed-02']);
    await expect.poll(() => stateOf('bed-01'), PATIENT).toBe('live');
    expect(await tab.locator('#sound').innerText()).toMatch(/^This page makes no sound/);
    const low = { vital: 'spo2', limit: 98 } as const;
    ward.alarms('bed-01', [
      alarm('vt', ward.nowMs - 24_000, { priority: 'high', vital: 'heart-rate' }),
      alarm('spo2-low', ward.nowMs - 60_000, low),
    ]);
    ward.news2('bed-01', news2({ spo2: 90, pulse: 80 }));
    const said = () => tile('bed-01').locator('.alarm').innerText();
    await expect.poll(said, PATIENT).toMatch(/^VT\s+\+1\s+0:2\d$/);
    expect(await tile('bed-01').getAttribute('data-alarm')).toBe('high');
    expect(await tile('bed-01').locator('.lozenge .marks path').count()).toBe(3);
    const numbers = tile('bed-01').locator('.number');
    const marked = () => numbers.evaluateAll((all) => all.map((one) => one.dataset['alarm']));
    expect(await marked()).toEqual(['high', 'medium', '']);
    const score = () => tile('bed-01').locator('.news2').innerText();
    await expect.poll(score, PATIENT).toMatch(/partial 2\/7\s+≥3/);
    expect(await tab.locator('#tally').innerText()).toMatch(/1 high/);
    expect(await tile('bed-01').getAttribute('aria-label')).toMatch(
      /^bed-01, high priority alarm: VT, live/,
    );
    const flashes = () =>
      tile('bed-01')
        .locator('.head')
        .evaluate((head) => getComputedStyle(head).animationName);
    expect(await flashes()).toBe('high');
    await tab.emulateMedia({ reducedMotion: 'reduce' });
    expect(await flashes()).toBe('none');
    const acknowledged = { by: 'N. Berg', atMs: ward.nowMs };
    ward.alarms('bed-01', [alarm('vt', ward.nowMs, { priority: 'high', acknowledged })]);
    await expect.poll(said, PATIENT).toMatch(/^VT\s+✓ N\. Berg \d\d:\d\d$/);
    expect(await flashes()).toBe('none');
    ward.alarms('bed-01', []);
    await expect.poll(() => tile('bed-01').locator('.alarm').isVisible(), PATIENT).toBe(false);
    expect(complaints).toEqual([]);
  });

  it('names the ward, and a demo world for what it is', async () => {
    await open(['bed-01'], { labels: { ward: 'demo' } });
    ward.run(['bed-01']);
    await tab.locator('#demo').waitFor({ state: 'visible' });
    expect(await tab.locator('header.top').innerText()).toMatch(/^Demo\s+Ward\s/);
    await tab.close();
    await ward.close();
    await open(['bed-01'], { labels: { ward: 'North-4' } });
    await expect.poll(() => tab.title(), PATIENT).toBe('North-4');
    expect(await tab.locator('#demo').isVisible()).toBe(false);
    expect(await tab.locator('footer#disclaimer').innerText()).toMatch(/^Not a medical device/);
  });

  it('keeps all tiles of a wall on one screen, and lists them on a phone', async () => {
    const beds = Array.from({ length: 12 }, (_, i) => `bed-${String(i + 1).padStart(2, '0')}`);
    await open(beds);
    ward.run(beds);
    await expect.poll(() => stateOf('bed-12'), PATIENT).toBe('live');
    const scrolls = () => tab.evaluate(() => document.documentElement.scrollHeight > innerHeight);
    expect(await scrolls()).toBe(false);
    await tab.setViewportSize({ width: 1366, height: 768 });
    await expect.poll(() => tab.locator('#wall').getAttribute('data-mode'), PATIENT).toBe('middle');
    expect(await scrolls()).toBe(false);
    await tab.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => tab.locator('#wall').getAttribute('data-mode'), PATIENT).toBe('row');
    const wide = () => tab.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(await wide()).toBe(false);
    const boxes = await Promise.all(
      (await tile('bed-01').locator('.value').all()).map((value) => value.boundingBox()),
    );
    expect(new Set(boxes.map((box) => box?.y)).size).toBe(1);
  });

  it('redraws its traces once a second for readers who want less motion', async () => {
    await open(['bed-01']);
    await tab.emulateMedia({ reducedMotion: 'reduce' });
    ward.run(['bed-01']);
    await expect.poll(async () => (await pixels('bed-01')).drawn, PATIENT).toBeGreaterThan(100);
    const seen = new Set<number>();
    const untilMs = Date.now() + 3_000;
    while (Date.now() < untilMs) seen.add((await pixels('bed-01')).hash);
    expect(seen.size).toBeGreaterThanOrEqual(2);
    expect(seen.size).toBeLessThanOrEqual(5);
  });
});
