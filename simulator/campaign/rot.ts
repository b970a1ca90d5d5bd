/**
 * Bits that flip in a data server's store while it is down. Whatever is asked afterwards, the answer is
 * right or there is none; and an emptied store is read anew from the log.
 */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';
import { serverFolder } from '../world/world-folder.ts';
import type { CampaignParty, Layout } from './campaign-world.ts';
import { drain } from './campaign.ts';
import type { DamageReport } from './damage-report.ts';
import { judgeServers, judgeWorld } from './findings.ts';
import { flipBit, lotsOf } from './harm.ts';
import type { Ward } from './kills.ts';
import { copyWard, OPENED } from './night.ts';
import type { Harming } from './refusals.ts';
import { isClean } from './verdict.ts';

/** Every chunk of a short campaign is hit with all but certainty. */
const FLIPS = 200;
const NAMED =
  /damage|checksum|quarantine|disagree|do not (?:agree|fit)|differ|MDB_|SIGBUS|SIGSEGV/i;

export async function bitRot(
  harming: Harming,
  layout: Layout,
  told: (report: DamageReport) => void,
): Promise<DamageReport[]> {
  const ward = await copyWard(harming, layout, 'rot');
  const server = ward.parties.find(({ name }) => name === 'data server 3')!;
  const store = join(serverFolder(ward.layout.dir, 3), 'store');
  const reports: DamageReport[] = [];
  const report = (each: DamageReport): void => {
    told(each);
    reports.push(each);
  };
  try {
    const lots = lotsOf(harming.seed, 'rot');
    const file = join(store, 'data.mdb');
    // The first two pages are lmdb's own; without them nothing opens.
    for (let i = 0; i < FLIPS; i++) flipBit(file, lots, 8192, statSync(file).size);
    const others = ward.parties.filter((party) => party.kind !== 'node' && party !== server);
    await ward.processes.start(...others);
    report({
      damage: `store of ${server.name}, ${FLIPS} bits flipped`,
      ...(await asked(ward, server)),
    });

    await ward.processes.kill(server);
    rmSync(store, { recursive: true });
    await ward.processes.start(server, ...ward.parties.filter(({ kind }) => kind === 'node'));
    await drain(ward);
    const verdict = await judgeWorld(ward.layout, OPENED);
    report({
      damage: `store of ${server.name} moved away`,
      outcome: isClean(verdict) ? 'withstood' : 'WRONG',
      said: isClean(verdict) ? 'read anew from the log, nothing missing' : JSON.stringify(verdict),
    });
    return reports;
  } finally {
    await ward.end();
  }
}

/** Starts it on its damaged store and asks for everything. */
async function asked(
  ward: Ward & { readonly said: ReadonlyMap<string, string> },
  server: CampaignParty,
): Promise<Pick<DamageReport, 'outcome' | 'said'>> {
  const spoken = (): string =>
    (ward.said.get(server.name) ?? '') + (ward.processes.child(server).ended ?? '');
  const refusalOf = (error: unknown): string => {
    if (error instanceof UserError) return error.message;
    throw error;
  };
  const unable = await ward.processes.start(server).then(() => undefined, refusalOf);
  if (unable !== undefined) return named('refused', unable);
  const answer = await judgeServers(ward.layout, OPENED).catch(refusalOf);
  if (typeof answer === 'string') return named('named', `${answer}\n${spoken()}`);
  if (!isClean(answer))
    return { outcome: 'WRONG', said: `a wrong number: ${JSON.stringify(answer)}` };
  return named('named', spoken());
}

const named = (
  outcome: 'refused' | 'named',
  said: string,
): Pick<DamageReport, 'outcome' | 'said'> => {
  if (/\n\s+at /.test(said)) return { outcome: 'WRONG', said: `a stack trace: ${said}` };
  const line = said.split('\n').find((each) => NAMED.test(each));
  return line === undefined
    ? { outcome: 'WRONG', said: `not named: ${said}` }
    : { outcome, said: line };
};
