/**
 * What the detectors cost: seconds of signal per second of computing, one core, everything an ECG
 * lead tells against the QRS detectors alone. `npm run bench:signals -- --minutes N` sets the
 * length; CI runs it once, small.
 *
 * The signal is drawn, with noise and ectopic beats; CPU time is counted, so that other work on the
 * machine does not.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { EcgMonitor, QRS_DETECTORS, SegmentStream, type SampleSink } from '../signals/signals.ts';
import { drawEcg, every, makeNoise } from '../signals/ecg.fixture.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });
const MINUTES = Number(values.minutes);
const RATE_HZ = 250;
const SEGMENT_S = 1;
const ROUND_S = 60;

const noise = makeNoise(1);
const beats = every(0.75, ROUND_S, (index) => (index % 9 === 8 ? { mV: 1.6, isWide: true } : {}));
const minute = Int16Array.from(
  drawEcg(beats, RATE_HZ, ROUND_S, () => 0.05 * noise()),
  (mV) => Math.round(200 * mV),
);

function play(sink: SampleSink, minutes: number): void {
  const stream = new SegmentStream(sink);
  const length = SEGMENT_S * RATE_HZ;
  for (let second = 0; second < minutes * 60; second++) {
    const from = (second % ROUND_S) * length;
    stream.push({
      startUs: second * 1e6,
      rateMilliHz: RATE_HZ * 1000,
      gain: 200,
      baseline: 0,
      samples: minute.subarray(from, from + length),
    });
  }
  stream.close();
}

/** Seconds of CPU, after a warm-up. */
function timed(make: () => SampleSink): number {
  play(make(), Math.max(2, MINUTES / 10));
  const before = process.cpuUsage();
  play(make(), MINUTES);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

let reports = 0;
const count = (): void => {
  reports++;
};
const costs: [name: string, seconds: number][] = [
  ['all of an ECG lead', timed(() => new EcgMonitor({ onSecond: count }))],
  ...Object.entries(QRS_DETECTORS).map(([name, make]): [string, number] => [
    `beats: ${name}`,
    timed(() => make(count)),
  ]),
];
if (reports === 0) throw new Error('the detectors reported nothing');

console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`);
console.log(
  `${MINUTES} min of a ${RATE_HZ} Hz ECG in segments of ${SEGMENT_S} s, CPU time of one core`,
);
for (const [name, seconds] of costs) {
  console.log(`${name.padEnd(22)} ${Math.round((MINUTES * 60) / seconds)} x real time`);
}
