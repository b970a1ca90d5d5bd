/**
 * The world of a campaign: real processes with folders of their own, killed and started again by name.
 *
 *   <folder>/world/      the world: gateway, server-1 … 3, nodes/<name>; everything here may be damaged
 *   <folder>/records/    what the nodes wrote down, out of reach of what happens to the world
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseHead, parseLogs } from '@vitalshare/cloud-sink/messages';
import { urlAt } from '@vitalshare/edge/keys/node';
import { enrollInto } from '@vitalshare/gateway/enroll/node';
import { DOCTOR_ASK_MS_MAX } from '../limits.ts';
import { osRandom } from '../world/party-process.ts';
import { PartyChild } from '../world/party-child.ts';
import { untilReady } from '../world/ready.ts';
import type { Tools } from '../world/tools.ts';
import { answers } from '../world/watch.ts';
import { gatewayFolder, openWorld, placeWorld, serverFolder } from '../world/world-folder.ts';

export const SERVERS = 3;

export type Kind = 'node' | 'gateway' | 'data server';

export interface CampaignParty {
  readonly kind: Kind;
  /** `gateway`, `data server 2`, `node-3`. */
  readonly name: string;
  /** From 0 among its kind. */
  readonly index: number;
  /** Where `/healthz` is; a node has none. */
  readonly url: string | undefined;
  readonly args: readonly string[];
}

export interface Layout {
  readonly dir: string;
  readonly records: string;
  readonly nodes: number;
  readonly framesPerSecond: number;
  readonly originMs: number;
}

export const nodeName = (index: number): string => `node-${index + 1}`;

/** Makes the world in `<folder>/world`, places it on free ports, enrolls the nodes; starts nothing. */
export async function makeCampaignWorld(
  folder: string,
  { nodes, framesPerSecond, originMs }: Pick<Layout, 'nodes' | 'framesPerSecond' | 'originMs'>,
): Promise<{ readonly layout: Layout; readonly parties: readonly CampaignParty[] }> {
  const dir = join(folder, 'world');
  const records = join(folder, 'records');
  mkdirSync(records, { recursive: true, mode: 0o700 });
  const asked = { servers: SERVERS, threshold: 1, minimumCohort: 1 };
  const configuration = await openWorld(dir, asked, () => undefined);
  const addresses = await placeWorld(dir, configuration, { http: 0, mqtt: 0 });
  for (let index = 0; index < nodes; index++) {
    await enrollInto(dir, nodeName(index), { node: nodeName(index) }, osRandom);
  }
  const layout = { dir, records, nodes, framesPerSecond, originMs };
  return { layout, parties: partiesOf(layout, addresses) };
}

export function partiesOf(
  layout: Layout,
  { gateway, dataServers, mqtt }: Awaited<ReturnType<typeof placeWorld>>,
): CampaignParty[] {
  const { dir } = layout;
  return [
    {
      ...{ kind: 'gateway', name: 'gateway', index: 0, url: gateway },
      args: ['gateway', '--dir', gatewayFolder(dir)],
    },
    ...dataServers.map((url, index) => ({
      ...{ kind: 'data server' as const, name: `data server ${index + 1}`, index, url },
      args: ['data-server', '--dir', serverFolder(dir, index + 1)],
    })),
    ...Array.from({ length: layout.nodes }, (_, index) => ({
      ...{ kind: 'node' as const, name: nodeName(index), index, url: undefined },
      args: [
        'campaign',
        '--as-node',
        JSON.stringify({ ...layout, index, mqttUrl: urlAt('mqtt', mqtt) }),
      ],
    })),
  ];
}

/** The processes of a campaign. Whatever one says on stderr goes to `said`. */
export class Processes {
  readonly #running = new Map<string, PartyChild>();
  readonly #tools: Tools;
  readonly #said: (name: string, line: string) => void;

  constructor(tools: Tools, said: (name: string, line: string) => void) {
    this.#tools = tools;
    this.#said = said;
  }

  /** Starts parties at once; resolves when those that have an address answer. Throws UserError. */
  async start(...parties: readonly CampaignParty[]): Promise<void> {
    const { clock, sleep } = this.#tools;
    await Promise.all(
      parties.map(async (party) => {
        const { name, args, url } = party;
        const child = new PartyChild({ name, starting: `${name} is starting`, args }, this.#said);
        this.#running.set(name, child);
        if (url === undefined) return;
        await untilReady(
          { child, url },
          {
            answers,
            tools: { clock, sleep },
            teller: { say: (sentence) => this.#said(name, sentence) },
            signal: new AbortController().signal,
          },
        );
      }),
    );
  }

  /** The process of a party that was started, running or not. */
  child({ name }: CampaignParty): PartyChild {
    const child = this.#running.get(name);
    if (child === undefined) throw new TypeError(`${name} was not started`);
    return child;
  }

  signal(party: CampaignParty, signal: 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void {
    const child = this.child(party);
    if (child.ended === undefined) process.kill(child.pid, signal);
  }

  /** kill -9; resolves when the process is gone. */
  async kill(party: CampaignParty): Promise<void> {
    const child = this.child(party);
    child.kill();
    await child.closed;
  }

  /** Ends everything, politely. */
  async stopAll(): Promise<void> {
    const children = [...this.#running.values()];
    for (const child of children) {
      if (child.ended === undefined) process.kill(child.pid, 'SIGCONT');
    }
    await Promise.all(children.map((child) => child.stop(this.#tools.sleep)));
  }

  killAll(): void {
    for (const child of this.#running.values()) child.kill();
  }
}

/** Position of the gateway's logs, all together. */
export async function logPositions(url: string): Promise<ReadonlyMap<string, number>> {
  const logs = parseLogs(await ask(new URL('/logs', url)));
  return new Map(logs.map(({ log, position }) => [log, position]));
}

/** Records of the gateway's logs that a data server has not applied. */
export async function recordsBehind(gateway: string, server: string): Promise<number> {
  const logs = await logPositions(gateway);
  const { heads } = parseHead(await ask(new URL('/head', server)));
  let behind = 0;
  for (const [log, position] of logs) behind += position - (heads[log]?.position ?? 0);
  return behind;
}

async function ask(url: URL): Promise<Uint8Array> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DOCTOR_ASK_MS_MAX) });
  return new Uint8Array(await response.arrayBuffer());
}
