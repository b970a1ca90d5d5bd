import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { storeContract } from './store.contract.ts';
import { LmdbStore } from './store-lmdb.ts';
import { MemoryStore } from './store-memory.fixture.ts';

const folders: string[] = [];
let folder = '';

afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true });
});

storeContract('memory', () => new MemoryStore(), undefined);

storeContract(
  'lmdb',
  () => {
    folder = mkdtempSync(join(tmpdir(), 'vitalshare-store-'));
    folders.push(folder);
    return new LmdbStore(folder);
  },
  () => new LmdbStore(folder),
);
