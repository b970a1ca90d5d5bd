/**
 * A correlation under Paillier end to end: three server processes of (3, 2), every pair of them multiplying; the
 * same question to the same servers in shares beside it.
 */
import { join } from 'node:path';
import { findVital } from '@vitalshare/edge/vital';
import { PAILLIER } from '../reader/engines/paillier.ts';
import { SHARES } from '../reader/engines/shares.ts';
import { askStatistic } from '../reader/reader.ts';
import type { Row } from './table.ts';
import { startThreeServers } from './three-servers.ts';

const PAIRS_MAX = 10_000;
const VITALS = ['heart-rate', 'spo2'].map((name) => findVital(name)!);

export async function jointRows(rows: number, folder: string): Promise<Row[]> {
  const pairs = Math.ceil(Math.min(PAIRS_MAX, rows / 1_000));
  const say = (sentence: string): void => void process.stderr.write(`bench: ${sentence}\n`);
  const servers = await startThreeServers(join(folder, 'joint'), pairs, say, 2);
  try {
    const ask = async (engine: typeof PAILLIER) => {
      const start = performance.now();
      const { result } = await askStatistic(
        servers.party,
        { statistic: 'correlation', vitals: VITALS, where: {} },
        { world: servers.world, engine },
      );
      return { result, seconds: (performance.now() - start) / 1000 };
    };
    const before = servers.cpuSeconds();
    const joint = await ask(PAILLIER);
    const cpu = servers.cpuSeconds().map((each, i) => each - before[i]!);
    await ask(SHARES);
    const shares = await ask(SHARES);
    if (joint.result.value !== shares.result.value) throw new Error('the engines do not agree');
    const spent = cpu.map((each) => each.toFixed(1)).join(' + ');
    return [
      {
        what: `correlation of ${joint.result.count} pairs under Paillier, three server processes of (3, 2), s`,
        measured: `${joint.seconds.toFixed(1)} s (CPU ${spent} s)`,
        peer: `in shares: ${(1000 * shares.seconds).toFixed(0)} ms`,
        figure: joint.seconds,
        target: { most: 60 },
      },
    ];
  } finally {
    await servers.close();
  }
}
