import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutSum, withSum } from './checked-json.ts';

const written = (value: unknown): Buffer => Buffer.from(JSON.stringify(withSum(value), null, 2));
const read = (bytes: Buffer): unknown =>
  withoutSum(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));

describe('the checksum of a JSON file', () => {
  it('is this, computed with Python’s hashlib', () => {
    expect(withSum({ stay: 'bed-1', n: 1 })).toEqual({
      stay: 'bed-1',
      n: 1,
      sum: 'PF4YoGzjv_H6IGru',
    });
  });

  it('comes and goes', () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue()).filter((each) => !('sum' in each));
    fc.assert(
      fc.property(value, (each) => {
        const plain: unknown = JSON.parse(JSON.stringify(each));
        expect(read(written(plain))).toEqual(plain);
      }),
    );
  });

  it('is not asked of a file without one', () => {
    expect(withoutSum({ listen: 1 })).toEqual({ listen: 1 });
    expect(withoutSum({})).toEqual({});
    expect(withoutSum([1])).toEqual([1]);
  });

  it('calls what is nested too deep so, and not with a full stack', () => {
    const deep: unknown = JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"b":1}`);
    expect(() => withoutSum(deep)).toThrow(new TypeError('it is nested too deep'));
  });

  it('notices every single bit', () => {
    const entry = { node: 'bed-7', id: '77', upKey: 'AAEC', stay: 'bed-7', revoked: false };
    const good = written(entry);
    let refused = 0;
    for (let bit = 0; bit < 8 * good.length; bit++) {
      const bytes = Buffer.from(good);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => read(bytes)).toThrow();
      refused += 1;
    }
    expect(refused).toBe(8 * good.length);
  });
});
