/**
 * `vitalshare stats <statistic> <vital>…`: one statistic over many patients, for a researcher.
 *
 * One calm sentence, or `--json` with exactly the members of `StatisticResult`. Exit codes: 0; 1 no
 * answer (refused, servers missing, damage); 2 an unknown statistic, vital sign or option.
 */
import { type Call, type Command, UserError } from '@vitalshare/edge/command/node';
import { findVital, type Vital, VITALS } from '@vitalshare/edge/vital';
import { LABEL_TEXT, STAY_NAME } from '../messages/messages.ts';
import { BIN_STATISTICS, BINS_HELP, findBinStatistic, runBins } from './bins-command.ts';
import { asUserError, machine, namedOne, partyOf, rangeOptions, tell } from './command-options.ts';
import { listed } from './errors.ts';
import { statisticSentence } from './sentences.ts';
import { askStatistic, type StatisticQuestion, type StatisticResult } from './statistic.ts';
import { type Statistic, STATISTICS } from './statistics.ts';

const HELP = `
Ask the data servers for a statistic over many patients. Each server computes on shares; the result
exists only here, with what was checked about it.

  vitalshare stats <statistic> <vital>… [options]

Statistics
  count                         rows (seconds of a stay) where every vital sign named is present
  mean, variance, sd            of one vital sign; variance of a sample (n − 1)
  covariance, correlation       of two
  regression                    of one, explained by those after --on
${BINS_HELP}

Vital signs
${VITALS.map(({ name, unit }) => `  ${name.padEnd(28)}  ${unit}`).join('\n')}

Options
  --on <vital,…>                what explains the vital sign of a regression (1 to 7)
  --at <q,…>                    quantiles, between 0 and 1
  --by <label>                  one group for each value of the label
  --from <time>, --to <time>    from ≤ second < to, UTC: 2026-01-31, 2026-01-31T08:30:00Z, or 1h for
                                an hour ago
  --where <label=value>         only stays with this label; may be given several times
  --stays <a,b>                 only these stays
  --dir <folder>                the world, or the researcher's own folder (.vitalshare)
  --json                        one line of JSON

Examples
  vitalshare stats mean heart-rate --from 1h
  vitalshare stats correlation heart-rate spo2 --where arm=a
  vitalshare stats regression heart-rate --on respiratory-rate,body-temperature --json
  vitalshare stats histogram spo2 --where ward=4-north
  vitalshare stats quantile heart-rate --at 0.25,0.5,0.95
  vitalshare stats chi-squared respiratory-rate --by arm

Histograms, quantiles and chi-squared are made of bins, counted by whole five minutes: an answer lags
by two minutes or so, and says over how many of the rows there are it was made. Quantiles come with
bounds that hold for certain. They are exact: the minimum cohort is all that protects a patient yet.

"verified" means that more servers agreed than could all be lying; "unchecked" that as many answered
as are needed and no more, so a wrong answer would not show.
`;

export const command: Command = {
  help: HELP,
  options: {
    on: { type: 'string', multiple: true },
    at: { type: 'string' },
    by: { type: 'string' },
    unit: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    where: { type: 'string', multiple: true },
    stays: { type: 'string', multiple: true },
    dir: { type: 'string' },
    json: { type: 'boolean' },
  },
  run,
};

async function run(call: Call): Promise<number> {
  const [name, ...names] = call.positionals;
  const binned = findBinStatistic(name);
  if (binned !== undefined) {
    const vitals = names.map(vitalOf);
    return runBins(binned, call, { vitals, where: labelsOf(call), stays: staysOf(call) });
  }
  const question = questionOf(call, machine.clock());
  const party = partyOf(call, 'researcher');
  const { result, reason, notes } = await asUserError(() =>
    askStatistic(party, question, { world: machine }),
  );
  tell('stats', notes);
  const line = call.values['json'] === true ? jsonOf(result) : statisticSentence(result, reason);
  process.stdout.write(`${line}\n`);
  return 0;
}

/** Everything that can be wrong with the words of a question is exit code 2. */
export function questionOf(call: Call, nowMs: number): StatisticQuestion {
  const [name, ...names] = call.positionals;
  if (name === undefined) {
    throw new UserError(`Name a statistic: ${NAMES.join(', ')}. See --help.`, 2);
  }
  const statistic = namedOne(
    'statistic',
    name,
    (typed) => STATISTICS.find((known) => known === typed),
    NAMES,
  );
  for (const option of ['at', 'by', 'unit']) {
    if (call.values[option] !== undefined) {
      throw new UserError(`--${option} is for ${BIN_STATISTICS.join(', ')}; not ${statistic}.`, 2);
    }
  }
  const on = lists(call, 'on');
  if (on.length > 0 && statistic !== 'regression') {
    throw new UserError(`--on belongs to regression; ${statistic} takes none.`, 2);
  }
  const vitals = [...names, ...on].map(vitalOf);
  checkVitals(statistic, names.length, on.length, vitals);
  const range = rangeOptions(call, nowMs);
  // A row is a whole second: the first at or after each end.
  const [from, to] = [range.from, range.to].map((micros) =>
    micros === undefined ? undefined : Math.ceil(micros / 1e6),
  );
  if (from !== undefined && from === to) {
    throw new UserError('--from and --to must have a whole second between them.', 2);
  }
  return { statistic, vitals, where: labelsOf(call), from, to, stays: staysOf(call) };
}

const NAMES: readonly string[] = [...STATISTICS, ...BIN_STATISTICS];

function staysOf(call: Call): string[] | undefined {
  const stays = lists(call, 'stays');
  for (const stay of stays) {
    if (!STAY_NAME.test(stay)) {
      throw new UserError(`--stays: ${stay} is no name of a stay (a-z 0-9 - _ .).`, 2);
    }
  }
  return stays.length === 0 ? undefined : [...new Set(stays)];
}

/** A regression's members stand beside `value` too, so that a script need not look at its type. */
const jsonOf = (result: StatisticResult): string =>
  JSON.stringify(typeof result.value === 'number' ? result : { ...result, ...result.value });

const vitalOf = (typed: string): Vital =>
  namedOne(
    'vital sign',
    typed,
    findVital,
    VITALS.map(({ name }) => name),
  );

/** How many vital signs each statistic takes: [least, most]. */
const ARITY: Readonly<Record<Statistic, readonly [number, number]>> = {
  count: [1, 8],
  mean: [1, 1],
  variance: [1, 1],
  sd: [1, 1],
  covariance: [2, 2],
  correlation: [2, 2],
  regression: [1, 1],
};

function checkVitals(
  statistic: Statistic,
  named: number,
  on: number,
  vitals: readonly Vital[],
): void {
  const [least, most] = ARITY[statistic];
  if (named < least || named > most) {
    const takes = least === most ? String(least) : `${least} to ${most}`;
    const noun = most === 1 ? 'vital sign' : 'vital signs';
    const hint = statistic === 'regression' ? ', and what explains it after --on' : '';
    throw new UserError(`${statistic} takes ${takes} ${noun}${hint}; got ${named}.`, 2);
  }
  if (statistic === 'regression' && (on < 1 || on > 7)) {
    throw new UserError(`regression needs 1 to 7 vital signs after --on; got ${on}.`, 2);
  }
  const twice = vitals.filter((vital, i) => vitals.indexOf(vital) !== i).map(({ name }) => name);
  if (twice.length > 0) throw new UserError(`${listed(twice)} is named twice.`, 2);
}

function labelsOf(call: Call): Record<string, string> {
  const labels = new Map<string, string>();
  for (const text of lists(call, 'where')) {
    const [key = '', value = '', ...rest] = text.split('=');
    if (rest.length > 0 || !LABEL_TEXT.test(key) || !LABEL_TEXT.test(value)) {
      throw new UserError(`--where must be label=value, got ${text}.`, 2);
    }
    if (labels.has(key)) throw new UserError(`--where names the label ${key} twice.`, 2);
    labels.set(key, value);
  }
  return Object.fromEntries(labels);
}

/** A repeated option of comma-separated names. An empty one is a mistake, never "all". */
function lists(call: Call, name: string): string[] {
  const given = [call.values[name] ?? []].flat().map(String);
  const names = given.flatMap((text) => text.split(','));
  if (!names.includes('')) return names;
  throw new UserError(`--${name} must be names with commas between, got an empty one.`, 2);
}
