/** The gateway itself, as a process of a bench: its own world in a temporary folder, its own nodes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { NodeCredential } from '@vitalshare/edge/loop';
import { enroll } from '../../gateway/registry/enroll.ts';
import { writeEntry } from '../../gateway/registry/node-files.ts';
import { makeWorldFolder } from '../../gateway/world.fixture.ts';

export interface GatewayChild {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly log: string;
  readonly credentials: readonly NodeCredential[];
  status(): Promise<{ counters: Record<string, number>; log: { position: number } }>;
  /** Ends it by SIGTERM and removes its folder. */
  stop(): Promise<void>;
}

const START = fileURLToPath(new URL('../../gateway/start.ts', import.meta.url));
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** `flags` are Node's, such as --cpu-prof. */
export async function startGatewayChild(
  nodes: number,
  flags: readonly string[] = [],
): Promise<GatewayChild> {
  const parent = mkdtempSync(join(tmpdir(), 'vitalshare-bench-'));
  const folder = join(makeWorldFolder(parent), 'gateway');
  const credentials: NodeCredential[] = [];
  for (let i = 0; i < nodes; i++) {
    const { entry, credential } = enroll(
      { node: `node-${i}`, labels: {}, mqttUrl: 'mqtt://127.0.0.1:1' },
      random,
    );
    await writeEntry(folder, entry);
    credentials.push(credential);
  }
  const args = [
    ...flags,
    '--import',
    'tsx',
    START,
    '--dir',
    folder,
    '--port',
    '0',
    '--mqtt-port',
    '0',
    '--json',
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  // Flags such as --trace-gc make Node print lines of its own.
  const lines = createInterface({ input: child.stdout });
  const line = new Promise<string>((resolve) => {
    lines.on('line', (each) => {
      if (each.startsWith('{')) resolve(each);
      else process.stderr.write(`${each}\n`);
    });
  });
  const ready = JSON.parse(await line) as { url: string; mqtt: string; log: string };
  const credentialsAt = credentials.map((credential) => ({ ...credential, mqttUrl: ready.mqtt }));
  return {
    ...{ child, folder, log: ready.log, credentials: credentialsAt },
    httpPort: Number(new URL(ready.url).port),
    mqttPort: Number(/:(\d+)$/.exec(ready.mqtt)![1]),
    status: async () => (await (await fetch(new URL('/status.json', ready.url))).json()) as never,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

/** utime + stime of a process in seconds (Linux): fields 14 and 15 of /proc/<pid>/stat, in ticks of 10 ms. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export const rssMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;

export function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}
