/**
 * Begins a run: fresh secrets for every set, sealed to its members, in a run record [S1].
 *
 *   s_A random at every start ─► root_A = HKDF-Extract(s_A, K_A) ─► every mask of this run
 *
 * Secrets and roots live in memory only. Nothing that decides a mask is read back from the disk, so
 * a gateway restored from a copy, or run twice, cannot mask two readings alike.
 */
import {
  type Configuration,
  encodeGenesis,
  encodeRunRecord,
  type Genesis,
  KIND,
  logRunKey,
  sealRunRecord,
} from '@vitalshare/cloud-sink/messages';
import { fromHex, toHex } from '@vitalshare/edge/seal';
import { MaskKeys, maskRoot, setsOf } from '@vitalshare/edge/sharing';
import { EMPTY_HEAD } from '@vitalshare/cloud-sink/messages';
import type { Disk } from './disk.ts';
import { LogIndex } from './log-index.ts';
import { type LogTools, MaskedLog } from './masked-log.ts';
import { fileOfLog } from './open-logs.ts';

export interface RunKeys {
  readonly epoch: number;
  /** K_A by mask. */
  readonly split: ReadonlyMap<number, Uint8Array>;
  /** L. */
  readonly log: Uint8Array;
}

export interface RunOptions {
  readonly configuration: Configuration;
  readonly configDigest: string;
  readonly keys: RunKeys;
  readonly random: (lengthBytes: number) => Uint8Array;
}

/** A new log with its genesis; `continues` are the logs it follows on. */
export async function createLog(
  disk: Disk,
  options: Pick<RunOptions, 'configDigest' | 'random'>,
  continues: readonly { log: string; position: number }[],
  tools: LogTools,
  made?: (genesis: Genesis) => void,
): Promise<MaskedLog> {
  const log = toHex(options.random(16));
  const file = await disk.open(fileOfLog(log));
  const state = { log, file, head: EMPTY_HEAD, bytes: 0, time: 0, index: new LogIndex() };
  const begun = new MaskedLog(state, tools);
  const genesis = { log, config: options.configDigest, created: tools.clock(), continues };
  await begun.appendAlone(0, { kind: KIND.genesis, bytes: encodeGenesis(genesis) });
  made?.(genesis);
  return begun;
}

/** Appends the run record of run `run` and returns the keys that mask its readings. */
export async function startRun(
  log: MaskedLog,
  run: number,
  { configuration, keys, random }: RunOptions,
  begun?: (salt: Uint8Array) => void,
): Promise<MaskKeys> {
  const config = { servers: configuration.servers, threshold: configuration.threshold };
  const { generation, dataServers } = configuration;
  const secrets = new Map(setsOf(config).map((mask) => [mask, random(32)]));
  const salt = random(32);
  const logId = fromHex(log.log, 16);
  const context = { log: logId, epoch: keys.epoch, run, generation };
  const record = sealRunRecord({ ...context, config, dataServers, secrets, salt, random });
  await log.appendAlone(run, { kind: KIND.run, bytes: encodeRunRecord(record) });
  log.startRun(run, logRunKey(keys.log, salt, logId, run));
  begun?.(salt);
  const roots = new Map(
    [...secrets].map(([mask, secret]) => [mask, maskRoot(keys.split.get(mask)!, secret)]),
  );
  return new MaskKeys(config, context, roots);
}
