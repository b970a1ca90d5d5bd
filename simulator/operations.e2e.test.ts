/**
 * A live ward as its operator sees it: `/metrics`, `/healthz`, `/readyz` of every process, and `up --log json`
 * of a run in which things fail. No key, password, reading, stay or node is in any of it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePrometheus } from './prometheus.fixture.ts';
import { killHard, until, Ward } from './ward.fixture.ts';

let ward: Ward;
/** Of gateway, data servers and beds. */
let urls: string[];

beforeAll(async () => {
  ward = await Ward.start('--beds', '3', '--metrics-port', '0', '--log', 'json');
  const beds = await until(
    'the metrics of the beds',
    () => /http:\/\/127\.0\.0\.1:\d+(?=\/metrics","time)/.exec(ward.output)?.[0],
  );
  urls = [ward.world.dashboard, ...ward.world.dataServers, beds];
}, 90_000);
afterAll(() => ward.remove());

/** Every secret there is in the world's folder: keys, passwords, seeds, hashes of them. */
function secrets(): string[] {
  const found = new Set<string>();
  for (const entry of readdirSync(ward.dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.json') || entry.name === 'world.json') continue;
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
    for (const [, value] of text.matchAll(/"([A-Za-z0-9_+/=-]{20,})"/g)) found.add(value!);
  }
  return [...found];
}

const names = ['bed-01', 'bed-02', 'bed-03', 'strap'];
/** Of readings: what a vital sign, a lead or a unit is called. */
const READINGS = /heart|pulse|spo2|resp|temp|ecg|pleth|pressure|bpm|mmHg/i;

interface Line {
  readonly time: string;
  readonly level: string;
  readonly party: string;
  readonly event: string;
  readonly text: string;
}

describe('a live ward', () => {
  it('is alive and ready at every process', async () => {
    for (const url of urls) {
      expect((await fetch(`${url}/healthz`)).status, url).toBe(200);
      await until(`${url} to be ready`, async () => (await fetch(`${url}/readyz`)).ok);
    }
  });

  it('says how it is in Prometheus text, and nothing of anybody', async () => {
    await until('some frames', async () => {
      const text = await (await fetch(`${urls[0]}/metrics`)).text();
      return /outcomes_total\{outcome="accepted"\} [1-9]\d/.test(text);
    });
    const hidden = secrets();
    expect(hidden.length).toBeGreaterThan(20);
    for (const url of urls) {
      const response = await fetch(`${url}/metrics`);
      expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      const text = await response.text();
      const families = parsePrometheus(text);
      expect(families.has('process_resident_memory_bytes'), url).toBe(true);
      for (const secret of [...hidden, ...names]) expect(text.includes(secret), secret).toBe(false);
      for (const [name, { help, samples }] of families) {
        expect(`${name} ${help}`).not.toMatch(READINGS);
        // Fixed lists only: no label has more values than the longest of them.
        expect(samples.filter((each) => !each.name.endsWith('_bucket')).length, name).toBeLessThan(
          60,
        );
        for (const { labels } of samples)
          expect(Object.values(labels).join()).not.toMatch(READINGS);
      }
    }
  });

  it('the search finds a secret, a name and a reading where there is one', () => {
    const credential = readFileSync(join(ward.dir, 'nodes/bed-01/credential.json'), 'utf8');
    expect(secrets().some((secret) => credential.includes(secret))).toBe(true);
    expect(names.some((name) => credential.includes(name))).toBe(true);
    expect(() => parsePrometheus('# HELP a b\n# TYPE a counter\na{x="1"} 1\na{x="1"} 2\n')).toThrow(
      'twice',
    );
    expect(() => parsePrometheus('# HELP a b\n# TYPE a gauge\na{x=1} 1\n')).toThrow('no labels');
    expect(() => parsePrometheus('a 1\n')).toThrow('a sample of no type');
  });

  it('logs failures as JSON, one object a line, without a secret in any', async () => {
    const { mqtt: broker, dataServers, pids } = ward.world;
    const options = { username: 'bed-01', password: 'a-guess-at-a-password', reconnectPeriod: 0 };
    const stranger = mqtt.connect(broker, options);
    await new Promise((resolve) => stranger.once('error', resolve));
    await stranger.endAsync(true);
    await fetch(`${dataServers[0]!}/moments`, { method: 'POST', body: 'a-guess-at-a-question' });
    // A gateway that is gone: the data servers say so, and up says that it ended.
    await killHard(pids.gateway);
    const lines = () =>
      ward.output
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line);
    const has = (party: RegExp, event: string) =>
      until(`${event}; it said: ${ward.output}`, () =>
        lines().some((line) => party.test(line.party) && line.event === event),
      );
    await has(/^up$|gateway/, 'ended');
    await has(/^data server \d$/, 'follow-trouble');
    const state = await fetch(`${dataServers[0]!}/readyz`);
    expect(state.status).toBe(503);
    expect(await state.json()).toMatchObject({
      code: 'not-ready',
      missing: [{ what: 'follower' }],
    });
    for (const line of lines()) {
      expect(line).toEqual(expect.objectContaining({ text: expect.any(String) as unknown }));
      expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(line.level).toMatch(/^(info|warn|error)$/);
      expect([line.party, line.event].every((word) => /^[a-z][a-z0-9 -]*$/.test(word))).toBe(true);
    }
    const said = ward.output;
    for (const secret of secrets()) expect(said.includes(secret), secret).toBe(false);
    expect(said).not.toContain('a-guess');
    expect(said).not.toMatch(READINGS);
  });
});
