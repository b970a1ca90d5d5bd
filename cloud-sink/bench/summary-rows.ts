/** A correlation over stored rows that rest, answered from summaries, one server. */
import { StoredShares } from './stored.ts';
import type { Row } from './table.ts';
import { medianMs } from './timing.ts';

export async function summaryRows(rows: number): Promise<Row[]> {
  const table: Row[] = [];
  const sizes = [rows / 10, rows, 10 * rows].map(Math.ceil);
  const times: number[] = [];
  for (const size of sizes) {
    const stored = await StoredShares.fill(size);
    const ms = await medianMs(() => stored.ask(), 15);
    times.push(ms);
    await stored.close();
    table.push({
      what: `correlation over ${size} stored rows with summaries, one server, ms`,
      measured: `${ms.toFixed(2)} ms`,
      figure: ms,
      target: { most: 100 },
    });
  }
  const growth = times[2]! / times[0]!;
  table.push({
    what: 'growth of that time over a hundredfold of rows',
    measured: `${growth.toFixed(0)} ×`,
    figure: growth,
    target: { most: 100 },
  });
  return table;
}
