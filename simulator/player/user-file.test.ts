/** Files somebody named: what is not a recording's own, or has no end, is refused in a sentence. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecording } from './read-recording.ts';
import { readUserFile, unpacked } from './user-file.ts';

let folder = '';
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'user-file-'));
  mkdirSync(at('record'));
  mkdirSync(at('elsewhere'));
  writeFileSync(at('elsewhere/secret'), 'not of the record');
  writeFileSync(at('record/own.dat'), new Uint8Array([1, 2, 3, 4]));
  symlinkSync(at('elsewhere/secret'), at('record/link.dat'));
  symlinkSync('own.dat', at('record/near.dat'));
  symlinkSync(at('record'), at('linked'));
  writeFileSync(at('record/link.hea'), 'link 1 100 2\nlink.dat 16 200 16 0 0 0 0 II\n');
  execFileSync('mkfifo', [at('record/pipe.dat')]);
  writeFileSync(at('record/huge.dat'), '');
  truncateSync(at('record/huge.dat'), 513 * 2 ** 20);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a user's file", () => {
  it('is read, through a link of its owner too', () => {
    expect([...readUserFile(at('record/own.dat'))]).toEqual([1, 2, 3, 4]);
    expect([...readUserFile(at('record/near.dat'), at('record'))]).toEqual([1, 2, 3, 4]);
    expect([...readUserFile(at('linked/own.dat'), at('linked'))]).toEqual([1, 2, 3, 4]);
    expect(readUserFile(at('record/link.dat'))).toHaveLength(17);
  });

  it.each([
    ['record/pipe.dat', 'pipe.dat is no regular file.'],
    ['record', 'record is no regular file.'],
    ['none.dat', /^there is no file .*none.dat\.$/],
    ['record/huge.dat', 'huge.dat is larger than 512 MiB.'],
  ])('%s is refused', (name, words) => {
    expect(() => readUserFile(at(name))).toThrow(words);
  });

  it('is no device', () => {
    expect(() => readUserFile('/dev/zero')).toThrow('/dev/zero is no regular file.');
  });

  it('named by a header lies beside it, links followed', () => {
    expect(() => readUserFile(at('record/link.dat'), at('record'))).toThrow(
      'link.dat leads out of the folder of its record.',
    );
    expect(() => readRecording(at('record/link.hea'), readUserFile)).toThrow(
      'link.dat leads out of the folder of its record.',
    );
  });
});

describe('a packed file', () => {
  it('unpacks to a bound and no further', () => {
    const bomb = gzipSync(new Uint8Array(2 ** 20 + 1));
    expect(() => unpacked('a.csv.gz', bomb, 2 ** 20)).toThrow(
      'a.csv.gz is larger than 1 MiB unpacked.',
    );
    expect(unpacked('a.csv.gz', gzipSync(new Uint8Array(2 ** 20)), 2 ** 20)).toHaveLength(2 ** 20);
  });

  it.each([
    ['cut short', gzipSync('Time [s],HR\n0,70\n').subarray(0, 20)],
    ['none', new Uint8Array([1, 2, 3])],
    ['empty', new Uint8Array()],
  ])('that is %s is said to be no gzip', (_, bytes) => {
    expect(() => unpacked('a.csv.gz', bytes)).toThrow('a.csv.gz is not a whole gzip file.');
  });
});
