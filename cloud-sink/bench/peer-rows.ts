/** Other libraries for computing on what one cannot read: printed, not targeted. */
import { jiffInnerProduct } from './peers/jiff.ts';
import { paillierSum } from './peers/paillier.ts';
import type { Row } from './table.ts';

const JIFF_ELEMENTS_MAX = 1_000;
const PAILLIER_ELEMENTS_MAX = 100;

export async function peerRows(rows: number): Promise<Row[]> {
  const elements = Math.ceil(Math.min(JIFF_ELEMENTS_MAX, rows / 10_000));
  const jiffMs = await jiffInnerProduct(elements);
  const values = Math.ceil(Math.min(PAILLIER_ELEMENTS_MAX, rows / 10_000));
  const { encryptNs, addNs } = await paillierSum(values);
  return [
    {
      what: `JIFF, inner product of ${elements} among three parties, ms a product`,
      measured: `${jiffMs.toFixed(2)} ms`,
    },
    {
      what: `paillier-bigint, 2,048 bits, sum of ${values}: encrypt, add`,
      measured: `${(encryptNs / 1e6).toFixed(1)} ms, ${(addNs / 1e3).toFixed(1)} µs`,
    },
  ];
}
