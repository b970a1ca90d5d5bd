import { describe, expect, it } from 'vitest';
import type { HistoryAnswer, HistoryPart } from '../messages/messages.ts';
import { ReaderError } from './errors.ts';
import { type HistoryOptions, openHistory } from './history.ts';
import type { HistoryRequest } from './history-extent.ts';
import { TestServers } from './servers.fixture.ts';

const START = 1_790_000_000;
const MICROS = START * 1e6;

interface Opened {
  readonly seconds: number[];
  readonly values: number[];
  readonly runs: { at: number; samples: number[] }[];
  readonly named: number[];
  readonly servers: number[];
  readonly notes: string[];
}

async function open(
  test: TestServers,
  request: Partial<HistoryRequest> & { channel: string },
  options: HistoryOptions = {},
): Promise<Opened> {
  const history = await openHistory(
    test.physician,
    { stay: 's-1', ...request },
    { world: test.world, timeoutMs: 5000, waitMs: 200, ...options },
  );
  const seconds: number[] = [];
  const values: number[] = [];
  const runs: { at: number; samples: number[] }[] = [];
  for await (const chunk of history.chunks) {
    if (chunk.kind === 'readings') {
      seconds.push(...Array.from(chunk.seconds, (second) => second - START));
      values.push(...chunk.values);
    } else {
      for (const { startMicros, samples } of chunk.runs) {
        runs.push({ at: startMicros - MICROS, samples: [...samples] });
      }
    }
  }
  const [named, servers, notes] = [history.named(), history.servers(), history.notes()];
  return { seconds, values, runs, named, servers, notes };
}

async function failure(promise: Promise<unknown>): Promise<ReaderError> {
  const error: unknown = await promise.then(
    () => new Error('expected a ReaderError, got history'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ReaderError)) throw error;
  return error;
}

const heart = (at: number, ...values: (number | null)[]) => ({
  vital: 'heart-rate',
  start: START + at,
  values,
});
const ecg = (atMicros: number, samples: number[], lead: 'MLII' | 'V5' = 'MLII') => ({
  channel: 'ecg',
  lead,
  startMicros: MICROS + atMicros,
  rateMilliHz: 250_000,
  samples: Int16Array.from(samples),
});

describe('numbers', () => {
  const ward = (servers = 3, threshold = 1): TestServers => {
    const test = new TestServers(servers, threshold);
    test.append('s-1', [heart(0, 700, null, 702), { vital: 'spo2', start: START, values: [970] }]);
    test.append('s-2', [heart(0, 999)]);
    test.append('s-1', [heart(5, 705, 706)]);
    // Late, and over seconds that are taken: only second 1 is new [PROTO-9].
    test.append('s-1', [heart(0, 111, 701, 111)]);
    return test;
  };

  it('keeps the first reading in log order, by rising second, absent left absent', async () => {
    const opened = await open(ward(), { channel: 'heart-rate' });
    expect(opened.seconds).toEqual([0, 1, 2, 5, 6]);
    expect(opened.values).toEqual([700, 701, 702, 705, 706]);
    expect(opened.servers).toEqual([1, 2, 3]);
    expect(opened.notes).toEqual([]);
  });

  it('does not depend on the window', async () => {
    const expected = await open(ward(), { channel: 'heart-rate' });
    for (const windowMicros of [1e6, 2e6, 3_500_000]) {
      const got = await open(ward(), { channel: 'heart-rate' }, { windowMicros });
      expect(got.seconds).toEqual(expected.seconds);
      expect(got.values).toEqual(expected.values);
    }
  });

  it('trims to [from, to)', async () => {
    const request = { channel: 'heart-rate', from: MICROS + 1e6, to: MICROS + 5e6 };
    expect((await open(ward(), request)).seconds).toEqual([1, 2]);
    const empty = { channel: 'heart-rate', from: MICROS + 3e6, to: MICROS + 5e6 };
    expect((await open(ward(), empty)).seconds).toEqual([]);
  });

  it('opens negative readings', async () => {
    const test = new TestServers(3, 1);
    const cold = { vital: 'skin-temperature', start: START, values: [-4_500, 31_250] };
    test.append('s-1', [cold]);
    expect((await open(test, { channel: 'skin-temperature' })).values).toEqual([-4500, 31250]);
  });

  it('from any t + 1 servers', async () => {
    for (const down of [[1], [2], [3]]) {
      const test = ward();
      for (const server of down) test.down.add(server);
      const opened = await open(test, { channel: 'heart-rate' });
      expect(opened.values).toEqual([700, 701, 702, 705, 706]);
      expect(opened.notes).toHaveLength(1);
    }
    const test = ward(5, 2);
    test.down.add(1).add(4);
    expect((await open(test, { channel: 'spo2' })).values).toEqual([970]);
    test.down.add(5);
    const error = await failure(open(test, { channel: 'spo2' }));
    expect([error.code, error.servers]).toEqual(['too-few', [1, 4, 5]]);
  });

  it('says what exists', async () => {
    const stay = await failure(open(ward(), { channel: 'heart-rate', stay: 's-7' }));
    expect([stay.code, stay.message]).toEqual([
      'unknown-stay',
      'There is no stay s-7. Stays: s-1 and s-2.',
    ]);
    const channel = await failure(open(ward(), { channel: 'ecg' }));
    expect([channel.code, channel.message]).toEqual([
      'absent-channel',
      'Stay s-1 has no ecg; it has heart-rate and spo2.',
    ]);
  });
});

describe('waveforms', () => {
  it('orders by start, cuts what is there already, leaves gaps', async () => {
    const test = new TestServers(3, 1);
    // 250 Hz: 4,000 µs a sample.
    test.append('s-1', [], [ecg(40_000, [10, 11, 12, 13, 14])]);
    test.append('s-1', [], [ecg(0, [0, 1, 2, 3])]);
    test.append('s-1', [], [ecg(12_000, [93, 4, 5]), ecg(0, [7, 8], 'V5')]);
    test.append('s-1', [], [ecg(36_000, [9, 90, 91, 92, 93, 94, 15])]);
    const opened = await open(test, { channel: 'ecg' });
    const samples = opened.runs.flatMap((run) => run.samples.map((s, i) => [run.at + 4000 * i, s]));
    expect(samples).toEqual(
      [0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 15].map((n) => [4000 * n, n]),
    );
    const windowed = await open(test, { channel: 'ecg' }, { windowMicros: 8_000 });
    expect(windowed.runs.flatMap(({ samples: each }) => each)).toEqual(
      opened.runs.flatMap(({ samples: each }) => each),
    );
    expect((await open(test, { channel: 'ecg', lead: 'V5' })).runs).toEqual([
      { at: 0, samples: [7, 8] },
    ]);
    const absent = await failure(open(test, { channel: 'ecg', lead: 'aVR' }));
    expect(absent.message).toBe('Stay s-1 has no ecg:aVR; it has ecg:MLII and ecg:V5.');
  });

  it('opens the first lead and says which others there are', async () => {
    const test = new TestServers(3, 1);
    test.append('s-1', [], [ecg(0, [1]), ecg(0, [2], 'V5')]);
    const history = await openHistory(
      test.physician,
      { stay: 's-1', channel: 'ecg' },
      { world: test.world },
    );
    expect([history.lead, history.otherLeads]).toEqual(['MLII', ['V5']]);
  });

  it('thirty minutes at 360 Hz open in seconds', { timeout: 60_000 }, async () => {
    const test = new TestServers(3, 1);
    test.partsPerPage = 120;
    for (let i = 0; i < 360; i++) {
      const samples = Int16Array.from({ length: 1800 }, (_, j) => ((i * 1800 + j) % 4001) - 2000);
      const startMicros = MICROS + i * 5_000_000;
      test.append('s-1', [], [{ ...ecg(0, []), startMicros, rateMilliHz: 360_000, samples }]);
    }
    const begun = performance.now();
    const { runs } = await open(test, { channel: 'ecg' }, { windowMicros: 600e6 });
    const tookMs = performance.now() - begun;
    expect(runs.reduce((sum, run) => sum + run.samples.length, 0)).toBe(648_000);
    expect(runs.flatMap(({ samples }) => samples)[123_456]).toBe((123_456 % 4001) - 2000);
    expect(tookMs).toBeLessThan(20_000);
  });
});

describe('servers that lie about keystream are found by the commitment [S7] [PROTO-18]', () => {
  const flipped = (bytes: Uint8Array): Uint8Array => {
    const out = bytes.slice();
    out[0]! ^= 1;
    return out;
  };
  const changed =
    (change: (part: HistoryPart) => HistoryPart) =>
    (answer: HistoryAnswer): HistoryAnswer => ({ ...answer, parts: answer.parts.map(change) });
  /** Alters the streams of the sets `which` picks out of a server's own. */
  const streams = (which: (mask: number) => boolean, field: 'keystream' | 'commit') =>
    changed((part) => ({
      ...part,
      sets: part.sets.map((set) =>
        which(set.mask) ? { ...set, [field]: flipped(set[field]) } : set,
      ),
    }));
  const every = (): boolean => true;

  const ward = (servers: number, threshold: number): TestServers => {
    const test = new TestServers(servers, threshold);
    test.append('s-1', [heart(0, 700, 701)], [ecg(0, [1, 2, 3])]);
    test.append('s-1', [heart(2, 702)], [ecg(12_000, [4, 5])]);
    return test;
  };
  const expectTrue = (opened: Opened): void => {
    if (opened.seconds.length > 0) expect(opened.values).toEqual([700, 701, 702]);
    else expect(opened.runs.flatMap(({ samples }) => samples)).toEqual([1, 2, 3, 4, 5]);
  };

  const lies: [string, (answer: HistoryAnswer) => HistoryAnswer][] = [
    ['one keystream', streams((mask) => mask !== 0b110, 'keystream')],
    ['every keystream', streams(every, 'keystream')],
    ['every commit stream', streams(every, 'commit')],
    ['the masked values', changed((part) => ({ ...part, masked: flipped(part.masked) }))],
    ['the commitment', changed((part) => ({ ...part, commitment: flipped(part.commitment) }))],
    ['fewer sets', changed((part) => ({ ...part, sets: part.sets.slice(1) }))],
  ];
  for (const channel of ['heart-rate', 'ecg']) {
    it.each(lies)(`${channel} at (3, 1): %s`, async (_, lie) => {
      for (const liar of [1, 2, 3]) {
        const test = ward(3, 1);
        test.lies.set(liar, { history: lie });
        const opened = await open(test, { channel });
        expectTrue(opened);
        expect(opened.named).toEqual([liar]);
      }
    });

    it(`${channel} from two servers: a lie about the set both hold is found and named`, async () => {
      const test = ward(3, 1);
      test.down.add(3);
      // Servers 1 and 2 share the set {1, 2}, mask 0b011.
      test.lies.set(1, { history: streams((mask) => mask === 0b011, 'keystream') });
      const opened = await open(test, { channel });
      expectTrue(opened);
      expect(opened.named).toEqual([1]);
    });

    it(`${channel} from two servers: a lie about a set only one holds stops everything`, async () => {
      const test = ward(3, 1);
      test.down.add(3);
      test.lies.set(1, { history: streams((mask) => mask === 0b101, 'keystream') });
      const error = await failure(open(test, { channel }));
      expect(error.code).toBe('unverified');
      expect(error.message).toMatch(/log position \d+ .* server 1 and server 2/);
    });

    it(`${channel} at (5, 2): two liars are both named`, async () => {
      const test = ward(5, 2);
      test.lies.set(2, { history: streams(every, 'keystream') });
      test.lies.set(5, { history: streams(every, 'commit') });
      const opened = await open(test, { channel });
      expectTrue(opened);
      expect(opened.named).toEqual([2, 5]);
    });
  }

  it('a part left out, slipped in or moved sets its server aside', async () => {
    const shapes: ((answer: HistoryAnswer) => HistoryAnswer)[] = [
      (answer) => ({ ...answer, parts: answer.parts.slice(1) }),
      (answer) => ({ ...answer, parts: answer.parts.slice(0, -1) }),
      (answer) => ({ ...answer, parts: [...answer.parts, ...answer.parts] }),
      changed((part) => ({ ...part, position: part.position + 1 })),
      changed((part) => ({ ...part, header: flipped(part.header) })),
    ];
    for (const lie of shapes) {
      const test = ward(3, 1);
      test.lies.set(2, { history: lie });
      const opened = await open(test, { channel: 'heart-rate' });
      expectTrue(opened);
      expect([opened.servers, opened.named]).toEqual([[1, 3], [2]]);
      test.down.add(3);
      const code = (await failure(open(test, { channel: 'heart-rate' }))).code;
      expect(['disagree', 'unverified']).toContain(code);
    }
  });

  it('pages that never end are a fault of their server', async () => {
    const test = ward(3, 1);
    test.lies.set(3, { history: (answer) => ({ next: 'x', parts: answer.parts.slice(0, 0) }) });
    const opened = await open(test, { channel: 'heart-rate' });
    expectTrue(opened);
    expect(opened.notes.join()).toMatch(/server 3: it sent more than 256 pages/);
  });
});
