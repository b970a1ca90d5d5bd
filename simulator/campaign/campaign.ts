/**
 * A crash campaign: a world under load, parties killed at random and started again, and at the end every
 * acknowledged reading looked for, in the log, in statistics and in what a physician opens.
 */
import { UserError } from '@vitalshare/edge/command/node';
import type { Random } from '../bodies/random.ts';
import { CAMPAIGN_DRAIN_MS_MAX } from '../limits.ts';
import { bookOf } from './campaign-node.ts';
import { type Kind, nodeName, recordsBehind } from './campaign-world.ts';
import { judgeWorld } from './findings.ts';
import { crash, drawVictims, until, untilSettling, type Ward } from './kills.ts';
import { FRAME_SECONDS } from './reading.ts';
import { entryCount } from './record-book.ts';
import type { Verdict } from './verdict.ts';

export interface CampaignResult {
  readonly kills: Readonly<Record<Kind, number>>;
  /** Crashes that took two parties at once. */
  readonly pairs: number;
  /** Frames a node gave up or the gateway refused. */
  readonly refused: number;
  readonly verdict: Verdict;
  readonly seconds: number;
}

export interface CampaignOptions {
  readonly kills: number;
  /** No more crashes after this. */
  readonly secondsMax: number;
  readonly random: Random;
  readonly progress: (crashes: number, killed: number, acknowledged: number, who: string) => void;
}

/** Starts everything, crashes, drains, judges. The world still runs afterwards, without its nodes. */
export async function runCampaign(
  ward: Ward,
  { kills: killsMax, secondsMax, random, progress }: CampaignOptions,
): Promise<CampaignResult> {
  const { parties, processes, tools, layout } = ward;
  const startMs = tools.clock();
  await processes.start(...parties);
  const kills: Record<Kind, number> = { node: 0, gateway: 0, 'data server': 0 };
  let [killed, crashes, pairs] = [0, 0, 0];
  while (killed < killsMax && tools.clock() - startMs < secondsMax * 1000) {
    const victims = drawVictims(parties, random).slice(0, killsMax - killed);
    await crash(ward, victims, random);
    for (const { kind } of victims) kills[kind] += 1;
    killed += victims.length;
    crashes += 1;
    if (victims.length > 1) pairs += 1;
    const who = victims.map(({ name }) => name).join(' and ');
    progress(crashes, killed, acknowledgedSoFar(ward), who);
  }
  await drain(ward);
  const verdict = await judgeWorld(layout);
  const books = Array.from({ length: layout.nodes }, (_, index) => nodeName(index));
  const refused = books.reduce(
    (sum, name) => sum + entryCount(bookOf(layout.records, name, 'refused')),
    0,
  );
  const seconds = Math.round((tools.clock() - startMs) / 1000);
  return { kills, pairs, refused, verdict, seconds };
}

/** Repetitions count: what a kill between an acknowledgement and its erasure had acknowledged again. */
const acknowledgedSoFar = ({ layout }: Ward): number =>
  Array.from({ length: layout.nodes }, (_, index) =>
    entryCount(bookOf(layout.records, nodeName(index), 'acknowledged')),
  ).reduce((sum, frames) => sum + frames * FRAME_SECONDS, 0);

/** Every node sends what it keeps and ends; every data server reads the log to its end. */
export async function drain({ layout, parties, processes, tools }: Ward): Promise<void> {
  const nodes = parties.filter(({ kind }) => kind === 'node');
  // One that was just started listens to no signal yet.
  await untilSettling(layout, nodes, tools);
  for (const node of nodes) processes.signal(node, 'SIGTERM');
  const ended = (): boolean => nodes.every((node) => processes.child(node).ended !== undefined);
  const what = 'the nodes to have everything acknowledged';
  await until(tools, what, () => Promise.resolve(ended()), CAMPAIGN_DRAIN_MS_MAX + 10_000);
  const unsettled = nodes.find((node) => processes.child(node).ended !== 'exit code 0');
  if (unsettled !== undefined) {
    const { ended: how, complaint } = processes.child(unsettled);
    throw new UserError(`${unsettled.name} did not settle what it keeps (${how}): ${complaint}`);
  }
  const gateway = parties.find(({ kind }) => kind === 'gateway')!;
  for (const server of parties.filter(({ kind }) => kind === 'data server')) {
    const caughtUp = async (): Promise<boolean> =>
      (await recordsBehind(gateway.url!, server.url!)) <= 0;
    await until(tools, `${server.name} to read the log to its end`, caughtUp);
  }
}
