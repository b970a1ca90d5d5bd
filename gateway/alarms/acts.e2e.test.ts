/**
 * What people do at a bed over HTTP, on a whole gateway in this process: acts, observations, and pages of
 * other sites that try them.
 */
import { numericColumn } from '@vitalshare/edge/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, type TestNode } from '../gateway.fixture.ts';
import { MemoryDisk } from '../log/memory-disk.fixture.ts';

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) {
    await bench.stop();
    bench.remove();
  }
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

class Ward {
  readonly bench: Bench;
  node!: TestNode;
  #second = 0;

  constructor(disk = new MemoryDisk(), home = new MemoryDisk()) {
    this.bench = new Bench(disk);
    this.bench.home = home;
    this.bench.monotonicMs = () => this.bench.nowMs;
    benches.push(this.bench);
  }

  async begin(): Promise<this> {
    const credential = await this.bench.enroll('strap-07', { ward: 'north' });
    await this.bench.start();
    this.node = await this.bench.connect(credential);
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.bench.gateway!.httpPort}`;
  }

  async ask(method: string, path: string, body?: unknown, headers = {}): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }

  enter(key: string, observations: unknown, more: object = {}): Promise<Answer> {
    const body = { by: 'Kim', observations, ...more };
    return this.ask('POST', '/beds/strap-07/observations', body, { 'idempotency-key': key });
  }

  /** Seconds of one heart rate each. */
  async beat(seconds: number, rate: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      this.bench.nowMs += 1_000;
      const second = ++this.#second;
      const bootTimeMs = 1_800_000_000_000;
      const columns = [numericColumn('heart-rate', second - 1, [rate], 4)];
      const frame = { deviceTimeUs: 1e6 * second, bootTimeMs, columns, segments: [], events: [] };
      await this.node.send(this.node.sealed(1, second, frame));
      this.bench.tick();
    }
  }
}

describe('acts at a bed', () => {
  it('acknowledge, pause, off and on, limits, patient, standby: done, told, recorded with who', async () => {
    const ward = await new Ward().begin();
    await ward.beat(20, 80);
    await ward.beat(20, 140);
    const { body } = await ward.ask('GET', '/alarms');
    expect(body['beds']).toMatchObject([{ bed: 'strap-07', sounds: 'medium' }]);
    const [{ alarms }] = body['beds'] as [{ alarms: { id: number; what: string }[] }];
    const { id } = alarms.find(({ what }) => what === 'rate-high')!;
    const at = (path: string, more: object = {}, method = 'POST') =>
      ward.ask(method, `/beds/strap-07/${path}`, { by: 'Kim', ...more });
    expect(await at('audio/pause')).toMatchObject({ status: 200, body: { sounds: null } });
    expect((await at('audio/resume')).status).toBe(200);
    expect(await at(`alarms/${id}/acknowledge`)).toMatchObject({
      ...{
        status: 200,
        body: { alarms: [{ state: 'acknowledged', acknowledged: { by: 'Kim' } }] },
      },
    });
    const untilMs = ward.bench.nowMs + 3_600_000;
    expect((await at('alarm/off', { topic: 'rate-high', untilMs })).body['off']).toMatchObject([
      { topic: 'rate-high', by: 'Kim', untilMs },
    ]);
    expect((await at('alarm/on', { topic: 'rate-high' })).body['off']).toEqual([]);
    expect((await at('limits/spo2', { low: 88, extremeLow: 80 }, 'PUT')).status).toBe(200);
    expect((await at('patient', { spo2Scale: 2 }, 'PUT')).status).toBe(200);
    expect((await ward.ask('GET', '/beds/strap-07/limits')).body).toMatchObject({
      ...{ patient: { spo2Scale: 2 }, limits: { spo2: { low: 88, extremeLow: 80 } } },
    });
    expect((await at('standby', { why: 'X-ray', untilMs })).body['standby']).toMatchObject({
      ...{ by: 'Kim', why: 'X-ray', untilMs },
    });
    expect((await at('resume')).body['standby']).toBeNull();
    const { body: history } = await ward.ask('GET', '/alarms/history?bed=strap-07&limit=50');
    const changes = history['changes'] as { cause: string; by?: string }[];
    const byKim = changes.filter(({ by }) => by === 'Kim').map(({ cause }) => cause);
    for (const cause of [
      'standby',
      'limits',
      'patient',
      'alarm-off',
      'acknowledged',
      'audio-paused',
    ])
      expect(byKim).toContain(cause);
    const metrics = await (await fetch(`${ward.url}/metrics`)).text();
    expect(metrics).toContain('vitalshare_gateway_alarm_acts_total{act="acknowledge"} 1');
    expect(metrics).toMatch(/vitalshare_gateway_alarms\{priority="medium",state="active"\} \d/);
  });

  it('names what it refuses, and changes nothing', async () => {
    const ward = await new Ward().begin();
    await ward.beat(2, 80);
    const { nowMs } = ward.bench;
    const cases: readonly (readonly [string, string, object, number, string])[] = [
      ['PUT', 'strap-07/limits/spo2', { by: 'K', low: 90, high: 85 }, 422, 'limits-cross'],
      ['PUT', 'strap-07/limits/spo2', { by: 'K', low: -1 }, 422, 'out-of-range'],
      ['PUT', 'strap-07/limits/mood', { by: 'K', low: 1 }, 422, 'unknown-vital'],
      ['PUT', 'strap-07/limits/spo2', { by: 'K', lowest: 1 }, 400, 'bad-request'],
      ['PUT', 'strap-07/limits/spo2', { by: 'K', low: '90' }, 400, 'bad-request'],
      ['POST', 'strap-07/alarms/99/acknowledge', { by: 'K' }, 404, 'unknown-alarm'],
      ['POST', 'strap-99/audio/pause', { by: 'K' }, 404, 'unknown-bed'],
      ['POST', 'strap-07/audio/pause', {}, 400, 'bad-request'],
      ['POST', 'strap-07/audio/pause', { by: '   ' }, 400, 'bad-request'],
      ['POST', 'strap-07/audio/pause', { by: 'a\u0000b' }, 400, 'bad-request'],
      ['POST', 'strap-07/audio/pause', { by: 'x'.repeat(65) }, 400, 'bad-request'],
      ['POST', 'strap-07/audio/resume', { by: 'K' }, 409, 'already'],
      [
        'POST',
        'strap-07/alarm/off',
        { by: 'K', topic: 'mood', untilMs: nowMs + 1e6 },
        404,
        'unknown-alarm',
      ],
      [
        'POST',
        'strap-07/alarm/off',
        { by: 'K', topic: 'vt', untilMs: nowMs + 1e9 },
        422,
        'out-of-range',
      ],
      ['POST', 'strap-07/standby', { by: 'K', why: 'x', untilMs: nowMs - 1 }, 422, 'out-of-range'],
      [
        'POST',
        'strap-07/standby',
        { by: 'K', why: 'x', untilMs: nowMs + 1e9 },
        422,
        'out-of-range',
      ],
      ['POST', 'strap-07/resume', { by: 'K' }, 409, 'already'],
    ];
    const before = (await ward.ask('GET', '/alarms')).body['beds'];
    for (const [method, path, body, status, code] of cases) {
      const answer = await ward.ask(method, `/beds/${path}`, body);
      expect([path, answer.status, answer.body['code']]).toEqual([path, status, code]);
    }
    expect((await ward.ask('GET', '/alarms')).body['beds']).toEqual(before);
  });

  it('a page of another site, a foreign name, a form and a flood get nothing', async () => {
    const ward = await new Ward().begin();
    await ward.beat(2, 80);
    const path = '/beds/strap-07/standby';
    const body = { by: 'Mallory', why: 'gone', untilMs: ward.bench.nowMs + 3_600_000 };
    const attacks: readonly Record<string, string>[] = [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: `http://127.0.0.1:1` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/x-www-form-urlencoded' },
    ];
    for (const headers of attacks) {
      const { status } = await ward.ask('POST', path, body, headers);
      expect([headers, status === 403 || status === 400]).toEqual([headers, true]);
    }
    // What a browser asks first is not granted.
    const preflight = await fetch(ward.url + path, {
      method: 'OPTIONS',
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      ...[404, null],
    ]);
    const { body: alarms } = await ward.ask('GET', '/alarms');
    expect(alarms['beds']).toMatchObject([{ standby: null }]);
    const large = await ward.ask('POST', path, { ...body, why: 'x'.repeat(5_000) });
    expect([large.status, large.body['code']]).toEqual([400, 'bad-request']);
    // The page itself may.
    const own = { origin: ward.url, 'sec-fetch-site': 'same-origin' };
    expect((await ward.ask('POST', path, body, own)).status).toBe(200);
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++) statuses.push((await ward.ask('POST', path, body, own)).status);
    expect(statuses).toContain(429);
    expect((await ward.ask('GET', '/alarms')).status).toBe(200);
  });

  it('says so where the disk does not take it: it holds, and is forgotten with a stop', async () => {
    const home = new MemoryDisk();
    const ward = await new Ward(new MemoryDisk(), home).begin();
    await ward.beat(2, 80);
    home.fail('full', 99);
    const { status, body } = await ward.ask('POST', '/beds/strap-07/audio/pause', { by: 'Kim' });
    expect([status, body['code']]).toEqual([503, 'store-full']);
    const { body: alarms } = await ward.ask('GET', '/alarms');
    expect(alarms['beds']).toMatchObject([{ audioPause: { by: 'Kim' } }]);
    home.fail('full', 0);
    ward.bench.tick();
  });
});

describe('observations entered by hand', () => {
  const SET = [
    { vital: 'consciousness', value: 0 },
    { vital: 'oxygen', value: 2 },
    { vital: 'systolic-pressure', value: 118 },
    { vital: 'body-temperature', value: 37.1 },
    { vital: 'respiratory-rate', value: 16 },
    { vital: 'spo2', value: 97 },
  ];

  it('complete NEWS2, are shown with who, and stand in the log like any other reading', async () => {
    const ward = await new Ward().begin();
    await ward.beat(70, 80);
    expect((await ward.ask('GET', '/beds/strap-07/news2')).body['news2']).toMatchObject({
      known: 1,
    });
    const before = (await ward.bench.frames()).length;
    const { status, body } = await ward.enter('round-1', SET);
    expect(status).toBe(201);
    expect(body['news2']).toMatchObject({ known: 7, score: 2 });
    const frames = await ward.bench.frames();
    expect(frames).toHaveLength(before + 1);
    const { columns } = frames.at(-1)!;
    expect(columns.map(({ vital }) => vital)).toEqual([9, 10, 7, 5, 4, 3]);
    expect(new Set(columns.map(({ start, rows }) => `${start} ${rows}`)).size).toBe(1);
    const { body: history } = await ward.ask('GET', '/alarms/history');
    const observed = (history['changes'] as { cause: string; by?: string; topic?: string }[])
      .filter(({ cause, by }) => cause === 'observation' && by === 'Kim')
      .map(({ topic }) => topic);
    expect(observed.sort()).toEqual(SET.map(({ vital }) => vital).sort());
  });

  it('out of range, unknown, twice, from the future, too old, without a key: named, nothing kept', async () => {
    const ward = await new Ward().begin();
    await ward.beat(1, 80);
    const { nowMs } = ward.bench;
    const before = (await ward.bench.frames()).length;
    const spo2 = (value: number) => [{ vital: 'spo2', value }];
    const cases: readonly (readonly [unknown, object, number, string])[] = [
      [spo2(101), {}, 422, 'out-of-range'],
      [[{ vital: 'consciousness', value: 1.5 }], {}, 422, 'out-of-range'],
      [[{ vital: 'mood', value: 1 }], {}, 422, 'unknown-vital'],
      [[...spo2(97), { vital: 'pain', value: 3 }], {}, 422, 'unknown-vital'],
      [[...spo2(97), ...spo2(98)], {}, 400, 'bad-request'],
      [spo2(97), { atMs: nowMs + 60_000 }, 422, 'far-future'],
      [spo2(97), { atMs: nowMs - 7 * 3_600_000 }, 422, 'too-old'],
      [spo2(97), { atMs: -1 }, 400, 'bad-request'],
      [[], {}, 400, 'bad-request'],
      [spo2(97), { by: '' }, 400, 'bad-request'],
      [[{ vital: 'spo2', value: '97' }], {}, 400, 'bad-request'],
    ];
    for (const [index, [observations, more, status, code]] of cases.entries()) {
      const answer = await ward.enter(`k${index}`, observations, more);
      expect([index, answer.status, answer.body['code']]).toEqual([index, status, code]);
      expect(JSON.stringify(answer.body)).not.toContain('101');
    }
    const body = { by: 'Kim', observations: spo2(97) };
    expect((await ward.ask('POST', '/beds/strap-07/observations', body)).status).toBe(400);
    expect(await ward.bench.frames()).toHaveLength(before);
  });

  it('the first reading of a second stays: cell-taken, by a node or by hand', async () => {
    const ward = await new Ward().begin();
    await ward.beat(3, 80);
    const atMs = ward.bench.nowMs - 1_500;
    const rate = [{ vital: 'heart-rate', value: 82 }];
    expect(await ward.enter('a', rate, { atMs })).toMatchObject({
      ...{ status: 409, body: { code: 'cell-taken' } },
    });
    const two = await Promise.all([
      ward.enter('b', [{ vital: 'oxygen', value: 2 }]),
      ward.enter('c', [{ vital: 'oxygen', value: 3 }]),
    ]);
    expect(two.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  it('sent again it is one: before and after a crash, wherever that falls', async () => {
    const [disk, home] = [new MemoryDisk(), new MemoryDisk()];
    const ward = await new Ward(disk, home).begin();
    await ward.beat(1, 80);
    const count = async () =>
      (await ward.bench.frames()).filter(({ columns }) => columns[0]?.vital === 10).length;
    const oxygen = [{ vital: 'oxygen', value: 2 }];
    expect((await ward.enter('k', oxygen)).status).toBe(201);
    expect((await ward.enter('k', oxygen)).status).toBe(200);
    expect((await ward.enter('k', [{ vital: 'oxygen', value: 3 }])).body['code']).toBe('key-used');
    expect(await count()).toBe(1);

    // The journal does not take the number: nothing is anywhere.
    ward.bench.nowMs += 1_000;
    home.fail('sync');
    expect(await ward.enter('l', oxygen)).toMatchObject({ status: 503 });
    expect(await count()).toBe(1);
    expect((await ward.enter('l', oxygen)).status).toBe(201);

    // A crash behind the number and before the frame, as a log that lacks it; and one behind the frame.
    const older = new Map(
      [...disk.files].map(([name, { synced }]) => [name, { written: synced, synced }]),
    );
    ward.bench.nowMs += 1_000;
    expect((await ward.enter('n', oxygen)).status).toBe(201);
    await ward.bench.stop();
    disk.crash();
    home.crash();
    for (const [name, file] of older) disk.files.set(name, file);
    await ward.bench.start();
    expect((await ward.enter('k', oxygen)).status).toBe(200);
    expect((await ward.enter('l', oxygen)).status).toBe(200);
    expect((await ward.enter('n', oxygen)).status).toBe(201);
    expect((await ward.enter('n', oxygen)).status).toBe(200);
    expect(
      (await ward.enter('m', [{ vital: 'oxygen', value: 4 }], { atMs: ward.bench.nowMs + 1_000 }))
        .status,
    ).toBe(201);
    expect(await count()).toBe(2);
    // After a restart what was entered is in no memory until it is sent again.
    expect((await ward.ask('GET', '/beds/strap-07/news2')).status).toBe(200);
  });
});
