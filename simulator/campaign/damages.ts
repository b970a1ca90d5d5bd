/** All damages of a campaign, each on a copy of its world, which is stopped and stays as it is. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { HARM_KEEP_MS } from '../limits.ts';
import type { DamageReport } from './damage-report.ts';
import { fullDisks } from './full-disk.ts';
import type { Ward } from './kills.ts';
import { badNight, olderLog } from './night.ts';
import { type Harming, tryRefusals } from './refusals.ts';
import { bitRot } from './rot.ts';

export interface DamagesOptions {
  readonly folder: string;
  readonly seed: number;
  /** Which part of the files that are refused is tried, by lot. */
  readonly share: number;
  readonly told: (report: DamageReport) => void;
}

/** Stops the world; its nodes keep what nobody acknowledged, so that journals can be damaged too. */
export async function tryDamages(
  { layout, parties, processes, tools }: Ward,
  { folder, seed, share, told }: DamagesOptions,
): Promise<DamageReport[]> {
  await processes.stopAll();
  const nodes = parties.filter(({ kind }) => kind === 'node');
  await processes.start(...nodes);
  await tools.sleep(HARM_KEEP_MS);
  await Promise.all(nodes.map((node) => processes.kill(node)));
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch, { mode: 0o700 });
  const harming: Harming = { world: layout.dir, scratch, seed, tools };
  const worlds = [
    ['full disks', fullDisks],
    ['a bad night', badNight],
    ['bit rot', bitRot],
    ['older log', olderLog],
  ] as const;
  const reports: DamageReport[] = [];
  const both = (report: DamageReport): void => {
    reports.push(report);
    told(report);
  };
  const inTurn = async (): Promise<void> => {
    for (const [damage, run] of worlds) {
      await run(harming, layout, both).catch((error: unknown) => {
        both({ damage, outcome: 'WRONG', said: error instanceof Error ? error.message : 'failed' });
      });
    }
  };
  // Side by side: one mostly waits, the other mostly starts.
  await Promise.all([inTurn(), tryRefusals(harming, share, both)]);
  return reports;
}
