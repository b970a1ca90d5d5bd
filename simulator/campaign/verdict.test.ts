/** The checker of a campaign, seen failing: one toy world for each way to lose or to repeat. */
import { describe, expect, it } from 'vitest';
import { FRAME_SECONDS, tenths } from './reading.ts';
import { addVerdicts, isClean, judgeNode, missingOf, type NodeFound, twiceOf } from './verdict.ts';

const frames = [0, 1, 2, 3, 4];
const NODE = 2;

/** All readings of some frames, as `open` gives them. */
const openedOf = (indices: readonly number[]): [number, number][] =>
  indices.flatMap((index) =>
    Array.from({ length: FRAME_SECONDS }, (_, row): [number, number] => {
      const second = index * FRAME_SECONDS + row;
      return [second, tenths(NODE, second)];
    }),
  );

const statisticOf = (indices: readonly number[]) => ({
  count: FRAME_SECONDS * indices.length,
  sumTenths: openedOf(indices).reduce((sum, [, value]) => sum + value, 0),
});

const whole: NodeFound = {
  node: NODE,
  acknowledged: frames,
  inLog: frames,
  statistic: statisticOf(frames),
  opened: openedOf(frames),
};

describe('the verdict over a node', () => {
  it('is clean where everything acknowledged is there once', () => {
    const verdict = judgeNode(whole);
    expect(verdict.acknowledged).toBe(300);
    expect(isClean(verdict)).toBe(true);
  });

  it('counts an acknowledgement that came again once', () => {
    const verdict = judgeNode({ ...whole, acknowledged: [...frames, 3, 4] });
    expect([verdict.acknowledged, isClean(verdict)]).toEqual([300, true]);
  });

  it('misses what was acknowledged before it was durable', () => {
    const kept = [0, 1, 3];
    const verdict = judgeNode({
      ...whole,
      inLog: kept,
      statistic: statisticOf(kept),
      opened: openedOf(kept),
    });
    expect([verdict.missingInLog, verdict.missingInStatistics, verdict.missingInOpen]).toEqual([
      120, 120, 120,
    ]);
    expect(missingOf(verdict)).toBe(120);
    expect(isClean(verdict)).toBe(false);
  });

  it('sees a frame that a gateway without its replay window took twice', () => {
    // The cells keep the first, so only the log shows it.
    const verdict = judgeNode({ ...whole, inLog: [...frames, 2] });
    expect([twiceOf(verdict), missingOf(verdict)]).toEqual([60, 0]);
    expect(isClean(verdict)).toBe(false);
  });

  it('sees a reading that counts twice, or not, in statistics alone', () => {
    const twice = judgeNode({ ...whole, statistic: statisticOf([...frames, 4]) });
    expect([twice.twiceInStatistics, isClean(twice)]).toEqual([60, false]);
    const lost = judgeNode({ ...whole, statistic: statisticOf([0, 1, 2, 3]) });
    expect([lost.missingInStatistics, isClean(lost)]).toEqual([60, false]);
  });

  it('sees a value that is not its own, in a sum and in an opened history', () => {
    const { count, sumTenths } = whole.statistic;
    const off = judgeNode({ ...whole, statistic: { count, sumTenths: sumTenths + 1 } });
    expect([off.sumOff, isClean(off)]).toEqual([1, false]);
    const moved = openedOf(frames).map(([second, value]): [number, number] => [second, value + 10]);
    const wrong = judgeNode({ ...whole, opened: moved });
    expect([wrong.wrongInOpen, isClean(wrong)]).toEqual([300, false]);
    const again = judgeNode({ ...whole, opened: [...openedOf(frames), ...openedOf([1])] });
    expect([again.twiceInOpen, isClean(again)]).toEqual([60, false]);
  });

  it('sees what stands in the log and was never acknowledged, when all have drained', () => {
    const verdict = judgeNode({ ...whole, acknowledged: [0, 1, 2, 3] });
    expect([verdict.unasked, isClean(verdict)]).toEqual([60, false]);
  });

  it('adds up over nodes', () => {
    const lost = judgeNode({ ...whole, inLog: [0, 1, 2, 3] });
    expect(addVerdicts(judgeNode(whole), lost)).toMatchObject({
      ...{ acknowledged: 600, missingInLog: 60, missingInOpen: 0 },
    });
  });

  it('has other values for other nodes, frames and seconds', () => {
    expect([tenths(0, 0), tenths(0, 1), tenths(1, 0), tenths(0, 200)]).toEqual([
      400, 411, 770, 404,
    ]);
  });
});
