/** All damages of a campaign, each on a copy of its world, which is stopped and stays as it is. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { HARM_KEEP_MS } from '../limits.ts';
import type { Layout } from './campaign-world.ts';
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
  return [...(await tryRefusals(harming, share, told)), ...(await inTurn(harming, layout, told))];
}

async function inTurn(
  harming: Harming,
  layout: Layout,
  told: (report: DamageReport) => void,
): Promise<DamageReport[]> {
  const reports: DamageReport[] = [];
  for (const [damage, run] of [
    ['a bad night', badNight],
    ['older log', olderLog],
    ['bit rot', bitRot],
    ['full disks', fullDisks],
  ] as const) {
    try {
      reports.push(...(await run(harming, layout, told)));
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      const report: DamageReport = { damage, outcome: 'WRONG', said };
      told(report);
      reports.push(report);
    }
  }
  return reports;
}
