/**
 * How fast bodies live: a ward of B beds over H hours with its waveforms (ECG II, pleth, red, infrared,
 * respiration, skin) and the truth beside them, shared out to one process a core.
 *
 *   tsx simulator/bench/bodies.ts [--beds 50] [--hours 6] [--processes 2]
 *
 * Beds are eventful, each on its own schedule: a day's fever, desaturations, fibrillation for an hour, PVCs,
 * pacing, runs of VT, a hand that moves every ten minutes, lost leads. Time is of the wall, from the
 * first process's start to the last one's end; processor time is beside it, so that other work on the
 * machine shows.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type BodyPlan, makeBody } from '../bodies/bodies.ts';

const { values } = parseArgs({
  options: {
    beds: { type: 'string', default: '50' },
    hours: { type: 'string', default: '6' },
    processes: { type: 'string', default: String(cpus().length) },
    /** Of a process of the bench: the first of its beds. */
    first: { type: 'string' },
  },
});
const [beds, hours, processes] = [values.beds, values.hours, values.processes].map(Number) as [
  number,
  number,
  number,
];
const SLICE_MS = 60_000;
const SEED = 1;

/** One report of a process: what it made, and its processor time. */
interface Report {
  readonly bedSeconds: number;
  readonly samples: number;
  readonly beats: number;
  readonly cpuS: number;
}

if (values.first === undefined) await ward();
else console.log(JSON.stringify(share(Number(values.first))));

function planOf(bed: number): BodyPlan {
  const seconds = Math.ceil(hours * 3600);
  const every = (periodS: number): number[] =>
    Array.from({ length: Math.ceil(seconds / periodS) }, (_, i) => i * periodS + (bed % 50));
  const rhythms = ['af', 'pvcs', 'paced', 'bigeminy'] as const;
  return {
    states: every(3600).map((fromS) => ({
      ...{ fromS: fromS + 60, toS: fromS + 2400, overS: 600 },
      targets: { spo2: 86, 'body-temperature': 39.2, 'systolic-pressure': 95 },
    })),
    rhythms: every(3600).flatMap((fromS, hour) => [
      { fromS: fromS + 600, toS: fromS + 3000, rhythm: rhythms[(bed + hour) % 4]! },
      { fromS: fromS + 3200, toS: fromS + 3230, rhythm: 'vt' as const },
      { fromS: fromS + 3230, toS: fromS + 3290, rhythm: 'vf' as const },
    ]),
    artefacts: [
      ...every(600).map((fromS) => ({ fromS, toS: fromS + 20, kind: 'motion' as const })),
      ...every(3600).map((fromS) => ({ fromS, toS: fromS + 60, kind: 'lead-off' as const })),
      { fromS: 0, kind: 'mains-hum', strength: 0.2 },
    ],
  };
}

/** Every `processes`-th bed from `first` on, one after the other. */
function share(first: number): Report {
  const report = { bedSeconds: 0, samples: 0, beats: 0 };
  const slices = Math.ceil((hours * 3_600_000) / SLICE_MS);
  for (let bed = first; bed < beds; bed += processes) {
    const body = makeBody(SEED, bed + 1, planOf(bed));
    for (let i = 0; i < slices; i++) {
      const { ecg, pleth, red, infrared, resp, skin, truth } = body.next(SLICE_MS);
      report.samples +=
        ecg.length + pleth.length + red.length + infrared.length + resp.length + skin.length;
      report.beats += truth.beats.length;
    }
    report.bedSeconds += (slices * SLICE_MS) / 1000;
  }
  const { user, system } = process.cpuUsage();
  return { ...report, cpuS: (user + system) / 1e6 };
}

async function run(first: number): Promise<Report> {
  const file = fileURLToPath(import.meta.url);
  const options = ['beds', 'hours', 'processes'].flatMap((name) => [
    `--${name}`,
    values[name as 'beds'],
  ]);
  const args = ['--import', 'tsx', file, ...options, '--first', String(first)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`a process of the bench ended with ${code}`);
  return JSON.parse(text) as Report;
}

async function ward(): Promise<void> {
  const startMs = performance.now();
  const reports = await Promise.all(Array.from({ length: processes }, (_, first) => run(first)));
  const wallS = (performance.now() - startMs) / 1000;
  const sum = (of: (report: Report) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const bedSeconds = sum((report) => report.bedSeconds);
  if (sum(({ beats }) => beats) === 0) throw new Error('no heart beat in the whole ward');
  const date = new Date().toISOString().slice(0, 10);
  console.log(
    `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.versions.node}, ${date}`,
  );
  console.log(
    `${beds} beds, ${hours} h, ${(sum(({ samples }) => samples) / 1e6).toFixed(0)} M samples, ${processes} processes`,
  );
  console.log(`wall        ${wallS.toFixed(1)} s, ${rate(bedSeconds, wallS)} bed-seconds a second`);
  const cpuS = sum((report) => report.cpuS);
  console.log(`processor   ${cpuS.toFixed(1)} s, ${rate(bedSeconds, cpuS)} x real time a core`);
}

function rate(bedSeconds: number, seconds: number): string {
  return Math.round(bedSeconds / seconds).toLocaleString('en');
}
