/**
 * A correlation end to end: signed, computed by three server processes, sealed, opened; against
 * PostgreSQL.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findVital } from '@vitalshare/edge/vital';
import { askStatistic } from '../reader/reader.ts';
import { openPostgres, postgresPrograms } from './peers/postgres.ts';
import { ratioRow, type Row } from './table.ts';
import { startThreeServers } from './three-servers.ts';
import { medianMs, mediansMs } from './timing.ts';

const vital = (name: string) => findVital(name)!;

export async function endToEndRows(rows: number, folder: string): Promise<Row[]> {
  const say = (sentence: string): void => void process.stderr.write(`bench: ${sentence}\n`);
  const servers = await startThreeServers(join(folder, 'world'), rows, say);
  try {
    const ask = (statistic: 'correlation' | 'regression', ...names: string[]) =>
      askStatistic(
        servers.party,
        { statistic, vitals: names.map(vital), where: {} },
        { world: servers.world },
      );
    const correlation = () => ask('correlation', 'heart-rate', 'spo2');
    // Before there are summaries, and with vital signs that no summary joins: every chunk is scanned.
    const firstMs = await onceMs(correlation);
    let mostKb = 0;
    const scan = async () => {
      await ask('regression', 'heart-rate', 'spo2', 'respiratory-rate');
      mostKb = Math.max(mostKb, ...servers.anonymousKb());
    };
    const watching = setInterval(() => {
      mostKb = Math.max(mostKb, ...servers.anonymousKb());
    }, 50);
    const scanMs = await medianMs(scan, 3);
    clearInterval(watching);
    const table = await against(rows, folder, correlation, { firstMs, scanMs });
    table.push({
      what: 'anonymous memory of a data server while it scans, at most, MB',
      measured: `${(mostKb / 1000).toFixed(0)} MB`,
      figure: mostKb / 1000,
      target: { most: 300 },
    });
    return table;
  } finally {
    await servers.close();
  }
}

async function against(
  rows: number,
  folder: string,
  correlation: () => Promise<unknown>,
  { firstMs, scanMs }: { readonly firstMs: number; readonly scanMs: number },
): Promise<Row[]> {
  const what = `correlation of ${rows} rows end to end, three server processes`;
  const scanned: Row = {
    what: 'the same: the first time; a regression on two that every server scans, ms',
    measured: `${firstMs.toFixed(0)} ms; ${scanMs.toFixed(0)} ms`,
  };
  const programs = postgresPrograms();
  if (programs === undefined) {
    const ms = await medianMs(correlation);
    return [{ what, measured: `${ms.toFixed(1)} ms`, peer: 'PostgreSQL is not here' }, scanned];
  }
  // PostgreSQL's own user must reach its folder.
  chmodSync(folder, 0o755);
  const home = join(folder, 'peer');
  mkdirSync(home);
  const postgres = await openPostgres(programs, home, rows);
  try {
    const works = [correlation, () => postgres.correlation()];
    const [own, theirs] = (await mediansMs(works)) as [number, number];
    const name = `PostgreSQL ${postgres.version} corr`;
    return [ratioRow(what, own, name, theirs, { most: 0.15 }), scanned];
  } finally {
    await postgres.close();
  }
}

async function onceMs(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
