/**
 * `vitalshare open <stay> <vital|waveform>`: one patient's history, for a physician.
 *
 * CSV to stdout or `--out`; `--json` tells what was opened. Every record is verified before it is
 * shown. Exit codes: 0; 1 unknown stay, nothing of that channel, damage, servers missing; 2 a
 * channel, lead or option that does not exist.
 */
import { type Call, type Command, textOption, UserError } from '@vitalshare/edge/command/node';
import { findVital, findWaveform, LEADS, VITALS, WAVEFORMS } from '@vitalshare/edge/vital';
import type { Vital, Waveform } from '@vitalshare/edge/vital';
import { STAY_NAME } from '../messages/messages.ts';
import { asUserError, machine, namedOne, partyOf, rangeOptions, tell } from './command-options.ts';
import { fileSink, noSink, stdoutSink } from './csv-sink.ts';
import { counted, listed, serverList } from './errors.ts';
import { type History, openHistory } from './history.ts';
import { iso, writeHistory, type Written } from './history-csv.ts';
import type { HistoryRequest } from './history-extent.ts';

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
      const summary = await writeHistory(history, first.value, sink, json && file === '');
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

function resultOf(
  request: HistoryRequest,
  history: History,
  { count, from, to, unit, shape, values }: Written,
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
  { count, from, to }: Written,
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
