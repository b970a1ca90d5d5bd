/** Other libraries for computing on what one cannot read: printed, not targeted. */
import { jiffInnerProduct } from './peers/jiff.ts';
import type { Row } from './table.ts';

const JIFF_ELEMENTS_MAX = 1_000;

export async function peerRows(rows: number): Promise<Row[]> {
  const elements = Math.ceil(Math.min(JIFF_ELEMENTS_MAX, rows / 10_000));
  const jiffMs = await jiffInnerProduct(elements);
  return [
    {
      what: `JIFF, inner product of ${elements} among three parties, ms a product`,
      measured: `${jiffMs.toFixed(2)} ms`,
    },
  ];
}
