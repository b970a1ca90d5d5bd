/**
 * Full disks, on small file systems in memory: acknowledging stops, working does not, and once there is
 * space everything goes on without anybody's help.
 */
import { DOCTOR_ASK_MS_MAX, FULL_DISK_MS_MAX } from '../limits.ts';
import { gatewayFolder, nodeFolder, serverFolder } from '../world/world-folder.ts';
import { join } from 'node:path';
import { answers } from '../world/watch.ts';
import { bookOf } from './campaign-node.ts';
import { type CampaignParty, type Layout, nodeName, recordsBehind } from './campaign-world.ts';
import { drain } from './campaign.ts';
import type { DamageReport } from './damage-report.ts';
import { judgeWorld } from './findings.ts';
import { SmallDisk, whyNoSmallDisk } from './harm.ts';
import { until, type Ward } from './kills.ts';
import { copyWard, OPENED } from './night.ts';
import { entryCount } from './record-book.ts';
import type { Harming } from './refusals.ts';
import { isClean } from './verdict.ts';

const MEGABYTES = 96;
/** What was on its way when a disk filled may still be answered. */
const ON_ITS_WAY_MS = 500;
/** Nothing happens in this time that must not happen. */
const STILL_MS = 1_500;

export async function fullDisks(
  harming: Harming,
  layout: Layout,
  told: (report: DamageReport) => void,
): Promise<DamageReport[]> {
  const kinds = ['gateway log', 'data server', 'journal of a node'].map(
    (kind) => `${kind}: full disk`,
  );
  const why = whyNoSmallDisk(harming.scratch);
  if (why !== undefined) {
    const skipped = kinds.map((damage): DamageReport => ({
      damage,
      outcome: 'skipped',
      said: why,
    }));
    skipped.forEach(told);
    return skipped;
  }
  const ward = await copyWard(harming, layout, 'full');
  const disks: SmallDisk[] = [];
  const small = (folder: string): SmallDisk => {
    const disk = new SmallDisk(folder, MEGABYTES);
    disks.push(disk);
    return disk;
  };
  try {
    const { dir } = ward.layout;
    const log = small(join(gatewayFolder(dir), 'logs'));
    const store = small(join(serverFolder(dir, 2), 'store'));
    const journal = small(join(nodeFolder(dir, nodeName(0)), 'journal'));
    await ward.processes.start(...ward.parties);
    await settling(ward);
    const reports: DamageReport[] = [];
    for (const [damage, disk, run] of [
      [kinds[0]!, log, fullLog],
      [kinds[1]!, store, fullStore],
      [kinds[2]!, journal, fullJournal],
    ] as const) {
      const report = await tried(ward, damage, disk, run);
      told(report);
      reports.push(report);
    }
    await drain(ward);
    // A frame that arrived while its node's disk was full may stand in no book of that node: kept all the
    // same, which is no loss.
    const verdict = { ...(await judgeWorld(ward.layout, OPENED)), unasked: 0 };
    const whole: DamageReport = {
      damage: 'full disks: readings',
      outcome: isClean(verdict) ? 'withstood' : 'WRONG',
      said: isClean(verdict)
        ? `${verdict.acknowledged} readings acknowledged, none missing, none twice`
        : JSON.stringify(verdict),
    };
    told(whole);
    return [...reports, whole];
  } finally {
    await ward.processes.stopAll();
    for (const disk of disks) disk.unmount();
    await ward.end();
  }
}

type Said = Ward & { readonly said: ReadonlyMap<string, string> };

/** A party that ended is started again, so that what follows can be tried. */
async function tried(
  ward: Said,
  damage: string,
  disk: SmallDisk,
  run: (ward: Said, disk: SmallDisk) => Promise<string>,
): Promise<DamageReport> {
  try {
    return { damage, outcome: 'named', said: await run(ward, disk) };
  } catch (error) {
    return { damage, outcome: 'WRONG', said: error instanceof Error ? error.message : 'failed' };
  } finally {
    disk.free();
    const ended = ward.parties.filter((party) => ward.processes.child(party).ended !== undefined);
    await ward.processes.start(...ended);
    await settling(ward);
  }
}

async function fullLog(ward: Said, disk: SmallDisk): Promise<string> {
  const gateway = partyOf(ward, 'gateway');
  const failing = async (): Promise<string> => {
    const url = new URL('/status.json', gateway.url);
    const response = await fetch(url, { signal: AbortSignal.timeout(DOCTOR_ASK_MS_MAX) });
    return ((await response.json()) as { log: { failing: string } }).log.failing;
  };
  disk.fill();
  await until(
    ward.tools,
    'the gateway to say that its disk is full',
    async () => {
      return (await failing()) === 'ENOSPC';
    },
    FULL_DISK_MS_MAX,
  );
  await ward.tools.sleep(ON_ITS_WAY_MS);
  const before = acknowledged(ward.layout);
  await ward.tools.sleep(STILL_MS);
  if (acknowledged(ward.layout) !== before) throw new Error('it acknowledged what it cannot keep');
  if (!(await answers(gateway.url!))) throw new Error('its page does not answer any more');
  disk.free();
  await settling(ward);
  return 'status.json says ENOSPC, nothing is acknowledged, the page answers; goes on by itself';
}

async function fullStore(ward: Said, disk: SmallDisk): Promise<string> {
  const [gateway, server] = [partyOf(ward, 'gateway'), partyOf(ward, 'data server 2')];
  disk.fill();
  const before = acknowledged(ward.layout);
  const isFull = (): boolean =>
    /ENOSPC|no space|disk is full/i.test(ward.said.get(server.name) ?? '');
  const what = 'data server 2 to say that its disk is full';
  await until(ward.tools, what, () => Promise.resolve(isFull()), FULL_DISK_MS_MAX);
  await ward.tools.sleep(STILL_MS);
  const { ended } = ward.processes.child(server);
  if (ended !== undefined) throw new Error(`it ended (${ended}): ${ward.said.get(server.name)}`);
  if (!(await answers(server.url!))) throw new Error('it does not answer any more');
  if (acknowledged(ward.layout) === before) throw new Error('the gateway acknowledges no more');
  disk.free();
  const caughtUp = async (): Promise<boolean> =>
    (await recordsBehind(gateway.url!, server.url!)) < 50;
  await until(ward.tools, 'data server 2 to catch up by itself', caughtUp, FULL_DISK_MS_MAX);
  return 'it says so, answers, and catches up by itself; the ward goes on';
}

async function fullJournal(ward: Said, disk: SmallDisk): Promise<string> {
  const node = partyOf(ward, nodeName(0));
  const faults = (): boolean => entryCount(bookOf(ward.layout.records, node.name, 'faults')) > 0;
  disk.fill();
  const what = 'the node to say that it cannot keep';
  await until(ward.tools, what, () => Promise.resolve(faults()), FULL_DISK_MS_MAX);
  await ward.tools.sleep(ON_ITS_WAY_MS);
  const { ended } = ward.processes.child(node);
  if (ended !== undefined) throw new Error(`it ended (${ended})`);
  disk.free();
  await settling(ward);
  return 'the node names the fault, drops what it cannot keep, and goes on by itself';
}

const partyOf = ({ parties }: Ward, name: string): CampaignParty =>
  parties.find((party) => party.name === name)!;

const acknowledged = ({ records, nodes }: Layout): number =>
  Array.from({ length: nodes }, (_, index) =>
    entryCount(bookOf(records, nodeName(index), 'acknowledged')),
  ).reduce((sum, count) => sum + count, 0);

/** Every node has something acknowledged from now on. */
async function settling({ layout, tools }: Ward): Promise<void> {
  for (let index = 0; index < layout.nodes; index++) {
    const book = bookOf(layout.records, nodeName(index), 'acknowledged');
    const before = entryCount(book);
    const what = `${nodeName(index)} to have something acknowledged`;
    await until(tools, what, () => Promise.resolve(entryCount(book) > before), FULL_DISK_MS_MAX);
  }
}
