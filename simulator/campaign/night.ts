/**
 * A bad night: a copy of the campaign's world that comes back with many things damaged at once, each of
 * which it must name or withstand while it goes on; then every reading is looked for again.
 */
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';
import { loadMember } from '@vitalshare/edge/keys/node';
import { gatewayFolder, placeWorld } from '../world/world-folder.ts';
import { drain } from './campaign.ts';
import { type Layout, nodeName, partiesOf, Processes } from './campaign-world.ts';
import type { DamageReport } from './damage-report.ts';
import { judgeServers, judgeWorld } from './findings.ts';
import { cutTail, flipBit, lotsOf, scribble } from './harm.ts';
import type { Ward } from './kills.ts';
import type { Harming } from './refusals.ts';
import { isClean, type Verdict } from './verdict.ts';

/** Whose history is opened after a damage: one node's stands for all, and costs what a start costs. */
export const OPENED = [1];

/** A copy of the stopped world and of the nodes' books, on ports of its own. */
export async function copyWard(
  { world, scratch, tools }: Harming,
  layout: Layout,
  name: string,
): Promise<Ward & { readonly said: Map<string, string>; end(): Promise<void> }> {
  const folder = join(scratch, name);
  const dir = join(folder, 'world');
  const records = join(folder, 'records');
  cpSync(world, dir, { recursive: true });
  cpSync(layout.records, records, { recursive: true });
  const { configuration } = loadMember(gatewayFolder(dir));
  const addresses = await placeWorld(dir, configuration, { http: 0, mqtt: 0 });
  const copied = { ...layout, dir, records };
  const said = new Map<string, string>();
  const processes = new Processes(tools, (who, line) =>
    said.set(who, `${said.get(who) ?? ''}${line}\n`),
  );
  const parties = partiesOf(copied, addresses);
  const end = async (): Promise<void> => {
    await processes.stopAll();
    rmSync(folder, { recursive: true, force: true });
  };
  return { layout: copied, parties, processes, tools, said, end };
}

interface Harm {
  readonly damage: string;
  /** Does it, and says who must name it and how; nothing to name where `says` is left out. */
  readonly who?: string;
  readonly says?: RegExp;
  readonly act: () => void;
}

/** The log behind a torn append, journals, locks, files of one node, a store that is read anew. */
export async function badNight(
  harming: Harming,
  layout: Layout,
  told: (report: DamageReport) => void,
): Promise<DamageReport[]> {
  const ward = await copyWard(harming, layout, 'night');
  try {
    const harms = harmsOf(ward.layout, harming.seed);
    for (const { act } of harms) act();
    const nodes = ward.parties.filter(({ kind }) => kind === 'node');
    // Its file is damaged, and it is not admitted.
    const [left] = nodes;
    await ward.processes.start(...ward.parties.filter((party) => party !== left));
    await drain({ ...ward, parties: ward.parties.filter((party) => party !== left) });
    const verdict = await judgeWorld(ward.layout, OPENED);
    return reportsOf(harms, ward.said, 'all of it in one night', verdict, told);
  } finally {
    await ward.end();
  }
}

/** The gateway's log is an older copy: what the data servers know beyond it counts as received [S1]. */
export async function olderLog(
  harming: Harming,
  layout: Layout,
  told: (report: DamageReport) => void,
): Promise<DamageReport[]> {
  const ward = await copyWard(harming, layout, 'older');
  try {
    const log = logFile(ward.layout.dir);
    const { size } = statSync(log);
    const lots = lotsOf(harming.seed, 'older log');
    const harm: Harm = {
      ...{ damage: 'gateway log cut short', who: 'gateway' },
      says: /data servers know more of the log than this folder/,
      act: () => cutTail(log, lots, Math.ceil(size / 2)),
    };
    harm.act();
    await ward.processes.start(...ward.parties);
    await drain(ward);
    const verdict = await judgeServers(ward.layout, OPENED);
    return reportsOf([harm], ward.said, 'gateway log cut short: readings', verdict, told);
  } finally {
    await ward.end();
  }
}

function harmsOf({ dir }: Layout, seed: number): Harm[] {
  const of = (name: string) => lotsOf(seed, name);
  const file = (...parts: string[]): string => join(dir, ...parts);
  const frames = (node: string): string => {
    const folder = file('nodes', node, 'journal');
    const name = readdirSync(folder).find((each) => each.startsWith('frames-'));
    if (name === undefined) throw new UserError(`${node} keeps no frame that could be damaged.`);
    return join(folder, name);
  };
  return [
    {
      ...{ damage: 'gateway log with a torn append', who: 'gateway' },
      says: /the last append to log .* was cut off by a crash/,
      act: () => {
        // The beginning of a batch, as a crash in the middle of a write leaves it.
        const log = logFile(dir);
        const bytes = readFileSync(log);
        const last = bytes.lastIndexOf('VSL1');
        appendFileSync(log, bytes.subarray(last, last + 1 + Math.floor(of('torn').uniform() * 60)));
      },
    },
    {
      damage: 'anchors with a torn line',
      act: () => appendFileSync(file('gateway/anchors.jsonl'), '["123",45'),
    },
    {
      ...{ damage: `node file of ${nodeName(0)} with a flipped bit`, who: 'gateway' },
      says: /the file of node node-1 is damaged/,
      act: () => flipBit(file('gateway/nodes', `${nodeName(0)}.json`), of('entry')),
    },
    ...['gateway/gateway.lock', 'server-1/data-server.lock', `nodes/${nodeName(1)}/node.lock`].map(
      (lock): Harm => ({
        damage: `${lock} scribbled over`,
        act: () => scribble(file(lock), of(lock)),
      }),
    ),
    {
      damage: 'lock.mdb of data server 1 scribbled over',
      act: () => scribble(file('server-1/store/lock.mdb'), of('lock.mdb'), 4096),
    },
    {
      damage: 'data server 2 without its store',
      act: () => rmSync(file('server-2/store'), { recursive: true }),
    },
    {
      ...{ damage: `journal of ${nodeName(1)} cut short`, who: nodeName(1) },
      says: /journal.* damaged/,
      act: () => cutTail(frames(nodeName(1)), of('journal cut')),
    },
    {
      damage: `boot counter of ${nodeName(2)} set back`,
      act: () => writeFileSync(file('nodes', nodeName(2), 'journal/boot'), '1\n'),
    },
    {
      ...{ damage: `journal of ${nodeName(2)} with a flipped bit`, who: nodeName(2) },
      says: /journal.* damaged/,
      act: () => flipBit(frames(nodeName(2)), of('journal flip')),
    },
  ];
}

const logFile = (dir: string): string => {
  const logs = join(gatewayFolder(dir), 'logs');
  const names = readdirSync(logs).filter((name) => name.endsWith('.log'));
  const [largest] = names.sort(
    (a, b) => statSync(join(logs, b)).size - statSync(join(logs, a)).size,
  );
  return join(logs, largest!);
};

function reportsOf(
  harms: readonly Harm[],
  said: ReadonlyMap<string, string>,
  whole: string,
  verdict: Verdict,
  told: (report: DamageReport) => void,
): DamageReport[] {
  const reports = harms.map(({ damage, who, says }): DamageReport => {
    if (who === undefined || says === undefined) {
      return { damage, outcome: 'withstood', said: 'it went on' };
    }
    const line = (said.get(who) ?? '').split('\n').find((each) => says.test(each));
    if (line !== undefined) return { damage, outcome: 'named', said: line };
    return { damage, outcome: 'WRONG', said: `${who} did not name it: ${said.get(who) ?? ''}` };
  });
  reports.push({
    damage: whole,
    outcome: isClean(verdict) ? 'withstood' : 'WRONG',
    said: isClean(verdict)
      ? `${verdict.acknowledged} readings acknowledged, none missing, none twice`
      : JSON.stringify(verdict),
  });
  for (const report of reports) told(report);
  return reports;
}
