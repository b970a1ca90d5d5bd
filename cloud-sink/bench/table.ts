/**
 * The rows of the benchmark as one Markdown table, for the terminal and for the README.
 *
 * Every ratio is of two figures measured in the same run. A target stands beside it whether it was
 * met or not.
 */
import { readFileSync, writeFileSync } from 'node:fs';

export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly peer?: string;
  /** What `target` is about, as a number. */
  readonly figure?: number;
  readonly target?: { readonly most: number } | { readonly least: number };
}

const START = '<!-- npm run bench -->';
const END = '<!-- end of npm run bench -->';

const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

function targetOf({ figure, target }: Row): string {
  if (target === undefined || figure === undefined) return '';
  const [sign, bound] = 'most' in target ? ['≤', target.most] : ['≥', target.least];
  const isMet = 'most' in target ? figure <= target.most : figure >= target.least;
  return `${sign} ${bound}${isMet ? '' : ' (missed)'}`;
}

export function markdownTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    row.measured,
    row.peer ?? '',
    row.figure === undefined ? '' : digits(row.figure),
    targetOf(row),
  ]);
  const all = [['what', 'measured', 'beside', 'figure', 'target'], ...cells];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((each) => each[i]!.length)));
  const line = (each: readonly string[]) =>
    `| ${each.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(all[0]!), rule, ...all.slice(1).map(line)].join('\n');
}

/** Replaces what stands between the two markers. Throws Error where they are missing. */
export function writeInto(file: string, block: string): void {
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(START), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${file} has no "${START}" … "${END}"`);
  writeFileSync(file, `${text.slice(0, from + START.length)}\n\n${block}\n\n${text.slice(to)}`);
}

/** Ours over a peer's time. */
export function ratioRow(
  what: string,
  ms: number,
  peer: string,
  peerMs: number,
  target: NonNullable<Row['target']>,
): Row {
  const spelled = (time: number): string => `${time < 10 ? time.toFixed(1) : time.toFixed(0)} ms`;
  return {
    what,
    measured: spelled(ms),
    peer: `${peer}: ${spelled(peerMs)}`,
    figure: ms / peerMs,
    target,
  };
}
