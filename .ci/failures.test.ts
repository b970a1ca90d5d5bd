/**
 * Failures of others that are tests here: each stands beside the code it is about, in a title that
 * begins with its number and its name, so that `grep -rn "failure 13"` finds it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFiles } from './files.fixture.ts';
import { ROOT } from './house.fixture.ts';

const FAILURES = [
  'failure 10: replay, double count, batch mismatch',
  'failure 11: acknowledged before durable',
  'failure 12: the buffer recreated on reconnect',
  'failure 13: a full buffer that never drains',
  'failure 14: two readings with one timestamp, one lost',
  'failure 15: bit rot accepted as truth',
  'failure 16: alarm constants that drift from the standard',
  'failure 20: clock skew, daylight saving, a sequence number reused after a restart',
];

const TITLE = /\b(?:it|describe)(?:\.\w+\([^)]*\))*\(\s*(['"`])(failure \d+: (?:(?!\1).)*)\1/g;
const titles = projectFiles()
  .filter((file) => /\.test\.ts$/.test(file))
  .flatMap((file) => [...readFileSync(join(ROOT, file), 'utf8').matchAll(TITLE)])
  .map(([, , title]) => title!);

it.each(FAILURES)('a test is called "%s"', (name) => {
  expect(titles.filter((title) => title.startsWith(name))).not.toEqual([]);
});

it('no test spells one of them otherwise', () => {
  const numbers = FAILURES.map((name) => name.split(' ')[1]);
  const ofOurs = titles.filter((title) => numbers.includes(title.split(' ')[1]));
  expect(ofOurs.filter((title) => !FAILURES.some((name) => title.startsWith(name)))).toEqual([]);
});
