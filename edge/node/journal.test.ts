import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { journalContract } from './journal.contract.ts';
import { type DiskJournal, JournalError, openDiskJournal } from './journal.ts';

const root = mkdtempSync(join(tmpdir(), 'vitalshare-journal-'));
const opened: DiskJournal[] = [];
let folders = 0;

afterAll(async () => {
  for (const journal of opened) await journal.close();
  rmSync(root, { recursive: true });
});

const newFolder = () => join(root, String(folders++));
/** A clock that was never set, so that boots count from 1. */
const clock = () => 0;

async function openAt(folder: string, durable: 'process' | 'power' = 'process') {
  const journal = await openDiskJournal(folder, { durable, clock });
  opened.push(journal);
  return journal;
}

const frame = (text: string) => new TextEncoder().encode(text);

for (const durable of ['process', 'power'] as const) {
  describe(`a journal on a disk that survives the loss of ${durable}`, () => {
    journalContract(async () => {
      const folder = newFolder();
      return { journal: await openAt(folder, durable), reopen: () => openAt(folder, durable) };
    });
  });
}

describe('a journal on a disk', () => {
  it('writes these bytes', async () => {
    const folder = newFolder();
    const journal = await openAt(folder);
    expect(await journal.openBoot()).toBe(1);
    await journal.append(1, 7, frame('abc'));
    await journal.erase(1, [{ first: 2, last: 3 }]);
    expect(readFileSync(join(folder, 'boot'), 'utf8')).toBe('1\n');
    // Length and CRC-32 (IEEE 802.3, computed with Python's zlib) of each body, then the body.
    expect(readFileSync(join(folder, 'frames-1.log')).toString('hex')).toBe(
      '08000000' + 'a9794aa6' + '0107000000616263' + '09000000' + 'bb946f98' + '020200000003000000',
    );
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'frames-1.log')).mode & 0o777).toBe(0o600);
  });

  it('tolerates a tail torn at any byte and keeps what came before', async () => {
    const folder = newFolder();
    const journal = await openAt(folder);
    await journal.openBoot();
    await journal.append(1, 1, frame('first'));
    const whole = statSync(join(folder, 'frames-1.log')).size;
    await journal.append(1, 2, frame('second'));
    const full = readFileSync(join(folder, 'frames-1.log'));
    for (let size = whole; size < full.length; size++) {
      const torn = newFolder();
      mkdirSync(torn);
      writeFileSync(join(torn, 'boot'), '1\n');
      writeFileSync(join(torn, 'frames-1.log'), full.subarray(0, size));
      const found = await openAt(torn);
      expect(await found.pending()).toEqual([{ boot: 1, sequences: [1] }]);
      expect(found.cutBytes).toBe(size - whole);
      expect(statSync(join(torn, 'frames-1.log')).size).toBe(whole);
    }
  });

  it('does not believe a record with a flipped bit', async () => {
    const folder = newFolder();
    const journal = await openAt(folder);
    await journal.openBoot();
    await journal.append(1, 1, frame('first'));
    await journal.append(1, 2, frame('second'));
    const file = join(folder, 'frames-1.log');
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    expect(await (await openAt(folder)).pending()).toEqual([{ boot: 1, sequences: [1] }]);
  });

  it('is not led astray by records of other kinds or lengths', async () => {
    const folder = newFolder();
    const journal = await openAt(folder);
    await journal.openBoot();
    await journal.append(1, 1, frame('first'));
    appendFileSync(join(folder, 'frames-1.log'), Buffer.from('ffffffff00000000', 'hex'));
    expect(await (await openAt(folder)).pending()).toEqual([{ boot: 1, sequences: [1] }]);
    truncateSync(join(folder, 'frames-1.log'), 0);
    expect(await (await openAt(folder)).pending()).toEqual([]);
  });

  it('removes the file of a settled boot, at once or at the next start', async () => {
    const folder = newFolder();
    const journal = await openAt(folder);
    await journal.openBoot();
    await journal.append(1, 1, frame('x'));
    await journal.openBoot();
    await journal.erase(1, [{ first: 1, last: 1 }]);
    expect(readdirSync(folder).toSorted()).toEqual(['boot', 'frames-2.log']);
    await openAt(folder);
    expect(readdirSync(folder)).toEqual(['boot']);
  });

  it('writes a mostly settled file anew', async () => {
    const folder = newFolder();
    const journal = await openAt(folder);
    await journal.openBoot();
    const large = new Uint8Array(60_000).fill(1);
    for (let i = 1; i <= 40; i++) {
      await journal.append(1, i, large);
      if (i > 2) await journal.erase(1, [{ first: i, last: i }]);
    }
    expect(statSync(join(folder, 'frames-1.log')).size).toBeLessThan(1_400_000);
    await journal.append(1, 41, frame('after'));
    for (const kept of [journal, await openAt(folder)]) {
      expect(await kept.pending()).toEqual([{ boot: 1, sequences: [1, 2, 41] }]);
      expect(await kept.read(1, 2)).toEqual(large);
      expect(await kept.read(1, 41)).toEqual(frame('after'));
    }
  });

  it('leaves nothing of a boot in which no frame could be kept', async () => {
    const folder = newFolder();
    const journal = await openAt(folder);
    await journal.openBoot();
    await journal.append(1, 1, frame('kept'));
    const handle = await open(join(folder, 'boot'));
    const handles = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const full = vi.spyOn(handles, 'appendFile').mockRejectedValue(new Error('ENOSPC'));
    try {
      await expect(journal.append(1, 2, frame('x'))).rejects.toThrow('ENOSPC');
      for (let boot = 2; boot <= 40; boot++) {
        expect(await journal.openBoot()).toBe(boot);
        await expect(journal.append(boot, 1, frame('x'))).rejects.toThrow('ENOSPC');
      }
    } finally {
      full.mockRestore();
    }
    expect(await journal.openBoot()).toBe(41);
    await journal.append(41, 1, frame('again'));
    expect(readdirSync(folder).toSorted()).toEqual(['boot', 'frames-1.log', 'frames-41.log']);
    expect(await journal.pending()).toEqual([
      { boot: 1, sequences: [1] },
      { boot: 41, sequences: [1] },
    ]);
  });

  it('failure 20: clock skew, daylight saving, a sequence number reused after a restart: a folder that lost its boot counter is refused [S12]', async () => {
    const folder = newFolder();
    const journal = await openAt(folder);
    await journal.openBoot();
    await journal.append(1, 1, frame('x'));
    for (const text of ['', '0\n', '1', '-1\n', '1e3\n', '12345678901\n']) {
      writeFileSync(join(folder, 'boot'), text);
      await expect(openAt(folder)).rejects.toThrow(JournalError);
    }
    rmSync(join(folder, 'boot'));
    await expect(openAt(folder)).rejects.toMatchObject({ code: 'boot-lost' });
  });

  it('says so when the boots are used up', async () => {
    const folder = newFolder();
    const journal = await openAt(folder);
    await journal.openBoot();
    writeFileSync(join(folder, 'boot'), '4294967295\n');
    const last = await openAt(folder);
    await expect(last.openBoot()).rejects.toMatchObject({ code: 'boots-used-up' });
  });

  it('failure 20: clock skew, daylight saving, a sequence number reused after a restart: no boot is opened below the clock, so that an emptied folder repeats none [S12]', async () => {
    const at = (date: number) => openDiskJournal(newFolder(), { clock: () => date });
    const journal = await at(Date.UTC(2020, 0, 1, 0, 1, 40));
    opened.push(journal);
    expect(await journal.openBoot()).toBe(100);
    expect(await journal.openBoot()).toBe(101);
    const emptied = await at(Date.UTC(2020, 0, 1, 0, 1, 42));
    opened.push(emptied);
    expect(await emptied.openBoot()).toBe(102);
  });
});
