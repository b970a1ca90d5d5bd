/**
 * A ward under load: N nodes, each a frame of 250 Hz ECG every 100 ms in real time, for M minutes.
 * The nodes are this process (frames sealed beforehand, a socket each), the gateway is the product's
 * own; both share the cores of this machine.
 *
 *   tsx simulator/bench/load.ts [--nodes 1000] [--minutes 10]
 *
 * Nothing lost: at the end every frame that was sent is acknowledged, accepted once, and settled by the
 * node's last sealed answer. Reads /proc, so it runs on Linux only.
 */
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openAnswer, sealFrame } from '@vitalshare/edge/wire';
import { cpuSeconds, quantile, rssMiB, startGatewayChild } from './gateway-child.ts';
import { payloadsOf } from './nodes.ts';
import { RawClient } from './raw-client.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '10' },
  },
});
const [nodes, minutes] = [Number(values.nodes), Number(values.minutes)];
const TICK_MS = 100;
const SAY_MS = 30_000;
/** Frames that a node has on its way at most [WIRE-16]; beyond, it waits as a true node would. */
const WINDOW = 64;

const frames = Math.round((minutes * 60_000) / TICK_MS);
// One bed's signals serve all: what a frame costs does not depend on whose they are.
const payloads = payloadsOf(frames, Date.now());
const gateway = await startGatewayChild(nodes);
const pid = gateway.child.pid!;
const clients: RawClient[] = [];
for (const credential of gateway.credentials) {
  const { node, password, upKey, keyEpoch } = credential;
  const frame = (i: number): Uint8Array =>
    sealFrame({ node, upKey, keyEpoch, boot: 1, sequence: i + 1 }, payloads[i]!);
  clients.push(
    await RawClient.open(
      gateway.mqttPort,
      { name: node, password, frames: { length: frames, at: frame } },
      () => undefined,
    ),
  );
}
console.log(
  `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`,
);
console.log(
  `${nodes} nodes, ${nodes * 10} frames/s offered for ${minutes} minutes, node load on the same cores`,
);

const startMs = performance.now();
const gatewayBefore = cpuSeconds(pid);
const ownBefore = process.cpuUsage();
let said = 0;
const rss: number[] = [];
/** Nodes are spread over the tick, as a ward's are. */
for (;;) {
  const nowMs = performance.now() - startMs;
  clients.forEach((client, i) => {
    const due = Math.floor((nowMs - (i * TICK_MS) / nodes) / TICK_MS) + 1;
    client.sendUpTo(due, WINDOW);
  });
  if (nowMs >= (said + 1) * SAY_MS || clients.every(({ sent }) => sent === frames)) {
    said += 1;
    rss.push(rssMiB(pid));
    const settled = clients.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
    const offered = Math.min(frames, Math.floor(nowMs / TICK_MS)) * nodes;
    console.log(
      `${(nowMs / 1000).toFixed(0).padStart(4)} s  gateway ${rss.at(-1)!.toFixed(0)} MiB  acknowledged ${settled} of ${offered} due`,
    );
  }
  if (clients.every(({ sent }) => sent === frames)) break;
  if (nowMs > frames * TICK_MS + 120_000) break;
  await sleep(5);
}
const seconds = (performance.now() - startMs) / 1000;
const untilMs = performance.now() + 60_000;
while (clients.some(({ acknowledged }) => acknowledged < frames) && performance.now() < untilMs)
  await sleep(50);
await sleep(500); // the last answers
const gatewayCores = (cpuSeconds(pid) - gatewayBefore) / seconds;
const { user, system } = process.cpuUsage(ownBefore);
const { counters } = await gateway.status();
const settled = clients.filter((client, i) => {
  const { node, downKey } = gateway.credentials[i]!;
  const last = client.lastAnswer && openAnswer(node, downKey, client.lastAnswer);
  return last?.sequence === frames && last.missing.length === 0 && last.refused.length === 0;
}).length;
for (const client of clients) client.end();
await gateway.stop();

const wanted = nodes * frames;
const acknowledged = clients.reduce((sum, client) => sum + client.acknowledged, 0);
const latencies = new Float64Array(acknowledged);
let at = 0;
for (const { latencyMs, acknowledged: count } of clients) {
  latencies.set(latencyMs.subarray(0, count), at);
  at += count;
}
latencies.sort();
console.log(
  `${(wanted / seconds).toFixed(0)} frames/s over ${seconds.toFixed(0)} s; gateway ${gatewayCores.toFixed(2)} cores, nodes ${((user + system) / 1e6 / seconds).toFixed(2)} cores`,
);
console.log(
  `acknowledgement p50 ${quantile(latencies, 0.5).toFixed(1)} ms, p99 ${quantile(latencies, 0.99).toFixed(1)} ms, most ${quantile(latencies, 1).toFixed(0)} ms`,
);
console.log(
  `memory of the gateway ${Math.min(...rss).toFixed(0)} to ${Math.max(...rss).toFixed(0)} MiB, at the end ${rss.at(-1)!.toFixed(0)}`,
);
console.log(
  `sent ${wanted}, acknowledged ${acknowledged}, accepted ${counters['accepted']}, nodes settled to the last ${settled} of ${nodes}`,
);
process.exitCode =
  acknowledged === wanted && counters['accepted'] === wanted && settled === nodes ? 0 : 1;
