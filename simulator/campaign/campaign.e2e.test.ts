/**
 * A minute of the crash campaign, with a fresh seed: kills with frames in flight, then damage to every
 * kind of file and full disks. `npm run campaign` is the long one.
 */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { run } from '../ward.fixture.ts';
import type { CampaignResult } from './campaign.ts';
import type { DamageReport } from './damage-report.ts';

/** A minute, and what a machine with other work makes of it. */
const CAMPAIGN_MS_MAX = 400_000;

it(
  'nothing acknowledged is missing or counts twice, and every damage is named',
  async () => {
    const args = ['campaign', '--seconds', '25', '--nodes', '3', '--damages', '15', '--json'];
    const { status, stdout, stderr } = await run(args, undefined, CAMPAIGN_MS_MAX, unshared());
    const seed = stderr.split('\n')[0]!;
    console.log(`${seed}; ${stderr.split('\n').length} lines said`);
    expect(stdout, stderr).not.toBe('');
    const { verdict, kills, damages } = JSON.parse(stdout) as CampaignResult & {
      readonly damages: readonly DamageReport[];
    };
    const said = `${seed}\n${stderr}`;
    expect(verdict, said).toMatchObject({
      ...{ missingInLog: 0, missingInStatistics: 0, missingInOpen: 0 },
      ...{ twiceInLog: 0, twiceInStatistics: 0, twiceInOpen: 0 },
      ...{ wrongInOpen: 0, sumOff: 0, unasked: 0 },
    });
    expect(verdict.acknowledged).toBeGreaterThan(10_000);
    expect(kills.node + kills.gateway + kills['data server']).toBeGreaterThanOrEqual(3);
    const wrong = damages.filter(({ outcome }) => outcome === 'WRONG').map(({ damage }) => damage);
    expect(wrong, said).toEqual([]);
    const skipped = damages.filter(({ outcome }) => outcome === 'skipped');
    if (process.env['VITALSHARE_NO_SKIP'] === '1') expect(skipped).toEqual([]);
    expect(status).toBe(0);
  },
  CAMPAIGN_MS_MAX + 10_000,
);

/** Small disks are mounted in a namespace of the test's own where it is not root. */
function unshared(): readonly string[] {
  if (process.getuid?.() === 0) return [];
  const unshare = ['unshare', '-Urm'];
  return spawnSync(unshare[0]!, [...unshare.slice(1), 'true']).status === 0 ? unshare : [];
}
