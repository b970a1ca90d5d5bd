/** A store opened for looking at it, beside a server that runs on it or without one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';
import { CheckedStore } from './checked-store.ts';
import { LmdbStore } from './store-lmdb.ts';

export interface LookOptions {
  /** `store/` of a party folder. */
  readonly folder: string;
  readonly json: boolean;
  /** One line or more, without the last line end. */
  readonly out: (text: string) => unknown;
  readonly err: (text: string) => unknown;
  /** ms UTC. */
  readonly clock: () => number;
}

/** Throws UserError where there is no store. */
export function needStore(folder: string): void {
  if (existsSync(join(folder, 'data.mdb'))) return;
  throw new UserError(
    `${folder} holds no store; --dir needs the party folder of a data server that ran once.`,
  );
}

/** Throws StoreError where it cannot be opened. */
export const openForLooking = (folder: string): CheckedStore<LmdbStore> =>
  new CheckedStore(new LmdbStore(folder, { readOnly: true }));
