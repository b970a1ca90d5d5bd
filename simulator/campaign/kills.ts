/**
 * One crash: who is killed, and that it falls between two frames on every run and not only on lucky ones.
 *
 *   node, gateway   the gateway is stopped (SIGSTOP) until two frames published since then are seen
 *                   without an acknowledgement; then kill -9
 *   data server     it is stopped until the log holds two records it has not read; then kill -9
 *
 * A node dies before the gateway goes on or just after, by lot. Two parties at once: the conditions of
 * both hold at the moment of the kill.
 */
import { UserError } from '@vitalshare/edge/command/node';
import type { Random } from '../bodies/random.ts';
import { IN_FLIGHT_MS_MAX } from '../limits.ts';
import type { Tools } from '../world/tools.ts';
import { bookOf } from './campaign-node.ts';
import { type CampaignParty, type Layout, logPositions, type Processes } from './campaign-world.ts';
import { entryCount, readEntries } from './record-book.ts';

const POLL_MS = 10;
/** One kill in five takes two parties. */
const PAIR_CHANCE = 0.2;

/** One party or two. Kinds are equally likely, then those of a kind. */
export function drawVictims(
  parties: readonly CampaignParty[],
  { uniform }: Random,
): CampaignParty[] {
  const draw = (from: readonly CampaignParty[]): CampaignParty => {
    const kinds = [...new Set(from.map(({ kind }) => kind))];
    const kind = kinds[Math.floor(uniform() * kinds.length)];
    const those = from.filter((party) => party.kind === kind);
    return those[Math.floor(uniform() * those.length)]!;
  };
  const first = draw(parties);
  if (uniform() >= PAIR_CHANCE) return [first];
  return [first, draw(parties.filter((party) => party !== first))];
}

export interface Ward {
  readonly layout: Layout;
  readonly parties: readonly CampaignParty[];
  readonly processes: Processes;
  readonly tools: Tools;
}

/** Kills `victims` with frames in flight and starts them again. Throws UserError where none fly. */
export async function crash(
  { layout, parties, processes, tools }: Ward,
  victims: readonly CampaignParty[],
  { uniform }: Random,
): Promise<void> {
  const gateway = parties.find(({ kind }) => kind === 'gateway')!;
  const servers = victims.filter(({ kind }) => kind === 'data server');
  if (servers.length > 0) {
    for (const server of servers) processes.signal(server, 'SIGSTOP');
    const before = await logPositions(gateway.url!);
    await until(tools, `two records that ${servers[0]!.name} has not read`, async () => {
      const now = await logPositions(gateway.url!);
      return [...now].some(([log, position]) => position >= (before.get(log) ?? 0) + 2);
    });
  }
  const nodes = victims.filter(({ kind }) => kind === 'node');
  if (nodes.length > 0 || victims.includes(gateway)) {
    const senders = nodes.length > 0 ? nodes : parties.filter(({ kind }) => kind === 'node');
    await untilSettling(layout, senders, tools);
    processes.signal(gateway, 'SIGSTOP');
    await untilTwoFly(layout, senders, tools, nodes.length > 0);
    if (!victims.includes(gateway) && uniform() < 0.5) {
      // What flew may be read, made durable and answered while the node dies.
      processes.signal(gateway, 'SIGCONT');
      await tools.sleep(Math.floor(uniform() * 30));
    }
  }
  await Promise.all(victims.map((victim) => processes.kill(victim)));
  if (!victims.includes(gateway)) processes.signal(gateway, 'SIGCONT');
  await processes.start(...victims);
}

/** Each of `senders` is connected and hears of what it sends: one that a kill cut off is back. */
export async function untilSettling(
  { records }: Layout,
  senders: readonly CampaignParty[],
  tools: Tools,
): Promise<void> {
  const files = senders.map(({ name }) => bookOf(records, name, 'acknowledged'));
  const before = files.map(entryCount);
  await until(tools, `${namesOf(senders)} to have something acknowledged`, () =>
    Promise.resolve(files.every((file, i) => entryCount(file) > before[i]!)),
  );
}

const namesOf = (parties: readonly CampaignParty[]): string =>
  parties.map(({ name }) => name).join(', ');

/** Two frames published since now and not acknowledged: of each of `senders`, or of one of them. */
async function untilTwoFly(
  { records }: Layout,
  senders: readonly CampaignParty[],
  tools: Tools,
  each: boolean,
): Promise<void> {
  const books = senders.map(({ name }) => {
    const [sent, acknowledged] = [
      bookOf(records, name, 'sent'),
      bookOf(records, name, 'acknowledged'),
    ];
    return { sent, acknowledged, from: entryCount(sent), settledFrom: entryCount(acknowledged) };
  });
  const key = ({ boot, sequence }: { boot: number; sequence: number }) => `${boot}/${sequence}`;
  const twoFly = ({ sent, acknowledged, from, settledFrom }: (typeof books)[number]): boolean => {
    if (entryCount(sent) < from + 2) return false;
    const settled = new Set(readEntries(acknowledged, settledFrom).map(key));
    const flying = new Set(readEntries(sent, from).map(key));
    return [...flying].filter((frame) => !settled.has(frame)).length >= 2;
  };
  await until(tools, `two frames of ${namesOf(senders)} in flight`, () =>
    Promise.resolve(each ? books.every(twoFly) : books.some(twoFly)),
  );
}

export async function until(
  { clock, sleep }: Tools,
  what: string,
  holds: () => Promise<boolean>,
  msMax = IN_FLIGHT_MS_MAX,
): Promise<void> {
  const endMs = clock() + msMax;
  while (!(await holds())) {
    if (clock() > endMs) throw new UserError(`waited ${msMax / 1000} s for ${what}.`);
    await sleep(POLL_MS);
  }
}
