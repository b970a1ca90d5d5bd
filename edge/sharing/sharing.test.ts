import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { P, fieldVector, getBigInt, toSigned, writeElements } from '../field/field.ts';
import * as textbook from '../field/textbook.ts';
import { deriveShares, grantBytes, grantCommit, grantElements } from './derive.ts';
import { commitmentOf, openAnswer, openColumn, openSegment, OpeningError } from './open.ts';
import {
  MaskKeys,
  SharingError,
  USE,
  fOfSet,
  indicesOf,
  maskRoot,
  setsOf,
  setsOfServer,
  streamBytes,
  streamElements,
} from './sharing.ts';
import { splitFrame } from './split.ts';
import { zeroKey, zeroShares } from './zero.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (seed: number, length: number) =>
  Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7 + (seed >> 3)) & 0xff);

const CONFIGS = [
  [3, 1],
  [4, 1],
  [5, 2],
  [3, 2],
  [7, 3],
  [2, 1],
].map(([servers, threshold]) => ({ servers: servers!, threshold: threshold! }));

/** The gateway's keys and each server's, for one run. */
function partiesOf(config: { servers: number; threshold: number }, run = 1) {
  const roots = new Map(
    setsOf(config).map((mask) => [mask, maskRoot(bytesOf(mask, 32), bytesOf(mask + run, 32))]),
  );
  const context = { log: bytesOf(9, 16), epoch: 1, run, generation: 1 };
  const held = (masks: number[]) => new Map(masks.map((mask) => [mask, roots.get(mask)!]));
  return {
    gateway: new MaskKeys(config, context, roots),
    servers: Array.from({ length: config.servers }, (_, index) => ({
      index: index + 1,
      keys: new MaskKeys(config, context, held(setsOfServer(config, index + 1))),
    })),
  };
}

describe('keystreams', () => {
  it('are ChaCha20: RFC 8439 section 2.4.2', () => {
    // Key 00..1f, nonce 00 00 00 00 00 00 00 4a 00 00 00 00, first block 1.
    const key = Uint8Array.from({ length: 32 }, (_, i) => i);
    expect(hex(streamBytes(key, 0x4a000000 * 2 ** 32, 64, 32))).toBe(
      '224f51f3401bd9e12fde276fb8631ded8c131f823d2c06e27e4fcaec9ef3cf78',
    );
  });

  it('agree as bytes and as elements, from any offset [SHARE-8]', () => {
    const key = bytesOf(3, 32);
    const all = streamBytes(key, 5, 0, 8 * 200);
    const view = new DataView(all.buffer, all.byteOffset);
    fc.assert(
      fc.property(fc.nat(150), fc.nat(49), (first, count) => {
        expect(streamBytes(key, 5, first, count)).toEqual(all.slice(first, first + count));
        const elements = fieldVector(count);
        streamElements(key, 5, first, elements);
        for (let i = 0; i < count; i++) {
          const word = view.getBigUint64(8 * (first + i), true);
          expect(getBigInt(elements, i)).toBe(word & 0x1fffffffffffffffn);
        }
      }),
    );
  });

  it('have uses 1 to 5 [SHARE-6]', () => {
    expect(USE).toEqual({ numeric: 1, waveform: 2, product: 3, bin: 4, commit: 5 });
  });

  it('differ between uses, stays, runs, epochs, generations and logs [SHARE-5] [SHARE-6]', () => {
    const config = { servers: 3, threshold: 1 };
    const roots = new Map([[3, bytesOf(1, 32)]]);
    const base = { log: bytesOf(9, 16), epoch: 1, run: 1, generation: 1 };
    const contexts = [
      base,
      { ...base, run: 2 },
      { ...base, epoch: 2 },
      { ...base, generation: 2 },
      { ...base, log: bytesOf(8, 16) },
    ];
    const keys = contexts.flatMap((context) => {
      const held = new MaskKeys(config, context, roots);
      return Object.values(USE).flatMap((use) =>
        ['a', 'b'].map((stay) => hex(held.keyOf(3, use, stay))),
      );
    });
    expect(new Set(keys).size).toBe(5 * 5 * 2);
  });
});

describe('sets', () => {
  it('are all choices of n - t servers, rising [SHARE-3]', () => {
    expect(setsOf({ servers: 3, threshold: 1 })).toEqual([0b011, 0b101, 0b110]);
    expect(setsOf({ servers: 3, threshold: 2 })).toEqual([1, 2, 4]);
    expect(setsOf({ servers: 5, threshold: 2 })).toHaveLength(10);
    // Walked once, not at every part of a history.
    expect(setsOf({ servers: 5, threshold: 2 })).toBe(setsOf({ servers: 5, threshold: 2 }));
    expect(setsOf({ servers: 5, threshold: 2 })).toSatisfy(Object.isFrozen);
    expect(setsOfServer({ servers: 4, threshold: 1 }, 4).map(indicesOf)).toEqual([
      [1, 2, 4],
      [1, 3, 4],
      [2, 3, 4],
    ]);
  });

  it.each([
    [1, 1, 'servers must be'],
    [17, 1, 'servers must be'],
    [3, 3, 'threshold must be'],
    [3, 0, 'threshold must be'],
    [13, 4, '715 keys'],
    [16, 8, '12870 keys'],
  ])(
    '%i servers with threshold %i are refused [SHARE-2] [SHARE-3] [S21]',
    (servers, threshold, reason) => {
      expect(() => setsOf({ servers, threshold })).toThrow(SharingError);
      expect(() => setsOf({ servers, threshold })).toThrow(reason);
    },
  );

  it('have polynomials that are 1 at 0 and 0 outside the set [SHARE-4]', () => {
    for (const config of CONFIGS) {
      for (const mask of setsOf(config)) {
        expect(fOfSet(config, mask, 0)).toBe(1n);
        for (let j = 1; j <= config.servers; j++) {
          if (!(mask & (1 << (j - 1)))) expect(fOfSet(config, mask, j)).toBe(0n);
        }
      }
    }
  });
});

describe.each(CONFIGS)('sharing with $servers servers and threshold $threshold', (config) => {
  const { gateway, servers } = partiesOf(config);
  const header = bytesOf(2, 9);

  const sharesOf = (columns: number[][], counter: number) => {
    const split = splitFrame(gateway, 'stay-1', counter, {
      columns: columns.map((values) => ({ header, values })),
      products: [],
      segments: [],
    });
    const masked = new Uint32Array(split.columns.flatMap((column) => [...column.masked]));
    return servers.map(({ index, keys }) =>
      deriveShares(keys, index, USE.numeric, 'stay-1', counter, masked),
    );
  };

  it('any t + 1 shares open every reading, and t + 1 + t verify it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: -60000, max: 60000 }), { maxLength: 9 }), {
          maxLength: 4,
        }),
        fc.nat(2 ** 40),
        fc.nat(),
        (columns, counter, pick) => {
          const values = columns.flat();
          const shares = sharesOf(columns, counter);
          const start = pick % (config.servers - config.threshold);
          values.forEach((value, i) => {
            const answers = shares.map((share, j) => ({
              server: j + 1,
              value: getBigInt(share, i),
            }));
            const few = answers.slice(start, start + config.threshold + 1);
            expect(toSigned(openAnswer(config, config.threshold, few).value)).toBe(BigInt(value));
            const all = openAnswer(config, config.threshold, answers);
            expect(toSigned(all.value)).toBe(BigInt(value));
            expect(all.checked === 'verified').toBe(config.servers >= 2 * config.threshold + 1);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('any t servers together miss exactly one set, so its keystream keeps every reading possible', () => {
    for (let some = 0; some < 1 << config.servers; some++) {
      if (indicesOf(some).length !== config.threshold) continue;
      const held = new Set(indicesOf(some).flatMap((server) => setsOfServer(config, server)));
      expect(setsOf(config).filter((mask) => !held.has(mask))).toHaveLength(1);
    }
  });

  it('products of shares open to the product once masked with zero, and zero opens to 0 [S9]', () => {
    if (2 * config.threshold > config.servers - 1) return;
    const zeroKeys = new Map(
      setsOf(config).map((mask) => [
        mask,
        zeroKey(indicesOf(mask).map((server) => bytesOf(server + mask, 32))),
      ]),
    );
    const shares = sharesOf([[123456, -777]], 77);
    const binding = bytesOf(6, 32);
    const zeros = servers.map(({ index }) => {
      const held = new Map(setsOfServer(config, index).map((m) => [m, zeroKeys.get(m)!]));
      return zeroShares(config, index, held, binding, 2);
    });
    const degree = 2 * config.threshold;
    const zero = openAnswer(
      config,
      degree,
      zeros.map(([, second], j) => ({ server: j + 1, value: second! })),
    );
    expect(zero.value).toBe(0n);
    expect(zeros[0]![0]).not.toBe(zeros[0]![1]);
    const product = openAnswer(
      config,
      degree,
      shares.map((share, j) => ({
        server: j + 1,
        value: textbook.add(
          textbook.multiply(getBigInt(share, 0), getBigInt(share, 1)),
          zeros[j]![0]!,
        ),
      })),
    );
    expect(toSigned(product.value)).toBe(123456n * -777n);
  });

  it('waveforms and columns open from keystreams and their commitments verify [S7]', () => {
    const plaintext = bytesOf(11, 2 + 2 * 25);
    const values = [720, 965, -3];
    const split = splitFrame(gateway, 'stay-1', 9, {
      columns: [{ header, values }],
      products: [[1, 2]],
      segments: [
        { header, plaintext: bytesOf(1, 12) },
        { header, plaintext },
      ],
    });
    const masks = setsOf(config);
    const holder = (mask: number) => servers[indicesOf(mask)[0]! - 1]!.keys;
    const segment = openSegment(
      split.segments[1]!.masked,
      masks.map((mask) => grantBytes(holder(mask), mask, 'stay-1', 9, 12, plaintext.length)),
    );
    expect(segment).toEqual(plaintext);
    const kappa = openSegment(
      new Uint8Array(32),
      masks.map((mask) => grantCommit(holder(mask), mask, 'stay-1', 9, 2)),
    );
    expect(commitmentOf(kappa, header, segment)).toEqual(split.segments[1]!.commitment);
    segment[5]! ^= 1;
    expect(commitmentOf(kappa, header, segment)).not.toEqual(split.segments[1]!.commitment);
    const column = openColumn(
      split.columns[0]!.masked,
      masks.map((mask) => grantElements(holder(mask), mask, 'stay-1', 9, 0, 3)),
    );
    expect(values.map((_, i) => Number(toSigned(getBigInt(column, i))))).toEqual(values);
    const bytes = new Uint8Array(24);
    writeElements(column, bytes, 0);
    const kappa0 = openSegment(
      new Uint8Array(32),
      masks.map((mask) => grantCommit(holder(mask), mask, 'stay-1', 9, 0)),
    );
    expect(commitmentOf(kappa0, header, bytes)).toEqual(split.columns[0]!.commitment);
  });
});

describe('what a restored gateway would leak [S1]', () => {
  const config = { servers: 3, threshold: 1 };
  const maskedBy = (run: number, value: number) => {
    const split = splitFrame(partiesOf(config, run).gateway, 'stay-1', 1, {
      columns: [{ header: bytesOf(0, 1), values: [value] }],
      products: [],
      segments: [],
    });
    return getBigInt(split.columns[0]!.masked, 0);
  };

  it('one run secret used twice gives away the difference of two readings', () => {
    expect(textbook.subtract(maskedBy(1, 900), maskedBy(1, 720))).toBe(180n);
  });

  it('a fresh run secret gives nothing of the kind', () => {
    expect(textbook.subtract(maskedBy(2, 900), maskedBy(1, 720))).not.toBe(180n);
  });
});

describe('opening says only what the numbers allow [S6]', () => {
  /** A random polynomial of `degree` with 42 at 0, at servers 1..n, some of them lying. */
  const answersOf = (n: number, degree: number, liars: number[], shift = 1n) => {
    const coefficients = Array.from({ length: degree }, (_, i) => BigInt(i + 3) * 987654321987n);
    return Array.from({ length: n }, (_, index) => {
      const at = BigInt(index + 1);
      let value = 0n;
      for (const c of [...coefficients].reverse())
        value = textbook.multiply(textbook.add(value, c), at);
      value = textbook.add(value, 42n);
      if (liars.includes(index + 1)) value = textbook.add(value, shift * at);
      return { server: index + 1, value };
    });
  };
  // The architecture's table: servers, threshold, a lie in a sum, a lie in a product.
  const table: [number, number, string, string][] = [
    [3, 1, 'detected', 'unchecked'],
    [4, 1, 'named', 'detected'],
    [5, 1, 'named', 'named'],
    [5, 2, 'detected', 'unchecked'],
    [7, 3, 'detected', 'unchecked'],
    [9, 2, 'named', 'named'],
  ];
  const outcome = (servers: number, threshold: number, degree: number) => {
    const liars = Array.from({ length: threshold }, (_, i) => 2 * i + 2);
    try {
      const opened = openAnswer(
        { servers, threshold },
        degree,
        answersOf(servers, degree, liars, 5n),
      );
      if (opened.named.length === 0) return opened.checked;
      expect(opened.named).toEqual(liars);
      expect(opened.value).toBe(42n);
      return 'named';
    } catch (error) {
      if (error instanceof OpeningError && error.code === 'disagree') return 'detected';
      throw error;
    }
  };

  it.each(table)('%i servers, threshold %i: a sum is %s, a product %s', (n, t, sum, product) => {
    expect(outcome(n, t, t)).toBe(sum);
    expect(outcome(n, t, 2 * t)).toBe(product);
  });

  it('counts the spare answers of honest servers', () => {
    const claim = (n: number, t: number, degree: number, answering: number) =>
      openAnswer({ servers: n, threshold: t }, degree, answersOf(n, degree, []).slice(0, answering))
        .checked;
    expect(claim(3, 1, 1, 3)).toBe('verified');
    expect(claim(3, 1, 1, 2)).toBe('unchecked');
    expect(claim(3, 1, 2, 3)).toBe('unchecked');
    expect(claim(5, 2, 2, 5)).toBe('verified');
    expect(claim(5, 2, 2, 4)).toBe('partly');
    expect(claim(5, 2, 2, 3)).toBe('unchecked');
    expect(() => claim(3, 1, 2, 2)).toThrow('needs 3 servers, got 2');
  });

  it('refuses words that are not elements and servers that stand twice', () => {
    const config = { servers: 3, threshold: 1 };
    const [first, second] = answersOf(3, 1, []);
    expect(() => openAnswer(config, 1, [first!, { server: 2, value: P }])).toThrow(RangeError);
    expect(() => openAnswer(config, 1, [first!, first!])).toThrow('stands twice');
    expect(() => openAnswer(config, 1, [second!, { server: 4, value: 1n }])).toThrow('1 to 3');
  });
});
