import { readAnnotations, writeAnnotations, type Annotation } from '@vitalshare/edge/formats';
import { describe, expect, it } from 'vitest';
import { scoreBeats } from './ec57.ts';

const CODES: Readonly<Record<string, number>> = {
  N: 1,
  V: 5,
  '~': 14,
  '+': 28,
  '!': 31,
  '[': 32,
  ']': 33,
};
/** `N@100`: a normal beat at sample 100. */
const annotated = (...words: string[]): Annotation[] =>
  readAnnotations(
    writeAnnotations(
      words.map((word) => {
        const [symbol, sample] = word.split('@') as [string, string];
        return {
          sample: Number(sample),
          code: CODES[symbol]!,
          symbol,
          sub: 0,
          channel: 0,
          num: 0,
          aux: '',
        };
      }),
    ),
    'test.atr',
  );
// At 1000 Hz a sample is a millisecond.
const score = (annotations: Annotation[], detected: number[], from?: number) =>
  scoreBeats(annotations, detected, 1000, from);

describe('scoring as EC57 counts', () => {
  it('takes a detection within 150 ms for the beat, and one beyond for none', () => {
    expect(score(annotated('N@1000', 'V@2000', 'N@3000'), [1150, 1850, 3151])).toEqual({
      ...{ beats: 3, detected: 3, tp: 2, fp: 1, fn: 1 },
      ...{ sensitivity: 2 / 3, ppv: 2 / 3 },
    });
  });

  it('gives a beat to one detection only, and a detection to one beat', () => {
    expect(score(annotated('N@1000'), [990, 1010])).toMatchObject({ tp: 1, fp: 1, fn: 0 });
    expect(score(annotated('N@1000', 'N@1100'), [1050])).toMatchObject({ tp: 1, fp: 0, fn: 1 });
    expect(score(annotated('N@1000', 'N@1200'), [1110, 1290])).toMatchObject({ tp: 2, fp: 0 });
  });

  it('gives a detection to the nearer of two beats, as bxb does', () => {
    // 680 is 40 ms before the second beat and 120 ms after the first; 770 is left over.
    expect(score(annotated('N@560', 'N@720'), [680, 770])).toMatchObject({ tp: 1, fp: 1, fn: 1 });
    expect(score(annotated('N@680', 'N@770'), [560, 720])).toMatchObject({ tp: 1, fp: 1, fn: 1 });
  });

  it('counts beats only', () => {
    expect(
      score(annotated('+@500', 'N@1000', '~@1500', 'N@2000'), [1000, 1500, 2000]),
    ).toMatchObject({
      ...{ beats: 2, tp: 2, fp: 1 },
    });
  });

  it('leaves out flutter, from [ to ], on both sides', () => {
    const annotations = annotated('N@1000', '[@1500', '!@1600', 'V@1800', ']@2500', 'N@3000');
    expect(score(annotations, [1000, 1600, 1700, 1800, 2400, 3000])).toMatchObject({
      ...{ beats: 2, detected: 2, tp: 2, fp: 0, fn: 0 },
    });
    expect(score(annotated('N@1000', '[@1500'), [1000, 9000])).toMatchObject({ tp: 1, fp: 0 });
  });

  it('walks 100,000 stretches of flutter once', () => {
    const annotations = Array.from({ length: 300_000 }, (_, i): Annotation => {
      const symbol = (['[', ']', 'N'] as const)[i % 3]!;
      return { sample: 10 * i, code: CODES[symbol]!, symbol, sub: 0, channel: 0, num: 0, aux: '' };
    });
    const detected = Array.from({ length: 300_000 }, (_, i) => 10 * i);
    expect(score(annotations, detected)).toMatchObject({ beats: 100_000, detected: 100_000 });
  }, 8_000);

  it('leaves out the time for learning, when asked', () => {
    expect(score(annotated('N@1000', 'N@2000', 'N@3000'), [500, 3000], 1500)).toMatchObject({
      ...{ beats: 2, detected: 1, tp: 1, fp: 0, fn: 1 },
    });
  });

  it('is not a number where there is nothing to divide by', () => {
    expect(score([], [])).toMatchObject({ beats: 0, sensitivity: NaN, ppv: NaN });
  });
});
