/**
 * Damage that a party must refuse to start on, with a sentence that names the file: every kind of file
 * it cannot do without, cut short or with one bit flipped.
 */
import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { loadMember } from '@vitalshare/edge/keys/node';
import type { Random } from '../bodies/random.ts';
import { HARM_START_MS_MAX, REFUSAL_WAIT_MS } from '../limits.ts';
import { PartyChild } from '../world/party-child.ts';
import type { Tools } from '../world/tools.ts';
import { answers } from '../world/watch.ts';
import { gatewayFolder, placeWorld, writeWorldFile } from '../world/world-folder.ts';
import { nodeName } from './campaign-world.ts';
import type { DamageReport } from './damage-report.ts';
import { runToEnd } from './findings.ts';
import { cutTail, flipBit, lotsOf } from './harm.ts';

interface Refusal {
  /** Below the world's folder. */
  readonly file: string;
  readonly how: 'cut' | 'flipped';
  /** The command that reads it, with `DIR` for the world's folder. */
  readonly args: readonly string[];
  /** Who answers where it starts all the same. */
  readonly party?: 'gateway' | 'server-1';
  /** What its sentence must say; the file's own name where this is left out. */
  readonly says?: RegExp;
}

const PARTY_FILES = ['identity.json', 'keys.json', 'configuration.json', 'addresses.json'];
const HOW = ['cut', 'flipped'] as const;

const GATEWAY = ['gateway', '--dir', 'DIR/gateway'];
const SCRUB = ['gateway', 'scrub', '--dir', 'DIR/gateway'];
const SERVER = ['data-server', '--dir', 'DIR/server-1'];
const STATS = ['stats', 'mean', 'heart-rate', '--dir', 'DIR/researcher'];
const OPEN = ['open', nodeName(0), 'heart-rate', '--json', '--dir', 'DIR/physician'];
const REPLAY = ['replay', 'DIR/table.csv', '--node', nodeName(0), '--speed', 'max', '--dir', 'DIR'];
const DOCTOR = ['doctor', '--dir', 'DIR'];

const refusals = (log: string): Refusal[] => [
  ...HOW.flatMap((how): Refusal[] => [
    ...PARTY_FILES.flatMap((name): Refusal[] => [
      { file: `gateway/${name}`, how, args: GATEWAY, party: 'gateway' },
      { file: `server-1/${name}`, how, args: SERVER, party: 'server-1' },
    ]),
    ...PARTY_FILES.filter((name) => name !== 'keys.json').flatMap((name): Refusal[] => [
      { file: `researcher/${name}`, how, args: STATS },
      { file: `physician/${name}`, how, args: OPEN },
    ]),
    { file: `nodes/${nodeName(0)}/credential.json`, how, args: REPLAY },
    { file: `gateway/nodes/${nodeName(0)}.json`, how, args: REPLAY, says: /file of node-1/ },
    { file: 'world.json', how, args: DOCTOR },
  ]),
  // A gateway starts behind its checkpoint and names what lies before it when its own scrub gets there.
  { file: `gateway/logs/${log}`, how: 'flipped', args: SCRUB, says: /damaged: log [0-9a-f]{32} / },
  { file: 'gateway/anchors.jsonl', how: 'flipped', args: GATEWAY, party: 'gateway' },
  {
    ...{ file: 'server-1/store/data.mdb', how: 'cut', args: SERVER, party: 'server-1' },
    says: /store|SIGBUS|SIGSEGV/,
  },
  { file: `nodes/${nodeName(0)}/journal/boot`, how: 'cut', args: REPLAY, says: /journal/ },
];

export interface Harming {
  /** The stopped world that is copied, never touched. */
  readonly world: string;
  readonly scratch: string;
  readonly seed: number;
  readonly tools: Tools;
}

/** `share`: which part of them is tried, by lot; 1 for all. */
export async function tryRefusals(
  harming: Harming,
  share: number,
  told: (report: DamageReport) => void,
): Promise<void> {
  const logs = readdirSync(join(harming.world, 'gateway/logs'));
  const { uniform } = lotsOf(harming.seed, 'refusals');
  const those = refusals(logs.find((name) => name.endsWith('.log'))!).filter(
    () => uniform() < share,
  );
  for (const refusal of those) told(await tryRefusal(harming, refusal));
}

async function tryRefusal(
  { world, scratch, seed, tools }: Harming,
  { file, how, args, party, says }: Refusal,
): Promise<DamageReport> {
  const damage = `${file.replace(/[0-9a-f]{32}/, '…')} ${how === 'cut' ? 'cut short' : 'with a flipped bit'}`;
  const lots = lotsOf(seed, damage);
  const dir = join(scratch, `refusal-${damage.replaceAll(/[^a-z0-9]+/g, '-')}`);
  cpSync(world, dir, { recursive: true });
  try {
    const { configuration } = loadMember(gatewayFolder(dir));
    const { gateway, dataServers } = await placeWorld(dir, configuration, { http: 0, mqtt: 0 });
    prepare(dir, file);
    harm(join(dir, file), how, lots);
    const url = party === 'gateway' ? gateway : party === undefined ? undefined : dataServers[0];
    const words = args.map((word) => word.replace('DIR', dir));
    const {
      ended,
      said,
      answered = false,
    } = url === undefined ? await toEnd(words) : await startAlone(words, url, tools);
    const names = says ?? new RegExp(file.split('/').at(-1)!.replaceAll('.', '\\.'));
    if (/\n\s+at /.test(said)) return { damage, outcome: 'WRONG', said: `a stack trace: ${said}` };
    if (!names.test(said)) {
      const silence = answered ? 'started in silence' : `did nothing for ${HARM_START_MS_MAX} ms`;
      const what = ended === undefined ? silence : `ended (${ended}) without naming it`;
      return { damage, outcome: 'WRONG', said: `${what}: ${said}` };
    }
    return { damage, outcome: ended === undefined ? 'named' : 'refused', said };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What a world that ran with other nodes would have. */
function prepare(dir: string, file: string): void {
  writeFileSync(join(dir, 'table.csv'), 'Time [s], HR\n0,70\n');
  if (file === 'gateway/anchors.jsonl') {
    // With their checksums, as the gateway writes them: a flipped digit is another time else.
    const lines = [1, 2, 3].map((boot) => {
      const anchorMs = 1_700_000_000_000 + boot;
      return JSON.stringify(['77', boot, anchorMs, crc32(`77 ${boot} ${anchorMs}`)]);
    });
    writeFileSync(join(dir, file), `${lines.join('\n')}\n`);
  }
  if (file === 'world.json' && !existsSync(join(dir, file))) {
    const nowhere = 'http://127.0.0.1:9';
    const pids = { gateway: 0, dataServers: [0, 0, 0] };
    const dataServers = [nowhere, nowhere, nowhere];
    const world = { dashboard: nowhere, mqtt: 'mqtt://127.0.0.1:9', dataServers, pids };
    writeWorldFile(dir, { ...world, servers: 3, threshold: 1 });
  }
}

function harm(file: string, how: Refusal['how'], lots: Random): void {
  if (how === 'flipped') flipBit(file, lots);
  else cutTail(file, lots);
}

interface Harmed {
  /** Undefined while it runs. */
  readonly ended: string | undefined;
  readonly said: string;
  readonly answered?: boolean;
}

async function toEnd(args: readonly string[]): Promise<Harmed> {
  const { status, stdout, stderr } = await runToEnd(args);
  return { ended: `exit code ${status}`, said: stderr + stdout };
}

/** Starts one party; back when it ended, answers, or neither within the limit. */
async function startAlone(
  args: readonly string[],
  url: string,
  { clock, sleep }: Tools,
): Promise<Harmed> {
  const lines: string[] = [];
  const plan = { name: args[0]!, starting: '', args };
  const child = new PartyChild(plan, (_, line) => lines.push(line));
  const endMs = clock() + HARM_START_MS_MAX;
  let answered = false;
  while (child.ended === undefined && clock() < endMs) {
    answered = await answers(url);
    if (answered) {
      // It may be somebody else who has that port: a party that refuses to start ends meanwhile.
      await Promise.race([child.closed, sleep(REFUSAL_WAIT_MS)]);
      break;
    }
    await sleep(25);
  }
  const { ended } = child;
  await child.stop(sleep);
  return { ended, said: lines.join('\n'), answered };
}
