import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { CheckedStore } from './checked-store.ts';
import { storeContract } from './store.contract.ts';
import { LmdbStore } from './store-lmdb.ts';
import { MemoryStore } from './store-memory.fixture.ts';

const folders: string[] = [];
let folder = '';

afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true });
});

const makeLmdb = (): LmdbStore => {
  folder = mkdtempSync(join(tmpdir(), 'vitalshare-store-'));
  folders.push(folder);
  return new LmdbStore(folder);
};

storeContract('memory', () => new MemoryStore(), undefined);
storeContract('lmdb', makeLmdb, () => new LmdbStore(folder));
storeContract('memory with checksums', () => new CheckedStore(new MemoryStore()), undefined);
storeContract(
  'lmdb with checksums',
  () => new CheckedStore(makeLmdb()),
  () => new CheckedStore(new LmdbStore(folder)),
);
