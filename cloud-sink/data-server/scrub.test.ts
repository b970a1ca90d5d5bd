/** The scrub finds every flipped bit, and `inspect` tells nothing that is secret. */
import { describe, expect, it } from 'vitest';
import { Applier } from './apply.ts';
import { scrubOnce } from './background-scrub.ts';
import { answerMoments } from './answer-moments.ts';
import { formatPut } from './faults.ts';
import { inspect } from './inspect.ts';
import { heldText } from './inspect-command.ts';
import { lostKeys } from './page-check.ts';
import { makeWard, T, type Ward } from './rotten.fixture.ts';
import { scrubValues } from './scrub.ts';
import { type Table, TABLES } from './store.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import { decodeMaskedFrame } from '../messages/masked-frame.ts';

const breathe = () => Promise.resolve();
const wrong = (ward: Ward) =>
  [...scrubValues(ward.store)].filter((step) => step.damage ?? step.stale);

async function summarised(ward: Ward): Promise<Ward> {
  const { applier, log } = ward;
  const query = { version: 1, asOf: { [log.name]: log.position }, where: {}, degree: 2 } as const;
  const vitals = ['heart-rate', 'spo2'];
  await answerMoments(
    applier,
    { ...query, vitals },
    Buffer.alloc(16).toString('base64url'),
    breathe,
  );
  await answerMoments(
    applier,
    { ...query, vitals: ['spo2'] },
    Buffer.alloc(16).toString('base64url'),
    breathe,
  );
  await applier.flush();
  return ward;
}

describe('a scrub [PROTO-45]', () => {
  it('walks every value, and finds each flipped bit of every table', async () => {
    const ward = await summarised(await makeWard());
    await ward.store.commit([formatPut]);
    const steps = [...scrubValues(ward.store)];
    expect(steps.some((step) => step.damage ?? step.stale)).toBe(false);
    expect(steps).toHaveLength(
      TABLES.reduce((sum, table) => sum + ward.store.all(table).length, 0),
    );
    const missed: Table[] = [];
    for (const table of TABLES) {
      for (const [i, key] of ward.store.all(table).entries()) {
        ward.store.flip(table, key, 1_000 * i + 13);
        const found = wrong(ward);
        const isFound = found.some(({ damage }) => damage && Buffer.compare(damage.key, key) === 0);
        if (!isFound || found.length !== 1) missed.push(table);
        ward.store.flip(table, key, 1_000 * i + 13);
      }
    }
    expect(missed).toEqual([]);
  });

  it('finds a summary that its shares do not give, though its checksum holds, and drops it', async () => {
    const ward = await summarised(await makeWard());
    const [key] = ward.store.all('summaries');
    const value = ward.store.get('summaries', key!)!;
    // The row count of some record that is kept.
    const words = new Uint32Array(value.buffer);
    words[words.findIndex((word, i) => i > 1 && word !== 0)]! += 1;
    await ward.store.commit([{ table: 'summaries', key: key!, value }]);
    expect(wrong(ward).map(({ stale }) => stale)).toEqual([key]);
    const said: string[] = [];
    const options = { ...ward, report: (sentence: string) => said.push(sentence) };
    await scrubOnce({ ...options, signal: new AbortController().signal }, breathe);
    expect(said).toHaveLength(1);
    await ward.applier.flush();
    expect(wrong(ward)).toEqual([]);
  });

  it('in a running server quarantines what it finds, and writes the books again from memory', async () => {
    const ward = await makeWard();
    const { applier, store } = ward;
    const [chunk] = store.all('shares');
    for (const table of ['shares', 'logs', 'stays'] as const)
      store.flip(table, store.all(table)[0]!, 99);
    const options = { ...ward, report: () => undefined, signal: new AbortController().signal };
    await scrubOnce(options, breathe);
    expect(applier.damages.list).toEqual([{ table: 'shares', key: chunk }]);
    await applier.flush();
    expect(wrong(ward).map(({ damage }) => damage?.table)).toEqual(['shares']);
  });

  it('misses no key that is gone', async () => {
    const { store } = await makeWard(3, 2);
    expect(lostKeys(store)).toBeUndefined();
    for (const table of [
      'shares',
      'arrivals',
      'products',
      'frames',
      'bins',
      'tags',
      'batches',
      'runs',
      'stays',
    ] as const) {
      for (const lost of store.all(table)) {
        const thin = new (class extends MemoryStore {
          override *keys(...range: Parameters<MemoryStore['keys']>): Iterable<Uint8Array> {
            for (const key of store.keys(...range)) {
              if (range[0] !== table || Buffer.compare(key, lost) !== 0) yield key;
            }
          }
          override get(...of: Parameters<MemoryStore['get']>) {
            return store.get(...of);
          }
        })();
        const stays =
          table === 'stays' ? /has lost keys of/ : new RegExp(`has lost keys of ${table}`);
        expect(lostKeys(thin)).toMatch(stays);
      }
    }
  });
});

/** Every word of a share or a masked value, and every reading, in each form that text could have it. */
function secretsOf({ store }: Ward): string[] {
  const words: Uint8Array[] = [];
  for (const table of ['shares', 'products', 'bins'] as const) {
    for (const key of store.all(table))
      words.push(...wordsOf(store.get(table, key)!, table === 'bins' ? 2 : 500));
  }
  for (const key of store.all('frames')) {
    const { columns } = decodeMaskedFrame(store.get('frames', key)!.subarray(4));
    for (const { masked } of columns)
      words.push(...wordsOf(new Uint8Array(masked.slice().buffer), 0));
  }
  const secrets = new Set<string>();
  for (const word of words) {
    const buffer = Buffer.from(word);
    const number = buffer.readUInt32LE(0);
    if (number < 100_000) continue; // An empty slot, or a number any count may be.
    secrets
      .add(String(number))
      .add(buffer.toString('hex'))
      .add(Buffer.from(word).reverse().toString('hex'));
    secrets.add(buffer.toString('base64').slice(0, 5));
    secrets.add(
      Buffer.concat([Buffer.alloc(1), buffer])
        .toString('base64')
        .slice(2, 6),
    );
    secrets.add(
      Buffer.concat([Buffer.alloc(2), buffer])
        .toString('base64')
        .slice(3, 8),
    );
  }
  return [...secrets];
}

function wordsOf(bytes: Uint8Array, from: number): Uint8Array[] {
  const words: Uint8Array[] = [];
  for (let at = from; at + 4 <= bytes.length; at += 4) words.push(bytes.slice(at, at + 4));
  return words;
}

describe('what `inspect` tells', () => {
  it('has counts, spans, heads, damages and a forecast', async () => {
    const { applier, store, log } = await makeWard();
    const held = inspect(store, { storeBytes: 3_000_000, freeBytes: 90_000_000 });
    expect(held).toMatchObject({
      logs: [
        {
          log: log.name,
          position: log.position,
          run: 2,
          epoch: 1,
          counters: { frames: 6, bins: 1 },
        },
      ],
      stays: [
        { stay: 'bed-1', admitted: true, rows: 110 + 130, from: T, to: T + 8_130 },
        { stay: 'bed-2', admitted: true, rows: 60, from: T, to: T + 30 },
      ],
      vitals: {
        'heart-rate': { stays: 2, rows: 140, from: T, to: T + 8_130 },
        spo2: { stays: 2, from: T, to: T + 8_130 },
      },
      damages: [],
    });
    expect(held.disk).toEqual({
      storeBytes: 3_000_000,
      freeBytes: 90_000_000,
      growthBytesADay: Math.round((3_000_000 * 86_400) / 8_130),
      daysUntilFull: 2,
    });
    expect(heldText(held)).toMatch(
      /^2 stays, 1 log, 3\.0 MB on disk, 90\.0 MB free\ngrowth: 31\.9 MB a day/,
    );
    expect(heldText(held)).toMatch(/no damage known$/);
    expect(applier.books.names).toEqual(['bed-1', 'bed-2']);
  });

  it('is no value and no share, in any form [Must show 5]', async () => {
    const ward = await makeWard(3, 2);
    const held = inspect(ward.store, { storeBytes: 3_000_000, freeBytes: 90_000_000 });
    const secrets = secretsOf(ward);
    expect(secrets.length).toBeGreaterThan(5_000);
    const isTold = (text: string) => {
      // Hashes and names of logs are random too, and five characters of base64 could stand in one.
      const own = text.replace(/[0-9a-f]{64}|[0-9a-f]{32}/g, '#');
      return secrets.filter((secret) => own.includes(secret));
    };
    expect(isTold(JSON.stringify(held))).toEqual([]);
    expect(isTold(heldText(held))).toEqual([]);
    // Readings were 600 to 659 and 900 to 969: in the books as in the text no number is one of them.
    const numbers = heldText(held).match(/\d+/g)!.map(Number);
    expect(numbers.filter((n) => (n >= 600 && n < 660) || (n >= 900 && n < 970))).toEqual([]);
    // And the detector detects: a share in each form.
    const share = ward.store.get('shares', ward.store.all('shares')[0]!)!.slice(500, 504);
    for (const form of ['hex', 'base64'] as const) {
      expect(isTold(`a ${Buffer.from(share).toString(form)} b`)).not.toEqual([]);
    }
    expect(isTold(`a ${Buffer.from(share).readUInt32LE(0)} b`)).not.toEqual([]);
    expect(new Applier(ward.world.dataServers[0]!, ward.store).books.names).toHaveLength(2);
  });
});
