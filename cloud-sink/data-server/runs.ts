/**
 * Runs of logs: each run record opened once, its secrets turned into the keys of this server's
 * masks and of the log's bodies.
 *
 * Nothing opened is ever stored: the sealed record is, and is opened again after a restart, so the
 * store alone (a stolen disk without keys.json and identity.json) derives nothing.
 */
import type { Identity } from '@vitalshare/edge/identity';
import type { Configuration } from '@vitalshare/edge/keys';
import type { ServerKeys } from '@vitalshare/edge/keys/node';
import { fromBase64Url } from '@vitalshare/edge/seal';
import { MaskKeys, maskRoot } from '@vitalshare/edge/sharing';
import { logRunKey } from '../messages/batch.ts';
import { RecordError } from '../messages/record-error.ts';
import { decodeRunRecord, openRunRecord, type RunRecord } from '../messages/run-record.ts';
import { type Books, logBytes } from './books.ts';
import type { LogState } from './state.ts';

export interface Run {
  readonly record: RunRecord;
  readonly keys: MaskKeys;
  /** Opens the sealed bodies of its batches. */
  readonly bodyKey: Uint8Array;
}

/** This data server's place among the parties, and its keys. */
export interface ServerParty {
  readonly identity: Identity;
  readonly configuration: Configuration;
  /** base64url [PROTO-1]. */
  readonly configDigest: string;
  /** Index from 1. */
  readonly server: number;
  readonly keys: ServerKeys;
}

export class Runs {
  readonly #party: ServerParty;
  readonly #books: Books;
  readonly #kept = new Map<LogState, Map<number, Run>>();

  constructor(party: ServerParty, books: Books) {
    this.#party = party;
    this.#books = books;
  }

  keep(log: LogState, run: Run): void {
    this.#runsOf(log).set(run.record.run, run);
  }

  of(log: LogState, run: number): Run | undefined {
    return this.#runsOf(log).get(run);
  }

  #runsOf(log: LogState): Map<number, Run> {
    let runs = this.#kept.get(log);
    if (!runs) {
      const stored = this.#books.storedRuns(log);
      runs = new Map([...stored].map(([run, bytes]) => [run, this.open(log, bytes)]));
      this.#kept.set(log, runs);
    }
    return runs;
  }

  /** Throws RecordError where the record or its secrets are not for this server. */
  open(log: LogState, bytes: Uint8Array): Run {
    const { identity, configuration, server, keys } = this.#party;
    const record = decodeRunRecord(bytes);
    const { run, epoch, generation } = record;
    if (generation !== configuration.generation) {
      const wanted = `generation ${configuration.generation}`;
      throw new RecordError('range', `run ${run} is of generation ${generation}, not of ${wanted}`);
    }
    const splitKeys = keys.split.get(epoch);
    if (!splitKeys) {
      throw new RecordError('sealed', `run ${run} needs the split keys of epoch ${epoch}`);
    }
    const id = logBytes(log);
    const secrets = openRunRecord(record, id, server, configuration, identity.sealSecret);
    const roots = new Map(
      [...secrets].map(([mask, secret]) => [mask, maskRoot(splitKeys.get(mask)!, secret)]),
    );
    return {
      record,
      keys: new MaskKeys(configuration, { log: id, epoch, run, generation }, roots),
      bodyKey: logRunKey(keys.log, fromBase64Url(record.salt, 32), id, run),
    };
  }
}
