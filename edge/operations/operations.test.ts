import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Buckets, isLocalName, logSay, readiness, TokenBucket } from './operations.ts';

describe('a token bucket', () => {
  it('gives its burst at once, then its rate', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0);
    expect([1, 2, 3, 4].map(() => bucket.take(1, 0))).toEqual([true, true, true, false]);
    expect(bucket.take(1, 99)).toBe(false);
    expect(bucket.take(1, 100)).toBe(true);
    expect(bucket.take(1, 100)).toBe(false);
  });

  it('lends, and says when what was lent will have come', () => {
    const bucket = new TokenBucket({ perSecond: 100, burst: 2 }, 0);
    expect([1, 2, 3, 4].map(() => bucket.delayMs(1, 0))).toEqual([0, 0, 10, 20]);
    expect(bucket.delayMs(1, 20)).toBe(10);
  });

  it('never lets more through than burst and rate allow, whatever the schedule', () => {
    const steps = fc.array(fc.record({ ms: fc.nat(500), cost: fc.integer({ min: 1, max: 5 }) }));
    fc.assert(
      fc.property(steps, (schedule) => {
        const bucket = new TokenBucket({ perSecond: 7, burst: 5 }, 0);
        let nowMs = 0;
        let taken = 0;
        for (const { ms, cost } of schedule) {
          nowMs += ms;
          if (bucket.take(cost, nowMs)) taken += cost;
        }
        expect(taken).toBeLessThanOrEqual(5 + (7 * nowMs) / 1000 + 1e-6);
      }),
    );
  });

  it('is not filled by a clock that is set back', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 }, 10_000);
    expect(bucket.take(1, 10_000)).toBe(true);
    expect(bucket.take(1, 0)).toBe(false);
    expect(bucket.take(1, 500)).toBe(false);
  });

  it('is a RangeError without a rate', () => {
    expect(() => new TokenBucket({ perSecond: 0, burst: 1 }, 0)).toThrow(RangeError);
  });
});

describe('buckets by key', () => {
  it('keep no more keys than they may; a crowd shares one', () => {
    const buckets = new Buckets({ perSecond: 1, burst: 1 }, 2);
    expect(['a', 'b'].map((key) => buckets.of(key, 0).take(1, 0))).toEqual([true, true]);
    expect(buckets.of('c', 0).take(1, 0)).toBe(true);
    expect(buckets.of('d', 0).take(1, 0)).toBe(false);
    expect(buckets.size).toBe(2);
    expect(buckets.of('e', 1_000).take(1, 1_000)).toBe(true);
    expect(buckets.size).toBe(1);
  });
});

describe('a name of this machine', () => {
  it.each(['localhost', 'localhost:8080', '127.0.0.1:1', '[::1]:9'])('is %s', (host) => {
    expect(isLocalName(host)).toBe(true);
  });
  it.each([undefined, '', 'ward.example', 'localhost.ward.example', '127.0.0.1.example:80'])(
    'is not %s',
    (host) => expect(isLocalName(host)).toBe(false),
  );
});

describe('readiness', () => {
  it('is 200, or problem+json that names all that is missing', () => {
    expect(readiness([], { lag: 2 })).toMatchObject({
      status: 200,
      body: '{"ready":true,"lag":2}',
    });
    const { status, type, body } = readiness([
      { what: 'log-writable', detail: 'the disk of the log says ENOSPC' },
      { what: 'broker', detail: 'the broker does not listen yet' },
    ]);
    expect([status, type]).toEqual([503, 'application/problem+json']);
    expect(JSON.parse(body)).toMatchObject({
      ...{ type: 'urn:vitalshare:problem:not-ready', status: 503, code: 'not-ready' },
      detail: 'the disk of the log says ENOSPC; the broker does not listen yet',
      missing: [{ what: 'log-writable' }, { what: 'broker' }],
    });
  });
});

describe('a line of the log', () => {
  const lines: string[] = [];
  const say = logSay({ party: 'gateway', clock: () => 0, write: (line) => lines.push(line) });

  it('is one JSON object with time, level, party and event, whatever stands in it', () => {
    say('it\nbroke', { event: 'failed', level: 'error', fields: { port: 8080, time: 'never' } });
    say('a sentence');
    expect(lines.map((line) => [line.endsWith('\n'), line.slice(0, -1).includes('\n')])).toEqual([
      [true, false],
      [true, false],
    ]);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        ...{ time: '1970-01-01T00:00:00.000Z', level: 'error', party: 'gateway', event: 'failed' },
        ...{ text: 'it\nbroke', port: 8080 },
      },
      {
        ...{ time: '1970-01-01T00:00:00.000Z', level: 'info', party: 'gateway', event: 'said' },
        text: 'a sentence',
      },
    ]);
  });
});
