/**
 * What a campaign finds when it looks: the nodes' books, the masked frames in the log, what `stats` says
 * of every stay and what `open` opens, each through the commands a user has.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';
import { spawnCommand } from '../world/child.ts';
import { gatewayFolder } from '../world/world-folder.ts';
import { bookOf } from './campaign-node.ts';
import { type Layout, nodeName } from './campaign-world.ts';
import { framesAtRest } from './frames-at-rest.ts';
import { FRAME_SECONDS } from './reading.ts';
import { readEntries } from './record-book.ts';
import { addVerdicts, judgeNode, NOTHING, type Verdict } from './verdict.ts';

/**
 * Judges every node. The world runs, its nodes have drained, its servers have read the log. `opened` are
 * the nodes whose history is opened, all where it is left out.
 */
export const judgeWorld = (layout: Layout, opened?: readonly number[]): Promise<Verdict> =>
  judge(layout, indicesInLog(layout), opened);

/** The same where the gateway's log was lost in part: what the servers hold must be whole all the same. */
export const judgeServers = (layout: Layout, opened?: readonly number[]): Promise<Verdict> =>
  judge(
    layout,
    new Map(
      namesOf(layout).map((name) => [name, [...new Set(acknowledgedBy(layout, name))]] as const),
    ),
    opened,
  );

async function judge(
  layout: Layout,
  inLog: ReadonlyMap<string, readonly number[]>,
  opened?: readonly number[],
): Promise<Verdict> {
  const statistics = await statisticsOf(layout);
  let verdict = NOTHING;
  for (const [node, name] of namesOf(layout).entries()) {
    const acknowledged = acknowledgedBy(layout, name);
    const isOpened = acknowledged.length > 0 && (opened?.includes(node) ?? true);
    const judged = judgeNode({
      node,
      acknowledged,
      inLog: inLog.get(name) ?? [],
      statistic: statistics.get(name) ?? { count: 0, sumTenths: 0 },
      opened: isOpened ? await openedOf(layout, name) : undefined,
    });
    verdict = addVerdicts(verdict, judged);
  }
  return verdict;
}

const namesOf = ({ nodes }: Layout): string[] =>
  Array.from({ length: nodes }, (_, index) => nodeName(index));

export const acknowledgedBy = ({ records }: Layout, name: string): number[] =>
  readEntries(bookOf(records, name, 'acknowledged')).map(({ index }) => index);

/** Node → the frames of its stay in the log, by what they hold. */
export function indicesInLog({ dir, originMs }: Layout): Map<string, number[]> {
  const originSecond = originMs / 1000;
  const found = new Map<string, number[]>();
  for (const { stay, frame } of framesAtRest(gatewayFolder(dir))) {
    for (const { start } of frame.columns) {
      const list = found.get(stay) ?? [];
      list.push((start - originSecond) / FRAME_SECONDS);
      found.set(stay, list);
    }
  }
  return found;
}

/** Count and sum in tenths of each node. Throws UserError where the servers do not answer or agree. */
export async function statisticsOf({
  dir,
}: Layout): Promise<Map<string, { count: number; sumTenths: number }>> {
  const args = ['stats', 'mean', 'heart-rate', '--by', 'node', '--dir', dir, '--json'];
  const { groups } = JSON.parse(await runCommand(args)) as {
    groups: { label: { node: string }; count: number; value: number }[];
  };
  return new Map(
    groups.map(({ label, count, value }) => [
      label.node,
      { count, sumTenths: Math.round(value * count * 10) },
    ]),
  );
}

/** Seconds since the campaign's first and tenths, as a physician gets them. */
export async function openedOf(
  { dir, records, originMs }: Layout,
  name: string,
): Promise<[number, number][]> {
  const out = join(records, `${name}.csv`);
  await runCommand(['open', name, 'heart-rate', '--out', out, '--dir', dir]);
  const lines = readFileSync(out, 'utf8').trim().split('\n').slice(1);
  rmSync(out);
  return lines.map((line) => {
    const [time = '', value] = line.split(',');
    return [(Date.parse(time) - originMs) / 1000, Math.round(Number(value) * 10)];
  });
}

/** `vitalshare <args>` to its end; what it printed. Throws UserError with what it complained of. */
export async function runCommand(args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runToEnd(args);
  if (status === 0) return stdout;
  throw new UserError(`vitalshare ${args.join(' ')} ended with ${status}: ${stderr.trim()}`);
}

export function runToEnd(
  args: readonly string[],
): Promise<{ status: number; stdout: string; stderr: string }> {
  const child = spawnCommand(args, { parentPipe: true });
  child.stdin.on('error', () => undefined);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ status: code ?? -1, stdout, stderr }));
  });
}
