/**
 * A data server that was down for an hour catches up: how many times faster than real time it applies
 * the log of a ward, decrypting, checking, deriving its shares and committing them to its disk.
 *
 *   tsx simulator/bench/catch-up.ts [--beds 200] [--minutes 60] [--ecg]
 *
 * One frame a bed and second: five vital signs, with --ecg a second of 250 Hz ECG too. The log is made
 * a minute at a time and its making is not counted; reading it over HTTP is not either.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Applier } from '../../cloud-sink/data-server/apply.ts';
import { CheckedStore } from '../../cloud-sink/data-server/checked-store.ts';
import { LmdbStore } from '../../cloud-sink/data-server/store-lmdb.ts';
import { makeWorld, TestLog } from '../../cloud-sink/data-server/world.fixture.ts';
import { BatchReader } from '../../cloud-sink/messages/batch-reader.ts';
import { verifier } from '@vitalshare/edge/identity/node';
import { rssMiB } from './gateway-child.ts';

const { values } = parseArgs({
  options: {
    beds: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '60' },
    ecg: { type: 'boolean', default: false },
  },
});
const [beds, minutes] = [Number(values.beds), Number(values.minutes)];
/** A gateway under this load commits about so many frames at once. */
const BATCH_FRAMES = 200;
const START = 1_700_000_000;
const SIGNS = {
  'heart-rate': 72,
  spo2: 97,
  'respiratory-rate': 16,
  'body-temperature': 370,
  'pulse-rate': 72,
};
const RATE_HZ = 250;

const folder = mkdtempSync(join(tmpdir(), 'vitalshare-catch-up-'));
const world = makeWorld(3, 1);
const party = world.dataServers[0]!;
const store = new CheckedStore(new LmdbStore(join(folder, 'store')));
const applier = new Applier(party, store);
const log = new TestLog(world);
for (let bed = 1; bed <= beds; bed++) log.stay(bed, `bed-${bed}`);
log.commit();
const reader = new BatchReader({
  head: applier.headOf(log.name),
  verify: verifier(party.configuration.gateway.sign),
});

const plaintext = new Uint8Array(2 + 2 * RATE_HZ).fill(9);
const segmentAt = (second: number) => ({
  ...{ channel: 64, lead: 2, unit: 1, startMicros: second * 1e6, rateMilliHz: 1_000 * RATE_HZ },
  ...{ gain: 200, baseline: 0, count: RATE_HZ, plaintext },
});
let [appliedMs, cpuMs, frames, bytes] = [0, 0, 0, 0];
for (let minute = 0; minute < minutes; minute++) {
  for (let second = START + 60 * minute; second < START + 60 * (minute + 1); second++) {
    for (let bed = 1; bed <= beds; bed++) {
      const columns = Object.fromEntries(
        Object.entries(SIGNS).map(([name, value]) => [name, new Map([[second, value]])]),
      );
      log.frame(bed, columns, values.ecg ? [segmentAt(second)] : []);
      frames += 1;
      if (frames % BATCH_FRAMES === 0) log.commit();
    }
  }
  const batches = log.batches.splice(0);
  const from = performance.now();
  const cpu = process.cpuUsage();
  for (const batch of batches) {
    for (const read of reader.push(batch.bytes)) {
      applier.apply(log.name, read);
      if (applier.full) await applier.flush();
    }
    bytes += batch.bytes.length;
  }
  await applier.flush();
  appliedMs += performance.now() - from;
  const { user, system } = process.cpuUsage(cpu);
  cpuMs += (user + system) / 1000;
}
const held = applier.books.log(log.name)!.counters;
const seconds = appliedMs / 1000;
console.log(
  `${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`,
);
console.log(
  `${beds} beds, ${minutes} minutes, ${Object.keys(SIGNS).length} vital signs a second${values.ecg ? ' and 250 Hz ECG' : ''}: ${frames} frames, ${(bytes / 2 ** 20).toFixed(0)} MiB of log`,
);
console.log(
  `applied in ${seconds.toFixed(1)} s (${(cpuMs / 1000).toFixed(1)} s of processor time): ${(frames / seconds).toFixed(0)} frames/s, ${((60 * minutes) / seconds).toFixed(0)} × real time; by processor time ${((60 * minutes) / (cpuMs / 1000)).toFixed(0)} ×`,
);
console.log(`cells ${held.cells}, memory ${rssMiB(process.pid).toFixed(0)} MiB`);
await store.close();
rmSync(folder, { recursive: true, force: true });
if (held.frames !== frames || held.cells !== frames * Object.keys(SIGNS).length)
  throw new Error('not every frame was applied');
