/** `vitalshare campaign`: kill what runs, damage what lies there, and look for every reading. */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, integerOption, textOption, UserError } from '@vitalshare/edge/command/node';
import { makeRandom } from '../bodies/random.ts';
import { KILLS_MAX } from '../limits.ts';
import { machineTools } from '../world/tools.ts';
import { type CampaignResult, runCampaign } from './campaign.ts';
import { type CampaignNode, runNode } from './campaign-node.ts';
import { makeCampaignWorld, nodeName, Processes } from './campaign-world.ts';
import { type DamageReport, isWell, reportText } from './damage-report.ts';
import { tryDamages } from './damages.ts';
import { isClean, missingOf, twiceOf } from './verdict.ts';

const help = `
usage: vitalshare campaign [--kills 300] [--seconds N] [--nodes 4] [--seed S] [options]

Makes a world of its own (gateway, 3 data servers, nodes, each a process), loads it, kills a random
party with kill -9 while at least two frames are in flight, starts it again, and so on; then damages
files and fills disks. At the end every reading that was acknowledged to a node is looked for: in the
log, in statistics and in an opened history. Ends with 0 where nothing is missing and nothing counts
twice. Nothing of an existing world is touched.

  --kills     parties to kill (300)
  --seconds   no more kills after so many seconds
  --nodes     node processes, 3 to 16 (4)
  --rate      frames a second of each node, 60 readings a frame (10)
  --seed      of who is killed, and when and where damage falls (a fresh one, printed); never of keys
  --damages   which part of the damaged files is tried, in percent, 0 for no damages (100)
  --keep      leave the folder of the campaign where it is
  --quiet     no line for every kill
  --json      one JSON object at the end
`;

export const command: Command = {
  help,
  options: {
    ...{ kills: { type: 'string' }, seconds: { type: 'string' }, nodes: { type: 'string' } },
    ...{ rate: { type: 'string' }, seed: { type: 'string' }, keep: { type: 'boolean' } },
    ...{ damages: { type: 'string' }, quiet: { type: 'boolean' }, json: { type: 'boolean' } },
    // One node of a campaign: what the campaign itself starts.
    'as-node': { type: 'string' },
  },
  positionalsMax: 0,
  async run(call) {
    const node = textOption(call, 'as-node', '');
    if (node !== '') return await runNode(parsePlan(node), machineTools);
    const seed = integerOption(call, 'seed', randomInt(2 ** 31), 0, 2 ** 31 - 1);
    const json = call.values['json'] === true;
    const say = (text: string): void => void process.stderr.write(`${text}\n`);
    say(`seed ${seed}`);
    const folder = mkdtempSync(join(tmpdir(), 'vitalshare-campaign-'));
    const said: string[] = [];
    const processes = new Processes(machineTools, (name, line) => {
      said.push(`${name}: ${line}`);
      if (said.length > SAID_KEPT_MAX) said.shift();
    });
    const interrupted = (): void => {
      processes.killAll();
      rmSync(folder, { recursive: true, force: true });
      process.exit(1);
    };
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    try {
      const { layout, parties } = await makeCampaignWorld(folder, {
        nodes: integerOption(call, 'nodes', 4, 3, 16),
        framesPerSecond: integerOption(call, 'rate', 10, 1, 1000),
        originMs: ORIGIN_MS,
      });
      const ward = { layout, parties, processes, tools: machineTools };
      const result = await runCampaign(ward, {
        kills: integerOption(call, 'kills', 300, 0, KILLS_MAX),
        secondsMax: integerOption(call, 'seconds', 86_400, 1, 86_400),
        random: makeRandom(seed),
        progress: (crashes, killed, acknowledged, who) => {
          if (call.values['quiet'] === true && crashes % 20 !== 0) return;
          say(`${killed} kills, ${acknowledged} readings acknowledged (${who})`);
        },
      });
      if (!json) process.stdout.write(tableOf(result));
      const share = integerOption(call, 'damages', 100, 0, 100) / 100;
      const told = (report: DamageReport): void => say(reportText(report));
      const damages = share === 0 ? [] : await tryDamages(ward, { folder, seed, share, told });
      const wrong = damages.filter((report) => !isWell(report)).length;
      if (json) process.stdout.write(`${JSON.stringify({ seed, ...result, damages })}\n`);
      else process.stdout.write(damagesText(damages));
      return isClean(result.verdict) && wrong === 0 ? 0 : 1;
    } catch (error) {
      say(said.slice(-20).join('\n'));
      throw error;
    } finally {
      await processes.stopAll();
      if (call.values['keep'] === true) say(`kept: ${folder}`);
      else rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Lines of the parties that are shown where a campaign could not go on. */
const SAID_KEPT_MAX = 200;
/** Second 0 of every node: long past, so that no frame is ever from the future. */
const ORIGIN_MS = Date.UTC(2026, 0, 1);

function parsePlan(text: string): CampaignNode {
  try {
    const plan = JSON.parse(text) as Omit<CampaignNode, 'name'>;
    return { ...plan, name: nodeName(plan.index) };
  } catch {
    throw new UserError('--as-node is for the campaign itself.', 2);
  }
}

function tableOf({ kills, pairs, refused, verdict, seconds }: CampaignResult): string {
  const rows: [string, number | string][] = [
    ...Object.entries(kills).map(([kind, count]): [string, number] => [
      `kills of a ${kind}`,
      count,
    ]),
    ['two at once', pairs],
    ['acknowledged readings', verdict.acknowledged],
    ['missing (log, statistics, opened)', threeOf(verdict, 'missing')],
    ['counted twice (log, statistics, opened)', threeOf(verdict, 'twice')],
    ['wrong values', verdict.wrongInOpen],
    ['sums off by, tenths', verdict.sumOff],
    ['kept and not acknowledged', verdict.unasked],
    ['refused frames', refused],
    ['seconds', seconds],
  ];
  const isWhole = missingOf(verdict) === 0 && twiceOf(verdict) === 0;
  const lines = rows.map(([name, count]) => `${name.padEnd(42)}${count}`);
  return `${lines.join('\n')}\n${isWhole ? 'Nothing is missing, nothing counts twice.' : 'NOT WHOLE.'}\n`;
}

function damagesText(damages: readonly DamageReport[]): string {
  if (damages.length === 0) return '';
  const wrong = damages.filter((report) => !isWell(report));
  return `${damages.length} damages, ${wrong.length} without their defined outcome\n`;
}

const threeOf = (verdict: CampaignResult['verdict'], what: 'missing' | 'twice'): string =>
  [verdict[`${what}InLog`], verdict[`${what}InStatistics`], verdict[`${what}InOpen`]].join(', ');
