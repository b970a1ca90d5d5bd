/** The µs a segment, a column and a whole masked frame cover: from ≤ time < to. */
import type { ColumnHeader, MaskedFrame, SegmentHeader } from '../messages/masked-frame.ts';
import type { Span } from './state.ts';

const SECOND_MICROS = 1_000_000;

export const columnSpan = ({ start, rows }: ColumnHeader): Span => ({
  from: start * SECOND_MICROS,
  to: (start + rows) * SECOND_MICROS,
});

/** `rateMilliHz` samples take 1,000 s. */
export function segmentSpan({ startMicros, rateMilliHz, count }: SegmentHeader): Span {
  const lengthMicros = Math.ceil((count * 1_000 * SECOND_MICROS) / rateMilliHz);
  return { from: startMicros, to: Math.min(startMicros + lengthMicros, Number.MAX_SAFE_INTEGER) };
}

/** Over all its parts; undefined for a frame without any. */
export function frameSpan({ columns, segments }: MaskedFrame): Span | undefined {
  const spans = [...columns.map(columnSpan), ...segments.map(segmentSpan)];
  if (spans.length === 0) return undefined;
  return {
    from: Math.min(...spans.map(({ from }) => from)),
    to: Math.max(...spans.map(({ to }) => to)),
  };
}
