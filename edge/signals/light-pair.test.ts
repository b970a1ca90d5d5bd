import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LightPair } from './light-pair.ts';
import { SegmentStream } from './stream.ts';

const RATE_HZ = 25;
/** Sample i of a channel is i, so that partners can be told. */
const counted = (from: number, to: number): Float64Array =>
  Float64Array.from({ length: to - from }, (_, i) => from + i);

interface Told {
  readonly begins: number[];
  readonly pairs: [red: number, infrared: number][];
}

function makePair(): { red: SegmentStream; infrared: SegmentStream; told: Told } {
  const told: Told = { begins: [], pairs: [] };
  const pair = new LightPair({
    begin: (startUs) => told.begins.push(startUs),
    sample: ({ red, infrared }) => told.pairs.push([red, infrared]),
  });
  return { red: new SegmentStream(pair.red), infrared: new SegmentStream(pair.infrared), told };
}

const push = (stream: SegmentStream, from: number, to: number, rateHz = RATE_HZ, shiftUs = 0) =>
  stream.push({
    ...{ startUs: (1e6 * from) / rateHz + shiftUs, rateMilliHz: 1000 * rateHz },
    ...{ gain: 1, baseline: 0, samples: counted(from, to) },
  });

describe('a pair of light', () => {
  it('is of one moment, however either channel is cut and whichever comes first', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(cuts, cuts, fc.infiniteStream(fc.boolean()), (reds, infrareds, turns) => {
        const { red, infrared, told } = makePair();
        const at = [0, 0];
        const left = [[...reds], [...infrareds]];
        while (left[0]!.length + left[1]!.length > 0) {
          const wanted = turns.next().value === true ? 1 : 0;
          // No more than 4 s before the other.
          const lead = at[wanted]! - at[1 - wanted]!;
          const which = left[wanted]!.length === 0 || lead > 40 ? 1 - wanted : wanted;
          const length = left[which]!.shift();
          if (length === undefined) break;
          push(which === 0 ? red : infrared, at[which]!, at[which]! + length);
          at[which]! += length;
        }
        const count = Math.min(...at);
        expect(told.begins).toEqual(count > 0 ? [0] : expect.anything());
        expect(told.pairs.slice(0, count)).toEqual([...counted(0, count)].map((i) => [i, i]));
      }),
    );
  });

  it('begins where the later colour does, half a sample apart or whole seconds', () => {
    const { red, infrared, told } = makePair();
    push(red, 0, 60);
    push(infrared, 30, 60, RATE_HZ, 15_000);
    expect(told.begins).toEqual([1_215_000]);
    expect(told.pairs).toEqual([...counted(30, 60)].map((i) => [i, i]));
  });

  it('of a colour that stays away has one missing after 5 s, and is whole when it is back', () => {
    const { red, infrared, told } = makePair();
    push(red, 0, 25);
    push(infrared, 0, 300);
    expect(told.pairs).toHaveLength(25 + 300 - 25 - 125);
    expect(told.pairs.slice(25).every(([r, i]) => Number.isNaN(r) && Number.isFinite(i))).toBe(
      true,
    );
    push(red, 25, 300);
    expect(told.pairs.slice(-125)).toEqual([...counted(175, 300)].map((i) => [i, i]));
  });

  it('keeps no more than 5 s of a colour that is alone', () => {
    const { red, infrared, told } = makePair();
    push(infrared, 0, 10_000);
    push(red, 9_000, 10_000);
    expect(told.pairs).toHaveLength(125);
    expect(told.pairs[0]).toEqual([9_875, 9_875]);
  });

  it('is none at two rates, and begins anew after a gap in either', () => {
    const apart = makePair();
    push(apart.red, 0, 100);
    push(apart.infrared, 0, 100, 50);
    expect(apart.told).toEqual({ begins: [], pairs: [] });
    const { red, infrared, told } = makePair();
    for (const channel of [red, infrared]) push(channel, 0, 50);
    for (const channel of [red, infrared]) push(channel, 250, 300);
    expect(told.begins.at(-1)).toBe(10_000_000);
    expect(told.pairs.slice(50)).toEqual([...counted(250, 300)].map((i) => [i, i]));
  });
});
