/**
 * `vitalshare stats <statistic> <vital>…`: one statistic over many patients, for a researcher.
 *
 * One calm sentence, or `--json` with exactly the members of `StatisticResult`. Exit codes: 0; 1 no
 * answer (refused, servers missing, damage); 2 an unknown statistic, vital sign or option.
 */
import { type Call, type Command, UserError } from '@vitalshare/edge/command/node';
import { findVital, type Vital, VITALS } from '@vitalshare/edge/vital';
import { LABEL_TEXT, STAY_NAME } from '../messages/messages.ts';
import { BINS_EXAMPLES, findBinStatistic, runBins } from './bins-command.ts';
import { asUserError, machine, namedOne, partyOf, rangeOptions, tell } from './command-options.ts';
import { ENGINE_NAMES, type EngineName } from './engines/engine.ts';
import { loadEngine } from './engines/load.ts';
import { refuseBins } from './engines/planner.ts';
import { listed } from './errors.ts';
import type { Evidence } from './evidence.ts';
import { evidenceOption, keepingEvidence } from './evidence-file.ts';
import { askGroups, type Split } from './groups.ts';
import { groupsJson, groupsText, membersOf } from './groups-text.ts';
import { PROGRESS_EVERY_MS } from '../limits.ts';
import { statisticSentence } from './sentences.ts';
import type { StatisticQuestion } from './question.ts';
import type { Progress } from './session.ts';
import { askStatistic } from './statistic.ts';
import { judgingOf } from './stats-options.ts';
import { type Statistic, STATISTIC_NAMES, statisticRow, STATISTICS } from './statistic-table.ts';

/** A test runs each of them. `BINS_EXAMPLES` are the others of the help. */
export const EXAMPLES = [
  'mean heart-rate --from 1h',
  'mean heart-rate --interval 0.95 --against 75',
  'correlation heart-rate spo2 --where arm=a',
  'correlation heart-rate spo2 --unit patient',
  'regression heart-rate --on respiratory-rate,body-temperature --json',
  'regression heart-rate --on spo2 --interval 0.99',
  't-test heart-rate --by arm --groups a,b',
  'anova spo2 --by ward',
  'mean spo2 --every 1h --from 2026-01-31 --to 2026-02-01',
  'sd respiratory-rate --by arm --json',
];

const HELP = `
Ask the data servers for a statistic over many patients. Each server computes on shares; the result
exists only here, with what was checked about it.

  vitalshare stats <statistic> <vital>… [options]

Statistics
${STATISTIC_NAMES.map((name) => `  ${name.padEnd(14)}${statisticRow(name).help}`).join('\n')}

Vital signs
${VITALS.map(({ name, unit }) => `  ${name.padEnd(28)}  ${unit}`).join('\n')}

Which rows
  --on <vital,…>          what explains the vital sign of a regression (1 to 7)
  --from <time>, --to <time>
                          from ≤ second < to, UTC: 2026-01-31, 2026-01-31T08:30:00Z, or 1h for an
                          hour ago
  --where <label=value>   only stays with this label; may be given several times
  --stays <a,b>           only these stays
  --at <q,…>              which quantiles, each between 0 and 1

How to judge
  --unit patient|row      what one observation is. A row is one second of one stay; readings of one
                          patient follow from each other, so intervals and tests take one mean a
                          patient, all of nearly equal weight. Over rows only descriptions are given
  --interval <0.95>       standard error and interval, of mean, correlation and regression with t and
                          p; 0.95 where --unit patient is given without it
  --against <number>      test the mean against this one

How to compute
  --engine <name>         shares (the default), paillier or elgamal: what each can answer depends on
                          servers and threshold, and a refusal says which can. All agree exactly

In groups
  --by <label>            the groups of t-test, anova and chi-squared; of others, one answer a
                          value of the label
  --groups <a,b>          only these values of the label
  --every <1h>            one answer a window of time, in UTC: 30s, 15m, 1h, 1d
                          A group of too few patients is listed as withheld, with the rule

Output
  --dir <folder>          the world, or the researcher's own folder (.vitalshare)
  --evidence <file>       where a server is shown to have answered wrongly, write the signed answers
                          that show it to this new file
  --json                  one line of JSON; with --every or --by {"groups": […]}

Examples
${[...EXAMPLES, ...BINS_EXAMPLES].map((example) => `  vitalshare stats ${example}`).join('\n')}

Histograms, quantiles and chi-squared are made of bins, counted by whole five minutes: an answer lags
by two minutes or so, and says over how many of the rows there are it was made. Quantiles come with
bounds that hold for certain. They are exact: the minimum cohort is all that protects a patient yet.

"verified" means that more servers agreed than could all be lying; "unchecked" that as many answered
as are needed and no more, so a wrong answer would not show. \`vitalshare catalogue\` lists what there is.
`;

export const command: Command = {
  help: HELP,
  options: {
    on: { type: 'string', multiple: true },
    at: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    where: { type: 'string', multiple: true },
    stays: { type: 'string', multiple: true },
    unit: { type: 'string' },
    engine: { type: 'string' },
    interval: { type: 'string' },
    against: { type: 'string' },
    by: { type: 'string' },
    groups: { type: 'string', multiple: true },
    every: { type: 'string' },
    dir: { type: 'string' },
    evidence: { type: 'string' },
    json: { type: 'boolean' },
  },
  run,
};

async function run(call: Call): Promise<number> {
  const [name, ...names] = call.positionals;
  const binned = findBinStatistic(name);
  const engineName = engineOf(call);
  if (binned !== undefined) {
    await asUserError(() => Promise.resolve().then(() => refuseBins(engineName, binned)));
    const vitals = names.map(vitalOf);
    const words = { vitals, where: labelsOf(call), stays: staysOf(call) };
    return runBins(binned, call, { ...words, groups: lists(call, 'groups') });
  }
  const { split, ...question } = questionOf(call, machine.clock());
  const party = partyOf(call, 'researcher');
  const engine = await loadEngine(engineName);
  const isJson = call.values['json'] === true;
  const say = (sentence: string): void => tell('stats', [sentence]);
  const asked = <T extends { readonly evidence: readonly Evidence[] }>(ask: () => Promise<T>) =>
    asUserError(() => keepingEvidence(evidenceOption(call), ask, say));
  const progress = progressTeller(machine.clock, say);
  const options = { world: machine, engine, progress };
  if (split === undefined) {
    const { result, reason, notes } = await asked(() => askStatistic(party, question, options));
    tell('stats', notes);
    const line = isJson ? JSON.stringify(membersOf(result)) : statisticSentence(result, reason);
    process.stdout.write(`${line}\n`);
    return 0;
  }
  const answer = await asked(() => askGroups(party, question, split, options));
  tell('stats', answer.notes);
  process.stdout.write(`${isJson ? groupsJson(answer) : groupsText(question, answer)}\n`);
  return 0;
}

const engineOf = (call: Call): EngineName =>
  call.values['engine'] === undefined
    ? 'shares'
    : namedOne(
        'engine',
        String(call.values['engine']),
        (typed) => ENGINE_NAMES.find((known) => known === typed),
        ENGINE_NAMES,
      );

/** How far it is, every few seconds: most questions are done before the first sentence. */
export function progressTeller(clock: () => number, say: (sentence: string) => void): Progress {
  let last = clock();
  return (done, total, what) => {
    if (clock() - last < PROGRESS_EVERY_MS || done === total) return;
    last = clock();
    say(`${done} of ${total} ${what}`);
  };
}

/** Everything that can be wrong with the words of a question is exit code 2. */
export function questionOf(
  call: Call,
  nowMs: number,
): StatisticQuestion & { readonly split: Split | undefined } {
  const [name, ...names] = call.positionals;
  if (name === undefined) {
    throw new UserError(`Name a statistic: ${STATISTIC_NAMES.join(', ')}. See --help.`, 2);
  }
  const statistic = namedOne(
    'statistic',
    name,
    (typed) => STATISTICS.find((known) => known === typed),
    STATISTIC_NAMES,
  );
  if (call.values['at'] !== undefined) {
    throw new UserError(`--at belongs to quantile; ${statistic} takes none.`, 2);
  }
  const on = lists(call, 'on');
  if (on.length > 0 && statisticRow(statistic).on === undefined) {
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
  return {
    statistic,
    vitals,
    where: labelsOf(call),
    from,
    to,
    stays: staysOf(call),
    ...judgingOf(call, statistic, lists(call, 'groups')),
  };
}

function staysOf(call: Call): string[] | undefined {
  const stays = lists(call, 'stays');
  for (const stay of stays) {
    if (!STAY_NAME.test(stay)) {
      throw new UserError(`--stays: ${stay} is no name of a stay (a-z 0-9 - _ .).`, 2);
    }
  }
  return stays.length === 0 ? undefined : [...new Set(stays)];
}

const vitalOf = (typed: string): Vital =>
  namedOne(
    'vital sign',
    typed,
    findVital,
    VITALS.map(({ name }) => name),
  );

function checkVitals(
  statistic: Statistic,
  named: number,
  on: number,
  vitals: readonly Vital[],
): void {
  const row = statisticRow(statistic);
  const [least, most] = row.vitals;
  if (named < least || named > most) {
    const takes = least === most ? String(least) : `${least} to ${most}`;
    const noun = most === 1 ? 'vital sign' : 'vital signs';
    const hint = row.on === undefined ? '' : ', and what explains it after --on';
    throw new UserError(`${statistic} takes ${takes} ${noun}${hint}; got ${named}.`, 2);
  }
  if (row.on !== undefined && (on < row.on[0] || on > row.on[1])) {
    const takes = `${row.on[0]} to ${row.on[1]}`;
    throw new UserError(`${statistic} needs ${takes} vital signs after --on; got ${on}.`, 2);
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
