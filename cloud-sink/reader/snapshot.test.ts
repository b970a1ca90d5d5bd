/** Which moment is asked about where servers lie about how far their logs are. */
import { findVital } from '@vitalshare/edge/vital';
import { describe, expect, it } from 'vitest';
import { TestServers } from './servers.fixture.ts';
import { takeSnapshot } from './snapshot.ts';
import { askStatistic } from './statistic.ts';

const START = 1_790_000_000;
const FAKE_LOG = 'f'.repeat(32);
const FAR = 900_000_000_000_000;
const FAST = { timeoutMs: 2000, graceMs: 50, waitMs: 200 };

/** Records 0 and 1: genesis, run; then a stay and `frames` frames of 70, and as many of 170 later. */
function ward(servers: number, threshold: number, frames = 2): TestServers {
  const test = new TestServers(servers, threshold);
  test.label('s-1', {});
  for (let i = 0; i < 2 * frames; i++) {
    const value = i < frames ? 700 : 1700;
    test.append('s-1', [{ vital: 'heart-rate', start: START + i, values: [value] }]);
  }
  return test;
}

const ask = (test: TestServers) =>
  askStatistic(
    test.researcher,
    { statistic: 'mean', vitals: [findVital('heart-rate')!], where: {} },
    { world: test.world, ...FAST },
  );

const snapshot = (test: TestServers, needed: number) =>
  takeSnapshot(test.researcher, test.world, { needed, what: 'this', waitMs: 200 });

describe('no t heads move the snapshot', () => {
  it.each([
    [
      'an old position and a log of its own',
      true,
      { logs: { [FAKE_LOG]: FAR }, head: (): number => 5 },
    ],
    ['nothing but a log of its own', true, { logs: { [FAKE_LOG]: FAR } }],
    ['a far position', true, { head: (): number => FAR }],
    ['an old position', true, { head: (): number => 1 }],
    [
      'an old position and a log of its own',
      false,
      { logs: { [FAKE_LOG]: FAR }, head: (): number => 5 },
    ],
    ['a far position', false, { head: (): number => FAR }],
  ] as const)('%s, gateway down: %s', async (_, gatewayDown, lie) => {
    const test = ward(5, 1);
    test.gatewayDown = gatewayDown;
    test.lies.set(1, lie);
    const { result, notes } = await ask(test);
    expect([result.value, result.count, result.checked]).toEqual([120, 4, 'verified']);
    expect(result.asOf).toEqual({ [test.logId]: 7 });
    expect(notes).toEqual([]);
  });

  it('two of nine at t = 2, each with its own fake log or the same', async () => {
    const test = ward(9, 2);
    test.gatewayDown = true;
    for (const server of [1, 9]) {
      test.lies.set(server, { logs: { [FAKE_LOG]: FAR }, head: () => 3 });
    }
    const { result, notes } = await ask(test);
    expect([result.value, result.asOf, notes]).toEqual([120, { [test.logId]: 7 }, []]);
  });

  it('names who is below what t + 1 tell, and nobody else', async () => {
    const test = ward(3, 1);
    test.gatewayDown = true;
    test.behind.set(3, 2);
    const { asOf, note } = await snapshot(test, 3);
    expect(asOf).toEqual({ [test.logId]: 5 });
    expect(note).toMatch(/^server 3 did not reach/);
  });

  it('blames no server where only the gateway tells of more', async () => {
    const test = ward(3, 1);
    test.gatewayAhead = 100;
    const { asOf, note } = await snapshot(test, 3);
    expect(asOf).toEqual({ [test.logId]: 7 });
    expect(note).toMatch(/^No server reached the position of the log that the gateway tells/);
  });

  it('a liar does not choose how far back a late world is read', async () => {
    const test = ward(5, 1);
    test.behind.set(4, 1);
    test.behind.set(5, 2);
    test.lies.set(1, { logs: { [FAKE_LOG]: FAR }, head: (): number => 1 });
    // Servers 2 and 3 have 7, 4 has 6, 5 has 5, and 1 says 1.
    const { asOf, note } = await snapshot(test, 4);
    expect(asOf).toEqual({ [test.logId]: 5 });
    expect(note).toMatch(/^servers 1, 4 and 5 did not reach/);
  });

  it('where servers are ahead in different logs, enough of them have what is asked', async () => {
    const test = ward(4, 1);
    test.gatewayDown = true;
    const other = 'e'.repeat(32);
    // Of the two logs: (7, 3), (7, 3), (5, 9), (5, 9). No server has (7, 9).
    for (const server of [1, 2]) test.lies.set(server, { logs: { [other]: 3 } });
    for (const server of [3, 4]) {
      test.behind.set(server, 2);
      test.lies.set(server, { logs: { [other]: 9 } });
    }
    expect((await snapshot(test, 2)).asOf).toEqual({ [test.logId]: 5, [other]: 3 });
  });

  it('[PROTO-43] a log that t + 1 servers say was forked is read as far as they agree, and it is said', async () => {
    const test = ward(3, 1);
    test.gatewayAhead = 5;
    for (const server of [1, 2]) test.lies.set(server, { agreed: 5 });
    const { asOf, note } = await snapshot(test, 3);
    expect(asOf).toEqual({ [test.logId]: 5 });
    expect(note).toMatch(
      /^The log was forked: .* as of position 5, the last one the servers agree/,
    );
    const { result, notes } = await ask(test);
    expect([result.count, result.checked]).toEqual([2, 'verified']);
    expect(notes).toEqual([note]);
  });

  it('[PROTO-43] one server alone forks nothing', async () => {
    const test = ward(3, 1);
    test.lies.set(1, { agreed: 5 });
    expect(await snapshot(test, 2)).toMatchObject({ asOf: { [test.logId]: 7 }, note: undefined });
  });
});
