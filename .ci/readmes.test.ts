/**
 * What READMEs say of the files: links lead somewhere, the files of a table are there, the example of
 * edge is the file that is run (`simulator/example.e2e.test.ts`); and no file names a machine's paths.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOMS, ROOT } from './house.fixture.ts';
import { projectFiles } from './files.fixture.ts';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const READMES = ['README.md', ...ROOMS.map((room) => `${room}/README.md`)];

/** Relative targets of links and images. */
const linksOf = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^\w+:/.test(target));

/** Paths in backticks in the first cell of a table's row: folders with a `/` at the end, or files. */
const tablePathsOf = (text: string): string[] =>
  [...text.matchAll(/^\|([^|]+)\|/gm)]
    .flatMap(([, cell]) => [...cell!.matchAll(/`([^`\s]+)`/g)].map(([, path]) => path!))
    .filter((path) => /\/$|\.(ts|md|svg|css|json)$/.test(path) && !path.startsWith('/'));

describe.each(READMES)('%s', (readme) => {
  it('is there, and its links and files too', () => {
    const text = read(readme);
    const missing = [...linksOf(text), ...tablePathsOf(text)].filter(
      (path) => !existsSync(join(ROOT, dirname(readme), path)),
    );
    expect(missing).toEqual([]);
  });
});

it('the sensor of edge/README.md is edge/node/example.ts', () => {
  expect(read('edge/README.md')).toContain(`\`\`\`ts\n${read('edge/node/example.ts')}\`\`\`\n`);
});

/** An absolute path that only one machine has. */
const MACHINE_PATH = /(?<![\w.~\/-])\/(work|root|home|Users)\/\w/;

it('no file names a path of the machine it was written on', () => {
  expect(MACHINE_PATH.test(`see ${['', 'home', 'me', 'x'].join('/')}`)).toBe(true);
  const naming = projectFiles().filter((file) => MACHINE_PATH.test(read(file)));
  expect(naming).toEqual([]);
});
