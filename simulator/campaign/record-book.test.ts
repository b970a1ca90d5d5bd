import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { entryCount, readEntries, RecordBook } from './record-book.ts';

const folder = mkdtempSync(join(tmpdir(), 'vitalshare-book-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('keeps what was written, through openings, and counts only what is whole', () => {
  const file = join(folder, 'a');
  expect([entryCount(file), readEntries(file)]).toEqual([0, []]);
  const first = { boot: 4_294_967_295, sequence: 1, index: 7 };
  for (const entry of [first, { boot: 2, sequence: 3, index: 0 }]) {
    const book = new RecordBook(file);
    book.append(entry);
    book.close();
  }
  appendFileSync(file, 'torn');
  expect(entryCount(file)).toBe(2);
  expect(readEntries(file)).toEqual([first, { boot: 2, sequence: 3, index: 0 }]);
  expect(readEntries(file, 1)).toEqual([{ boot: 2, sequence: 3, index: 0 }]);
});
