/**
 * What a bed's numbers cost: every detector of this room but the ECG's, on ten minutes of made
 * signals, as times real time on one core (time of the processor, for other work may share it).
 * `npx tsx edge/bench/vitals.ts [share of 10 minutes]`
 *
 * The comparison in the same run is what the loop itself costs: the samples summed up.
 */
import {
  BeatBreath,
  BreathDetector,
  Oximeter,
  PulseDetector,
  TemperatureFilter,
  type SampleSink,
} from '../signals/signals.ts';

const SECONDS = 600 * Number(process.argv[2] ?? 1);
const nothing = (): void => undefined;

const pulse = (t: number): number => {
  const since = t % 0.83;
  return Math.exp(-(((since - 0.18) / 0.07) ** 2) / 2) * (1 + 0.1 * Math.sin(1.6 * t));
};

interface Bench {
  readonly name: string;
  readonly rateHz: number;
  readonly at: (t: number) => number;
  readonly make: () => SampleSink;
}

function pulseAndBreath(): SampleSink {
  const breath = new BeatBreath();
  return new PulseDetector(({ atUs }) => void breath.estimate(atUs), {
    onBeat: (beat) => breath.push(beat),
  });
}

function oximeter(): SampleSink {
  const detector = new Oximeter(nothing);
  return {
    begin: (startUs, rateHz) => detector.begin(startUs, rateHz),
    sample: (value) => detector.sample({ red: 3e4 - 200 * value, infrared: 5e4 - 700 * value }),
    missing: nothing,
    end: nothing,
  };
}

let sum = 0;
const BENCHES: readonly Bench[] = [
  {
    ...{ name: 'the samples summed up', rateHz: 125, at: pulse },
    make: () => ({
      begin: nothing,
      sample: (x) => void (sum += x),
      missing: nothing,
      end: nothing,
    }),
  },
  { name: 'pulse and breathing, pleth at 125 Hz', rateHz: 125, at: pulse, make: pulseAndBreath },
  { name: 'pulse and breathing, pleth at 500 Hz', rateHz: 500, at: pulse, make: pulseAndBreath },
  { name: 'SpO₂ and pulse, two colours at 100 Hz', rateHz: 100, at: pulse, make: oximeter },
  {
    ...{ name: 'breathing, impedance at 62.5 Hz', rateHz: 62.5 },
    ...{ at: (t) => Math.sin(1.6 * t), make: () => new BreathDetector(nothing) },
  },
  {
    ...{ name: 'skin temperature at 4 Hz', rateHz: 4 },
    ...{ at: (t) => 33 + 0.1 * Math.sin(t), make: () => new TemperatureFilter(nothing) },
  },
];

console.log(
  `Node ${process.version}, ${new Date().toISOString().slice(0, 10)}, ${SECONDS} s of signal`,
);
let [bedS, coloursS] = [0, 0];
for (const { name, rateHz, at, make } of BENCHES) {
  const samples = Float64Array.from({ length: SECONDS * rateHz }, (_, i) => at(i / rateHz));
  const once = (): number => {
    const sink = make();
    const from = process.cpuUsage();
    sink.begin(0, rateHz);
    for (const sample of samples) sink.sample(sample);
    sink.end();
    return process.cpuUsage(from).user / 1e6;
  };
  once();
  const [, middle] = [once(), once(), once()].sort((a, b) => a - b);
  if (/125|62.5|4 Hz/.test(name)) bedS += middle!;
  if (name.startsWith('SpO₂')) coloursS = middle!;
  console.log(
    `${name.padEnd(40)} ${Math.round(SECONDS / middle!).toLocaleString('en')} × real time`,
  );
}
const tell = (what: string, seconds: number): void =>
  console.log(
    `${what.padEnd(40)} ${Math.round(SECONDS / seconds).toLocaleString('en')} × real time`,
  );
tell('a bed: pleth, impedance, temperature', bedS);
tell('… and two colours (a second pulse)', bedS + coloursS);
if (!Number.isFinite(sum)) throw new Error('the samples must be finite');
