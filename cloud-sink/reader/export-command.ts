/**
 * `vitalshare export <stay>`: all channels of one patient's stay as files, for a physician.
 *
 * Every record is verified before a file is written; what fails leaves no file behind. Exit codes:
 * 0; 1 unknown stay, nothing in that time, damage, servers missing, a folder in use; 2 an option that
 * does not exist.
 */
import { type Call, type Command, textOption, UserError } from '@vitalshare/edge/command/node';
import { STAY_NAME } from '../messages/messages.ts';
import { asUserError, machine, partyOf, rangeOptions, tell } from './command-options.ts';
import { counted, ReaderError, serverList } from './errors.ts';
import { type ExportedFile, openExportFolder } from './export-folder.ts';
import { writeCsvExport } from './export-csv.ts';
import { writeWfdbExport } from './export-wfdb.ts';
import { openHistory } from './history.ts';
import { iso } from './history-csv.ts';
import type { Range } from './history-runs.ts';
import { askStay, channelsOf } from './stay.ts';

const FORMATS = { wfdb: writeWfdbExport, csv: writeCsvExport } as const;
type Format = keyof typeof FORMATS;

const HELP = `
Write all channels of one patient's stay as files, with a physician's key. Opened and verified here,
as \`vitalshare open\` does.

  vitalshare export <stay> --out <folder> [options]

Options
  --out <folder>               a new or empty folder for the files
  --format wfdb                (default) <stay>.hea and .dat with all waveforms, <stay>n.hea and .dat
                               with the numbers of each second; gain, baseline and unit as recorded.
                               A gap becomes missing samples; where nothing was recorded for more than
                               10 minutes (a day, in the numbers), or a gain changes, another record
                               begins: <stay>_1, <stay>_2, … Another sampling rate is another record too
  --format csv                 one table a channel: <stay>-ecg-V5.csv, <stay>-heart-rate.csv
  --from <time>, --to <time>   from ≤ time < to, UTC: 2026-01-31, 2026-01-31T08:30:00Z, or 1h for an
                               hour ago; without them, everything
  --json                       say what was written as one line of JSON
  --dir <folder>               the world, or the physician's own folder (.vitalshare)

Examples
  vitalshare export bed-1 --out bed-1-export
  vitalshare export rec100 --format csv --from 1h --out last-hour
`;

export const command: Command = {
  help: HELP,
  options: {
    out: { type: 'string' },
    format: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    dir: { type: 'string' },
    json: { type: 'boolean' },
  },
  run,
};

async function run(call: Call): Promise<number> {
  const { stay, format, out, range } = requestOf(call, machine.clock());
  const party = partyOf(call, 'physician');
  const { files, servers, notes } = await asUserError(async () => {
    const found = await askStay(party, machine, stay, {});
    const used = new Set<number>();
    const told = new Set<string>();
    const folder = await openExportFolder(out);
    try {
      const written = await FORMATS[format]({
        ...{ stay, channels: channelsOf(found), folder },
        open: async ({ channel, lead }) => {
          const history = await openHistory(
            party,
            { stay, channel, lead, ...range },
            { world: machine },
          );
          return {
            ...history,
            chunks: after(history.chunks, () => {
              history.servers().forEach((server) => used.add(server));
              history.notes().forEach((note) => told.add(note));
            }),
          };
        },
      });
      if (written.length === 0) {
        throw new ReaderError('absent-channel', `Stay ${stay} has nothing in that time.`);
      }
      return { files: written, servers: [...used].sort((a, b) => a - b), notes: [...told] };
    } catch (error) {
      await folder.discard();
      throw error;
    }
  });
  tell('export', notes);
  if (call.values['json'] === true) {
    const result = { stay, format, out, servers, checked: 'verified', files: files.map(plain) };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } else tell('export', [sentence(stay, out, files, servers)]);
  return 0;
}

/** Everything that can be wrong with the words of a request is exit code 2. */
function requestOf(call: Call, nowMs: number) {
  const [stay, ...more] = call.positionals;
  if (stay === undefined || more.length > 0) {
    throw new UserError('Name one stay. See --help.', 2);
  }
  const out = textOption(call, 'out', '');
  if (out === '') throw new UserError('Name a folder for the files with --out.', 2);
  const typed = textOption(call, 'format', 'wfdb');
  const format = (Object.keys(FORMATS) as Format[]).find((each) => each === typed);
  if (format === undefined) {
    throw new UserError(`--format must be wfdb or csv, got ${typed}.`, 2);
  }
  if (!STAY_NAME.test(stay)) throw new UserError(`There is no stay ${stay}.`);
  return { stay, format, out, range: rangeOptions(call, nowMs) };
}

async function* after<T>(chunks: AsyncIterable<T>, done: () => void): AsyncGenerator<T, void> {
  yield* chunks;
  done();
}

const plain = ({ name, channels, count, rateHz, span }: ExportedFile): object => ({
  name,
  channels,
  count,
  ...(rateHz === undefined ? {} : { rateHz }),
  from: iso(span.from),
  to: iso(span.to),
});

function sentence(
  stay: string,
  out: string,
  files: readonly ExportedFile[],
  servers: readonly number[],
): string {
  const span: Range = {
    from: Math.min(...files.map((file) => file.span.from)),
    to: Math.max(...files.map((file) => file.span.to)),
  };
  const channels = new Set(files.flatMap((file) => file.channels));
  return (
    `${counted(channels.size, 'channel')} of ${stay} from ${iso(span.from)} to ${iso(span.to)} in ` +
    `${out}: ${files.map(({ name }) => name).join(', ')}; every record verified, from ` +
    `${serverList(servers)}.`
  );
}
