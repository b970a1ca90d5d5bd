/**
 * Every clause of the specifications stands in the code that obeys it and in a test that proves it, and
 * no tag names a clause that is not there. Security tags ([S1] …) are defined outside the repository.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOMS, ROOT } from './house.fixture.ts';
import { projectFiles } from './files.fixture.ts';

interface Text {
  readonly file: string;
  readonly text: string;
}

const read = (file: string): Text => ({ file, text: readFileSync(join(ROOT, file), 'utf8') });
const SPECS = [
  'edge/wire/WIRE.md',
  'edge/sharing/SHARING.md',
  'cloud-sink/messages/PROTOCOL.md',
].map(read);
const SOURCES = projectFiles()
  .filter((file) => file.endsWith('.ts') && ROOMS.some((room) => file.startsWith(`${room}/`)))
  .map(read);

const DEFINED = /\*\*\[((?:WIRE|SHARE|PROTO)-\d+)\]\*\*/g;
/** With or without brackets: a tag that is spelled otherwise would be found by nobody. */
const NAMED = /(\[?)\b((?:WIRE|SHARE|PROTO)-\d+)\b(\]?)/g;
const IS_TEST = /\.(test|contract)\.ts$/;
/** What only tests use: neither obeys a clause nor proves one. */
const IS_HELP = /\.(fixture|vectors)\.ts$|\/(vectors|bench)\//;

/** One sentence a fault. */
function faultsOf(specs: readonly Text[], sources: readonly Text[]): string[] {
  const faults: string[] = [];
  const defined = new Set<string>();
  for (const { file, text } of specs) {
    for (const [, id] of text.matchAll(DEFINED)) {
      if (defined.has(id!)) faults.push(`${id!} is defined twice, in ${file} again`);
      defined.add(id!);
    }
  }
  const obeyed = new Set<string>();
  const proved = new Set<string>();
  for (const { file, text } of [...specs, ...sources]) {
    for (const [, open, id, close] of text.matchAll(NAMED)) {
      if (!defined.has(id!)) faults.push(`${file} names ${id!}, which is not defined`);
      if (open === '' || close === '') faults.push(`${file} names ${id!} without its own brackets`);
      else if (IS_TEST.test(file)) proved.add(id!);
      else if (file.endsWith('.ts') && !IS_HELP.test(file)) obeyed.add(id!);
    }
  }
  for (const id of defined) {
    if (!obeyed.has(id)) faults.push(`no code carries ${id}`);
    if (!proved.has(id)) faults.push(`no test carries ${id}`);
  }
  return faults;
}

it('every clause stands in code and in a test, every tag is a clause', () => {
  expect(SPECS.flatMap(({ text }) => [...text.matchAll(DEFINED)]).length).toBeGreaterThan(40);
  expect(faultsOf(SPECS, SOURCES)).toEqual([]);
});

it('each fault is seen once', () => {
  const spec = { file: 'a.md', text: '- **[WIRE-1]** a\n- **[WIRE-2]** b\n- **[WIRE-2]** c' };
  const code = { file: 'edge/a.ts', text: '// [WIRE-1] and WIRE-1 and [WIRE-9]' };
  const help = { file: 'edge/a.fixture.ts', text: '// [WIRE-2]' };
  const test = { file: 'edge/a.test.ts', text: '// [WIRE-2]' };
  expect(faultsOf([spec], [code, help, test])).toEqual([
    'WIRE-2 is defined twice, in a.md again',
    'edge/a.ts names WIRE-1 without its own brackets',
    'edge/a.ts names WIRE-9, which is not defined',
    'no test carries WIRE-1',
    'no code carries WIRE-2',
  ]);
});
