/** Groups of a statistic for people and for scripts: a table, and the JSON `{"groups": […]}`. */
import { utcOf } from './utc.ts';
import { serverList } from './errors.ts';
import type { Group, GroupsAnswer } from './groups.ts';
import type { StatisticQuestion } from './question.ts';
import { shown } from './sentences.ts';
import type { StatisticResult } from './statistic.ts';
import { unitOf } from './statistic-table.ts';
import { table } from './text-table.ts';

/** Members of one result in JSON: a regression's stand beside `value` too, for scripts. */
export const membersOf = (result: StatisticResult): object =>
  typeof result.value === 'number' ? result : { ...result, ...result.value };

/** `{"groups": [{"from", "to" or "label", then a result's members or "withheld"}]}`. */
export const groupsJson = ({ groups }: GroupsAnswer): string =>
  JSON.stringify({
    groups: groups.map((group) => ({
      ...(group.from === undefined ? {} : { from: utcOf(group.from), to: utcOf(group.to!) }),
      ...(group.label === undefined ? {} : { label: group.label }),
      ...(group.answer === undefined
        ? { withheld: group.withheld }
        : membersOf(group.answer.result)),
    })),
  });

export function groupsText(question: StatisticQuestion, { groups }: GroupsAnswer): string {
  const answers = groups.flatMap(({ answer }) => answer ?? []);
  const results = answers.map(({ result }) => result);
  const [first] = results;
  const unit = unitOf(question.statistic, question.vitals);
  const names = question.vitals.map(({ name }) => name).join(', ');
  const kinds = VALUES.filter(({ of }) => results.some((result) => of(result) !== undefined));
  const head = [
    groups[0]?.label === undefined ? 'from (UTC)' : Object.keys(groups[0].label)[0]!,
    ...[
      'rows',
      'patients',
      ...kinds.map(({ head }) => (head === 'interval' ? intervalHead(first!) : head)),
    ],
  ];
  const rows = groups.map((group) => {
    if (group.answer === undefined) return [keyText(group), '', '', 'withheld'];
    const { result } = group.answer;
    const cells = kinds.map(({ of }) => of(result) ?? '');
    return [keyText(group), String(result.count), String(result.patients), ...cells];
  });
  const reasons = answers.map(({ reason }) => reason);
  const checked = reasons.every((reason) => reason === undefined)
    ? 'verified'
    : `${first!.checked}: ${reasons.find((reason) => reason !== undefined)!}`;
  const servers = [...new Set(results.flatMap(({ servers: own }) => own))].sort((a, b) => a - b);
  const what = `${question.statistic} of ${names}${unit === '1' ? '' : ` in ${unit}`}`;
  const over = first!.unitOfAnalysis === undefined ? '' : ", over patients' means";
  return [
    `The ${what}${over}, from ${serverList(servers)} (${checked}):`,
    '',
    table([head, ...rows], [0]),
    ...withheldLines(groups),
  ].join('\n');
}

/** Columns in their order; one that no group has is left out. */
const VALUES: readonly {
  readonly head: string;
  readonly of: (result: StatisticResult) => string | undefined;
}[] = [
  { head: 'value', of: ({ value }) => (typeof value === 'number' ? shown(value) : undefined) },
  {
    head: 'intercept',
    of: ({ value }) => (typeof value === 'number' ? undefined : shown(value.intercept)),
  },
  {
    head: 'coefficients',
    of: ({ value }) =>
      typeof value === 'number'
        ? undefined
        : Object.values(value.coefficients).map(shown).join(', '),
  },
  {
    head: 'R²',
    of: ({ value }) => (typeof value === 'number' ? undefined : shown(value.rSquared)),
  },
  {
    head: 'interval',
    of: ({ interval }) => interval && `${shown(interval[0])} to ${shown(interval[1])}`,
  },
  { head: 'p', of: ({ p, against }) => (p === undefined || against === 0 ? undefined : shown(p)) },
];

const intervalHead = ({ confidence }: StatisticResult): string =>
  confidence === undefined ? 'interval' : `${100 * confidence} % interval`;

const keyText = ({ from, label }: Group): string =>
  label === undefined ? utcOf(from!).replace('T', ' ').replace('Z', '') : Object.values(label)[0]!;

/** Each reason once. */
function withheldLines(groups: readonly Group[]): string[] {
  const reasons = new Map<string, number>();
  for (const { withheld } of groups) {
    if (withheld) reasons.set(withheld.reason, (reasons.get(withheld.reason) ?? 0) + 1);
  }
  if (reasons.size === 0) return [];
  const lines = [...reasons].map(([reason, times]) => `  ${times} withheld: ${reason}`);
  return ['', ...lines];
}
