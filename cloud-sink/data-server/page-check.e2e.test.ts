/** Pages of lmdb with flipped bits, and files cut off: looked at by a process that may die of it. */
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Applier } from './apply.ts';
import { openStore } from './open-store.ts';
import { checkPages } from './page-check.ts';
import { applyLog, column, makeWorld, TestLog } from './world.fixture.ts';

const T = 1_700_000_000;
const PAGE_BYTES = 4_096;
/** Of lmdb: page flags u16 at byte 18 of a page's header; 2 is a leaf. */
const isLeaf = (bytes: Buffer, page: number): boolean =>
  bytes.readUInt16LE(PAGE_BYTES * page + 18) === 2;

const parent = mkdtempSync(join(tmpdir(), 'vitalshare-pages-'));
const good = join(parent, 'good');
const log = new TestLog(makeWorld());
afterAll(() => rmSync(parent, { recursive: true, force: true }));
beforeAll(async () => {
  const store = await openStore(good, () => expect.unreachable());
  log.stay(1, 'bed-1');
  for (let i = 0; i < 100; i++) log.frame(1, { spo2: column(T + 60 * i, [970, 971, 972]) });
  log.commit();
  const applier = new Applier(log.world.dataServers[0]!, store);
  applyLog(applier, log);
  await applier.flush();
  await store.close();
});

function copy(name: string): { folder: string; file: string } {
  const folder = join(parent, name);
  cpSync(good, folder, { recursive: true });
  return { folder, file: join(folder, 'data.mdb') };
}

it('[PROTO-45] finds nothing where all is well, running or closed', async () => {
  expect(await checkPages(good)).toBeUndefined();
});

it('[PROTO-45] a file cut off ends the one that looks, and is made again at the next start', async () => {
  const { folder, file } = copy('cut');
  truncateSync(file, statSync(file).size - 2 * PAGE_BYTES);
  expect(await checkPages(folder)).toMatch(/^has (pages|damaged|lost)/);
  const said: string[] = [];
  const store = await openStore(folder, (sentence) => said.push(sentence));
  expect(said).toEqual([expect.stringMatching(/^the store has .* made again from the log/)]);
  const applier = new Applier(log.world.dataServers[0]!, store);
  expect(applier.books.logs).toEqual([]);
  applyLog(applier, log);
  await applier.flush();
  await store.close();
  expect(await checkPages(folder)).toBeUndefined();
  expect(statSync(join(`${folder}-damaged`, 'data.mdb')).size).toBeGreaterThan(0);
});

it('[PROTO-45] a leaf whose keys moved is never taken for a whole one', async () => {
  const whole = readFileSync(join(good, 'data.mdb'));
  const leaves = Array.from({ length: whole.length / PAGE_BYTES }, (_, page) => page).filter(
    (page) => page > 1 && isLeaf(whole, page),
  );
  expect(leaves.length).toBeGreaterThan(5);
  // The first key of the fullest leaf gives way to its second: one key less, one twice.
  const fullest = leaves.sort((a, b) => lowerOf(whole, b) - lowerOf(whole, a))[0]!;
  const { folder, file } = copy('keys');
  const bytes = Buffer.from(whole);
  const at = PAGE_BYTES * fullest + HEADER_BYTES;
  bytes.copy(bytes, at, at + 2, at + 4);
  writeFileSync(file, bytes);
  expect(await checkPages(folder)).toMatch(/^has (lost keys of|damaged books|pages that)/);
});

/** Page header of this lmdb, then u16 offsets of nodes; how far these reach stands at byte 20. */
const HEADER_BYTES = 24;
const lowerOf = (bytes: Buffer, page: number): number => bytes.readUInt16LE(PAGE_BYTES * page + 20);
