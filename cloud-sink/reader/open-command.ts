/**
 * `vitalshare open <stay> <vital|waveform>`: one patient's history, for a physician.
 *
 * CSV to stdout or `--out`; `--json` tells what was opened. Every record is verified before it is
 * shown. Exit codes: 0; 1 unknown stay, nothing of that channel, damage, servers missing; 2 a
 * channel, lead or option that does not exist.
 */
import { type Call, type Command, textOption, UserError } from '@vitalshare/edge/command/node';
import { writeNumericCsv, writeWaveformCsv } from '@vitalshare/edge/formats';
import type { WaveformShape } from '@vitalshare/edge/formats';
import { findVital, findWaveform, LEADS, VITALS, WAVEFORMS } from '@vitalshare/edge/vital';
import type { Vital, Waveform } from '@vitalshare/edge/vital';
import { STAY_NAME } from '../messages/messages.ts';
import { asUserError, machine, namedOne, partyOf, rangeOptions, tell } from './command-options.ts';
import { fileSink, noSink, stdoutSink, type TextSink } from './csv-sink.ts';
import { counted, listed, serverList } from './errors.ts';
import { type History, type HistoryChunk, openHistory } from './history.ts';
import type { HistoryRequest } from './history-extent.ts';
import { type OpenedSegment, timeOf } from './history-runs.ts';

const HELP = `
Open one patient's history with a physician's key. The data servers send masked readings and
keystream; the reading exists only here, and every record is checked against its commitment.

  vitalshare open <stay> <vital sign or waveform> [options]

Vital signs   ${VITALS.map(({ name }) => name).join(', ')}
Waveforms     ${WAVEFORMS.map(({ name }) => name).join(', ')}
              \`ecg\` opens the first lead there is, \`ecg:V5\` that one

Options
  --from <time>, --to <time>   from ≤ time < to, UTC: 2026-01-31, 2026-01-31T08:30:00Z, or 1h for an
                               hour ago; without them, everything
  --out <file.csv>             write the CSV there instead of to stdout
  --json                       say what was opened as one line of JSON; with --out the values go to
                               the file, without it those of a vital sign stand under "values" as
                               [time, value] pairs and those of a waveform are not printed
  --dir <folder>               the world, or the physician's own folder (.vitalshare)

Examples
  vitalshare open bed-1 heart-rate --from 1h
  vitalshare open bed-1 ecg:V5 --out ecg.csv
`;

export const command: Command = {
  help: HELP,
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    out: { type: 'string' },
    dir: { type: 'string' },
    json: { type: 'boolean' },
  },
  run,
};

async function run(call: Call): Promise<number> {
  const request = requestOf(call, machine.clock());
  const party = partyOf(call, 'physician');
  const file = textOption(call, 'out', '');
  const json = call.values['json'] === true;
  const opened = await asUserError(async () => {
    const history = await openHistory(party, request, { world: machine });
    const first = await history.chunks.next();
    if (first.done === true) throw nothingThen(request, history);
    const sink = file !== '' ? await fileSink(file) : json ? noSink : stdoutSink;
    try {
      const summary = await write(history, first.value, sink, json && file === '');
      await sink.finish();
      return { history, summary };
    } finally {
      await sink.discard();
    }
  });
  const { history, summary } = opened;
  tell('open', history.notes());
  if (history.otherLeads.length > 0) {
    const names = history.otherLeads.map((lead) => `${request.channel}:${lead}`);
    tell('open', [`this is lead ${history.lead ?? ''}; there is also ${listed(names)}`]);
  }
  if (json) {
    process.stdout.write(`${JSON.stringify(resultOf(request, history, summary, file))}\n`);
  } else tell('open', [sentence(request, history, summary, file)]);
  return 0;
}

/** Everything that can be wrong with the words of a request is exit code 2. */
export function requestOf(call: Call, nowMs: number): HistoryRequest {
  const [stay, typed, ...more] = call.positionals;
  if (stay === undefined || typed === undefined || more.length > 0) {
    throw new UserError('Name one stay and one vital sign or waveform. See --help.', 2);
  }
  const at = typed.indexOf(':');
  const [name, leadName] = at < 0 ? [typed, undefined] : [typed.slice(0, at), typed.slice(at + 1)];
  const channel = namedOne<Vital | Waveform>(
    'vital sign or waveform',
    name,
    (each) => findVital(each) ?? findWaveform(each),
    [...VITALS, ...WAVEFORMS].map((each) => each.name),
  );
  if (leadName !== undefined && 'scale' in channel) {
    throw new UserError(`${name} is a vital sign and has no leads.`, 2);
  }
  const lead =
    leadName === undefined
      ? undefined
      : namedOne(
          'lead',
          leadName,
          (each) => LEADS.find((known) => known !== '' && known === each),
          LEADS.filter((known) => known !== ''),
        );
  if (!STAY_NAME.test(stay)) throw new UserError(`There is no stay ${stay}.`);
  return { stay, channel: channel.name, lead, ...rangeOptions(call, nowMs) };
}

/** What was written, for the summary. */
interface Summary {
  count: number;
  /** µs UTC: the first reading or sample, and just behind the last. */
  from: number;
  to: number;
  unit: string;
  /** Set while every run has the same. */
  shape: WaveformShape | undefined;
  readonly values: [time: string, value: number][];
}

async function write(
  history: History,
  first: HistoryChunk,
  sink: TextSink,
  keepValues: boolean,
): Promise<Summary> {
  const shape = first.kind === 'samples' ? first.runs[0]!.shape : undefined;
  const unit = 'scale' in history.channel ? history.channel.unit : shape!.unit;
  const summary: Summary = { count: 0, from: Infinity, to: 0, unit, shape, values: [] };
  let headed = false;
  for (let next: HistoryChunk | undefined = first; next !== undefined;) {
    for (const lines of csvOf(history.channel, next, summary, keepValues)) {
      // Every stretch is a table of its own; only the first shows its head.
      let isHead = true;
      for (const text of lines) {
        if (!isHead || !headed) await sink.write(text);
        isHead = false;
        headed = true;
      }
    }
    const step = await history.chunks.next();
    next = step.done === true ? undefined : step.value;
  }
  return summary;
}

function* csvOf(
  channel: Vital | Waveform,
  chunk: HistoryChunk,
  summary: Summary,
  keepValues: boolean,
): Generator<Iterable<string>> {
  if (chunk.kind === 'readings') {
    if (!('scale' in channel)) throw new TypeError('readings of a waveform');
    const values = chunk.values.map((fixed) => fixed / channel.scale);
    extend(summary, values.length, chunk.seconds[0]! * 1e6, (chunk.seconds.at(-1)! + 1) * 1e6);
    if (keepValues) {
      chunk.seconds.forEach((second, i) => summary.values.push([iso(second * 1e6), values[i]!]));
    }
    yield writeNumericCsv(channel, [{ startMs: 0, secondsFromStart: chunk.seconds, values }]);
    return;
  }
  for (const runs of alike(chunk.runs)) {
    const { shape, startMicros } = runs[0]!;
    if (shape.unit !== summary.unit) {
      throw new UserError(
        `The unit changes from ${summary.unit} to ${shape.unit} at ${iso(startMicros)}; ` +
          'open the two stretches one by one with --from and --to.',
      );
    }
    if (summary.shape !== undefined && !sameShape(summary.shape, shape)) summary.shape = undefined;
    for (const run of runs) {
      extend(summary, run.samples.length, run.startMicros, timeOf(run, run.samples.length));
    }
    yield writeWaveformCsv(
      shape,
      runs.map((run) => ({ startMs: run.startMicros / 1000, samples: run.samples })),
    );
  }
}

/** Neighbours that are read alike, together. */
function alike(runs: readonly OpenedSegment[]): OpenedSegment[][] {
  const groups: OpenedSegment[][] = [];
  for (const run of runs) {
    const group = groups.at(-1);
    const isAlike = group !== undefined && group[0]!.shape.unit === run.shape.unit;
    if (isAlike && sameShape(group[0]!.shape, run.shape)) group.push(run);
    else groups.push([run]);
  }
  return groups;
}

const sameShape = (a: WaveformShape, b: WaveformShape): boolean =>
  a.sampleRateMilliHz === b.sampleRateMilliHz && a.gain === b.gain && a.baseline === b.baseline;

function extend(summary: Summary, count: number, from: number, to: number): void {
  summary.count += count;
  summary.from = Math.min(summary.from, from);
  summary.to = Math.max(summary.to, to);
}

function resultOf(
  request: HistoryRequest,
  history: History,
  { count, from, to, unit, shape, values }: Summary,
  file: string,
): object {
  const isVital = 'scale' in history.channel;
  return {
    stay: request.stay,
    channel: request.channel,
    ...(history.lead === undefined || history.lead === '' ? {} : { lead: history.lead }),
    unit,
    [isVital ? 'readings' : 'samples']: count,
    from: iso(from),
    to: iso(to),
    ...(shape === undefined
      ? {}
      : { rateHz: shape.sampleRateMilliHz / 1000, gain: shape.gain, baseline: shape.baseline }),
    servers: history.servers(),
    // Nothing that fails its commitment comes out of openHistory [S7].
    checked: 'verified',
    ...(file === '' ? {} : { out: file }),
    ...(isVital && file === '' ? { values } : {}),
  };
}

function sentence(
  { stay, channel }: HistoryRequest,
  history: History,
  { count, from, to }: Summary,
  file: string,
): string {
  const what = 'scale' in history.channel ? counted(count, 'reading') : counted(count, 'sample');
  const lead = history.lead === undefined || history.lead === '' ? '' : `:${history.lead}`;
  return (
    `${what} of ${channel}${lead} of ${stay} from ${iso(from)} to ${iso(to)}` +
    `${file === '' ? '' : ` in ${file}`}; every record verified, from ` +
    `${serverList(history.servers())}.`
  );
}

function nothingThen(request: HistoryRequest, { extent }: History): UserError {
  return new UserError(
    `Stay ${request.stay} has no ${request.channel} in that time; it has some between ` +
      `${iso(extent.from)} and ${iso(extent.to)}.`,
  );
}

/** Whole seconds where they are, else microseconds. */
function iso(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  const text = new Date(seconds * 1000).toISOString().slice(0, -5);
  const rest = micros - seconds * 1e6;
  return rest === 0 ? `${text}Z` : `${text}.${String(Math.round(rest)).padStart(6, '0')}Z`;
}
