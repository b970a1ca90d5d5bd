import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplayWindow } from './replay-window.ts';
import { Ranges } from './ranges.ts';
import { Tags } from './tag.ts';

describe('ranges', () => {
  it('are the set they were given, as few ranges as possible', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 80 }), (values) => {
        const ranges = new Ranges();
        const twin = new Set<number>();
        for (const value of values) {
          expect(ranges.add(value)).toBe(!twin.has(value));
          twin.add(value);
        }
        for (let value = 0; value <= 62; value++) expect(ranges.has(value)).toBe(twin.has(value));
        for (let i = 0; i < ranges.count; i++) {
          const { first, last } = ranges.at(i);
          expect(last).toBeGreaterThanOrEqual(first);
          if (i > 0) expect(first).toBeGreaterThan(ranges.at(i - 1).last + 1);
        }
      }),
    );
  });
});

describe('a tag [PROTO-8]', () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);

  it('is one AES-256 block of id, boot and sequence', () => {
    // FIPS 197 appendix C.3: key 00…1f, plaintext 00112233…ff, ciphertext 8ea2b7ca…6089.
    const name = {
      id: 0x7766554433221100n,
      boot: 0xbbaa9988,
      sequence: 0xffeeddcc,
      refused: false,
    };
    const tag = Buffer.from(new Tags(key).make(name)).toString('hex');
    expect(tag).toBe('8ea2b7ca516745bfeafc49904b496089');
  });

  it('reads back what was made, refused or not, one behind the other', () => {
    const tags = new Tags(key);
    const names = [0, 1, 2].map((i) => ({
      id: 2n ** 63n - 1n - BigInt(i),
      boot: i + 1,
      sequence: 2 ** 32 - 1 - i,
      refused: i === 1,
    }));
    const all = Buffer.concat(names.map((name) => tags.make(name)));
    expect([...tags.read(all)]).toEqual(names);
    const block = Buffer.alloc(16, 0xff);
    block[7] = 0xff; // Bit 63 of the id.
    const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    expect([...tags.read(cipher.update(block))][0]).toMatchObject({ refused: true });
  });
});

describe('the replay window', () => {
  const id = 5n;
  const windowOf = (sequences: Iterable<number>, refused = new Set<number>()): ReplayWindow => {
    const window = new ReplayWindow();
    for (const sequence of sequences) {
      window.add({ id, boot: 1, sequence, refused: refused.has(sequence) });
    }
    return window;
  };

  it('knows a frame by node, boot and sequence', () => {
    const window = windowOf([7]);
    expect(window.has({ id, boot: 1, sequence: 7 })).toBe(true);
    expect(window.has({ id, boot: 2, sequence: 7 })).toBe(false);
    expect(window.has({ id: 6n, boot: 1, sequence: 7 })).toBe(false);
    expect(window.has({ id, boot: 1, sequence: 8 })).toBe(false);
  });

  it('settles nothing of a boot it has not seen', () => {
    expect(windowOf([]).settled(id, 1, 1)).toEqual({ sequence: 0, missing: [], refused: [] });
  });

  it('names what is missing below the highest, and what was refused [WIRE-12]', () => {
    const window = windowOf([2, 3, 6, 9], new Set([6]));
    expect(window.settled(id, 1, 9)).toEqual({
      sequence: 9,
      missing: [
        { first: 1, last: 1 },
        { first: 4, last: 5 },
        { first: 7, last: 8 },
      ],
      refused: [{ first: 6, last: 6 }],
    });
  });

  it('never calls settled what is not, and always the frame it answers [WIRE-12]', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 250 }),
        fc.nat(),
        fc.integer({ min: 1, max: 5 }),
        (sequences, pick, refusedEvery) => {
          const held = new Set(sequences);
          const refused = new Set(sequences.filter((_, i) => i % refusedEvery === 0));
          const around = sequences[pick % sequences.length]!;
          const said = windowOf(sequences, refused).settled(id, 1, around);
          const inside = (list: readonly { first: number; last: number }[], value: number) =>
            list.some(({ first, last }) => first <= value && value <= last);
          expect(said.missing.length).toBeLessThanOrEqual(32);
          expect(said.refused.length).toBeLessThanOrEqual(32);
          expect(around).toBeLessThanOrEqual(said.sequence);
          expect(inside(said.missing, around)).toBe(false);
          expect(inside(said.refused, around)).toBe(refused.has(around));
          for (let sequence = 1; sequence <= said.sequence; sequence++) {
            if (!inside(said.missing, sequence)) expect(held.has(sequence)).toBe(true);
            if (inside(said.refused, sequence)) expect(refused.has(sequence)).toBe(true);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('still settles the newest frame of a boot with a thousand gaps', () => {
    const odd = Array.from({ length: 1000 }, (_, i) => 2 * i + 1);
    const said = windowOf(odd).settled(id, 1, 1999);
    expect(said.sequence).toBe(1999);
    expect(said.missing).toHaveLength(32);
    expect(said.missing[0]!.first).toBe(2);
  });
});
