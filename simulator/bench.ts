/**
 * What a ward costs: CPU of every party of `vitalshare up --beds N` with a 250 Hz ECG a bed in 100 ms
 * frames, in real time, as parts of one core. `tsx simulator/bench.ts --beds 50 --seconds 30`.
 * Reads /proc, so it runs on Linux only.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    beds: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '30' },
  },
});
const dir = mkdtempSync(join(tmpdir(), 'vitalshare-bench-'));
const command = fileURLToPath(new URL('./vitalshare.mjs', import.meta.url));
const ports = ['--port', '0', '--mqtt-port', '0'];
const up = spawn(process.execPath, [command, 'up', '--dir', dir, '--beds', values.beds, ...ports], {
  stdio: 'ignore',
});
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
while (!existsSync(join(dir, 'world.json'))) {
  if (up.exitCode !== null) throw new Error(`up ended with ${up.exitCode}`);
  await sleep(200);
}
interface World {
  readonly dashboard: string;
  readonly pids: { gateway: number; dataServers: number[] };
}
const { dashboard, pids } = JSON.parse(readFileSync(join(dir, 'world.json'), 'utf8')) as World;
const parties: [string, number][] = [
  ['beds and up', up.pid!],
  ['gateway', pids.gateway],
  ...pids.dataServers.map((pid, index): [string, number] => [`data server ${index + 1}`, pid]),
];

/** utime + stime in seconds: fields 14 and 15 of /proc/<pid>/stat, in ticks of 10 ms. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
async function accepted(): Promise<number> {
  const response = await fetch(new URL('/status.json', dashboard));
  return ((await response.json()) as { counters: { accepted: number } }).counters.accepted;
}

await sleep(10_000); // past the start
const before = parties.map(([, pid]) => cpuSeconds(pid));
const [framesBefore, startMs] = [await accepted(), Date.now()];
await sleep(1000 * Number(values.seconds));
const seconds = (Date.now() - startMs) / 1000;
const used = parties.map(([, pid], index) => (cpuSeconds(pid) - before[index]!) / seconds);
const frames = ((await accepted()) - framesBefore) / seconds;
up.kill('SIGTERM');
await new Promise((resolve) => up.once('close', resolve));
rmSync(dir, { recursive: true, force: true });

console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`);
console.log(`${values.beds} beds, 250 Hz ECG each, ${frames.toFixed(0)} frames/s accepted`);
parties.forEach(([name], i) => console.log(`${name.padEnd(14)} ${used[i]!.toFixed(3)} cores`));
console.log(`in all         ${used.reduce((a, b) => a + b, 0).toFixed(3)} cores`);
