/**
 * Durable ingest: frames of true nodes through the gateway (opened, shown, masked, appended with
 * fdatasync, PUBACK, sealed answer) beside mosquitto's PUBACK of the same bytes from the same clients,
 * turn about in one run. mosquitto keeps nothing, decrypts nothing and has nobody to pass them to.
 *
 *   tsx simulator/bench/durable.ts [--nodes 50] [--frames 2000] [--rounds 3] [--cpu-prof]
 *
 * Without the Debian package `mosquitto` it prints the gateway's own rate.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openAnswer } from '@vitalshare/edge/wire';
import { freePort } from './free-port.ts';
import { cpuSeconds, quantile, startGatewayChild } from './gateway-child.ts';
import { payloadsOf, sealAll } from './nodes.ts';
import { RawClient, type RawNode } from './raw-client.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '50' },
    frames: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '3' },
    'cpu-prof': { type: 'boolean', default: false },
  },
});
const [nodes, frames, rounds] = [
  Number(values.nodes),
  Number(values.frames),
  Number(values.rounds),
];
/** FRAMES_IN_FLIGHT_MAX of a node [WIRE-16]. */
const WINDOW = 64;
/** Far above PUBACK_HOLD_MS_MAX of the gateway. */
const STALLED_MS = 10_000;
const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find((path) =>
  existsSync(path),
);

interface Round {
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly clients: readonly RawClient[];
}

/** Every node publishes all of its frames, `WINDOW` in flight. */
async function run(port: number, load: readonly RawNode[]): Promise<Round> {
  let left = load.length;
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const done = (): void => {
    left -= 1;
    if (left === 0) finish();
  };
  const clients: RawClient[] = [];
  for (const node of load) clients.push(await RawClient.open(port, node, done));
  const from = performance.now();
  for (const client of clients) client.start(WINDOW);
  await Promise.race([finished, stalled(clients)]);
  const seconds = (performance.now() - from) / 1000;
  await sleep(100); // the last answers
  for (const client of clients) client.end();
  const all = Float64Array.from(clients.flatMap(({ latencyMs }) => [...latencyMs])).sort();
  return {
    rate: (load.length * frames) / seconds,
    p50Ms: quantile(all, 0.5),
    p99Ms: quantile(all, 0.99),
    clients,
  };
}

/**
 * Throws when nothing is acknowledged any more. A frame that waits longer than PUBACK_HOLD_MS_MAX for the
 * disk gets no PUBACK, and this client, unlike a node, does not read the answer that settles it.
 */
async function stalled(clients: readonly RawClient[]): Promise<void> {
  const acknowledged = (): number => clients.reduce((sum, client) => sum + client.acknowledged, 0);
  for (let before = -1, now = 0; before < now; now = acknowledged()) {
    before = now;
    await sleep(STALLED_MS, undefined, { ref: false });
  }
  throw new Error(
    `no PUBACK for ${STALLED_MS / 1000} s, ${acknowledged()} of ${clients.length * frames} came: ` +
      'the disk took longer than a PUBACK is held; run it on a quieter machine or with fewer --nodes',
  );
}

async function startMosquitto(): Promise<{ port: number; stop: () => Promise<void> } | undefined> {
  if (MOSQUITTO === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'vitalshare-mosquitto-'));
  const port = await freePort();
  const config = join(folder, 'mosquitto.conf');
  writeFileSync(
    config,
    `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\nlog_type error\nmax_inflight_messages 0\n`,
  );
  const child: ChildProcess = spawn(MOSQUITTO, ['-c', config], { stdio: 'ignore' });
  process.once('exit', () => child.kill());
  await sleep(500);
  return {
    port,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const nowMs = Date.now();
const payloads = payloadsOf(frames, nowMs);
const gateway = await startGatewayChild(
  nodes,
  values['cpu-prof']
    ? ['--cpu-prof', '--cpu-prof-dir', tmpdir()]
    : (process.env['BENCH_FLAGS']?.split(' ') ?? []),
);
process.once('exit', () => gateway.child.kill());
const mosquitto = await startMosquitto();
const rates: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
const meanBytes = payloads.reduce((sum, { length }) => sum + length, 0) / payloads.length + 28;
console.log(
  `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`,
);
console.log(
  `${nodes} nodes, ${WINDOW} frames in flight each, ${meanBytes.toFixed(0)} bytes a frame (25 ECG samples; numbers every second)`,
);
for (let round = 1; round <= rounds; round++) {
  const load = gateway.credentials.map((credential): RawNode => ({
    ...{
      name: credential.node,
      password: credential.password,
      frames: sealAll(credential, round, payloads),
    },
  }));
  if (mosquitto) {
    const theirs = await run(mosquitto.port, load);
    rates.theirs.push(theirs.rate);
    console.log(
      `mosquitto, not durable  ${theirs.rate.toFixed(0).padStart(7)} /s   p50 ${theirs.p50Ms.toFixed(1)} ms  p99 ${theirs.p99Ms.toFixed(1)} ms`,
    );
  }
  const before = cpuSeconds(gateway.child.pid!);
  const ours = await run(gateway.mqttPort, load);
  const cpu = ((cpuSeconds(gateway.child.pid!) - before) * 1e6) / (nodes * frames);
  rates.ours.push(ours.rate);
  console.log(
    `gateway, durable        ${ours.rate.toFixed(0).padStart(7)} /s   p50 ${ours.p50Ms.toFixed(1)} ms  p99 ${ours.p99Ms.toFixed(1)} ms   ${cpu.toFixed(1)} µs of CPU a frame`,
  );
  ours.clients.forEach((client, i) => {
    const { node, downKey } = gateway.credentials[i]!;
    const last = client.lastAnswer && openAnswer(node, downKey, client.lastAnswer);
    if (
      last?.boot !== round ||
      last.sequence !== frames ||
      last.missing.length > 0 ||
      last.refused.length > 0
    ) {
      throw new Error(
        `${node}: the last answer does not settle all ${frames} frames of boot ${round}`,
      );
    }
  });
}
const { counters } = await gateway.status();
await gateway.stop();
await mosquitto?.stop();
if (counters['accepted'] !== nodes * frames * rounds)
  throw new Error(`accepted ${counters['accepted']} of ${nodes * frames * rounds}`);
const median = (rates: number[]): number => [...rates].sort((a, b) => a - b)[rates.length >> 1]!;
console.log(`every frame accepted once and settled by a sealed answer: ${nodes * frames * rounds}`);
if (mosquitto)
  console.log(`ratio of medians ${(median(rates.ours) / median(rates.theirs)).toFixed(2)}`);
