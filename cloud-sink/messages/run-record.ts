/**
 * The run record: fresh secrets of one start of the gateway (PROTOCOL.md, section 2) [S1].
 *
 *   {"run", "epoch", "generation", "salt", "sealed": {"<server index>": base64url}}
 *   sealed[j] = HPKE(seal key of server j, info "vitalshare run 1", aad = log ‖ run u32 ‖ index u8)
 *               of the s_A of its sets, 32 bytes each by rising mask
 */
import { type PublicIdentity } from '@vitalshare/edge/identity';
import { concatBytes, fromBase64Url, hpkeOpen, hpkeSeal } from '@vitalshare/edge/seal';
import { toBase64Url, utf8 } from '@vitalshare/edge/seal';
import { setsOfServer, type SharingConfig } from '@vitalshare/edge/sharing';
import { ByteWriter } from './byte-reader.ts';
import { RecordError } from './record-error.ts';
import { encode, fieldsOf } from './records.ts';

export interface RunRecord {
  /** Counts the runs of a log from 1. */
  readonly run: number;
  readonly epoch: number;
  /** Share generation, 1 until servers change. */
  readonly generation: number;
  /** 32 bytes, base64url: salt of the run's log key. */
  readonly salt: string;
  /** Server index → base64url. */
  readonly sealed: Readonly<Record<string, string>>;
}

export interface RunToSeal {
  /** 16 bytes. */
  readonly log: Uint8Array;
  readonly run: number;
  readonly epoch: number;
  readonly generation: number;
  readonly config: SharingConfig;
  /** In the order of the configuration: the first is server 1. */
  readonly dataServers: readonly Pick<PublicIdentity, 'seal'>[];
  /** s_A by mask: every set. */
  readonly secrets: ReadonlyMap<number, Uint8Array>;
  /** 32 bytes, fresh. */
  readonly salt: Uint8Array;
  readonly random: (lengthBytes: number) => Uint8Array;
}

const INFO = utf8('vitalshare run 1');
const SECRET_BYTES = 32;
const SERVERS_MAX = 16;
const HPKE_OVERHEAD_BYTES = 32 + 16;

/** Throws RangeError where a set's secret is missing. */
export function sealRunRecord(run: RunToSeal): RunRecord {
  const sealed = run.dataServers.map((server, index): [string, string] => {
    const secrets = setsOfServer(run.config, index + 1).map((mask) => {
      const secret = run.secrets.get(mask);
      if (secret?.length !== SECRET_BYTES) {
        throw new RangeError(`sealRunRecord: no run secret of 32 bytes for set ${mask}`);
      }
      return secret;
    });
    const aad = runAad(run.log, run.run, index + 1);
    const seal = fromBase64Url(server.seal, 32);
    const bytes = hpkeSeal(seal, INFO, aad, concatBytes(...secrets), run.random);
    return [String(index + 1), toBase64Url(bytes)];
  });
  return {
    run: run.run,
    epoch: run.epoch,
    generation: run.generation,
    salt: toBase64Url(run.salt),
    sealed: Object.fromEntries(sealed),
  };
}

/** Server `server`'s s_A by mask. Throws RecordError `sealed` where they do not open for it. */
export function openRunRecord(
  record: RunRecord,
  log: Uint8Array,
  server: number,
  config: SharingConfig,
  sealSecret: string,
): Map<number, Uint8Array> {
  const fail = (what: string) =>
    new RecordError('sealed', `run ${record.run}: the secrets of server ${server} ${what}`);
  const text = record.sealed[String(server)];
  if (text === undefined) throw fail('are missing');
  const aad = runAad(log, record.run, server);
  const opened = hpkeOpen(fromBase64Url(sealSecret, 32), INFO, aad, fromBase64Url(text));
  if (opened === null) throw fail('do not open');
  const masks = setsOfServer(config, server);
  if (opened.length !== SECRET_BYTES * masks.length) {
    throw fail(`must be ${masks.length} of 32 bytes, got ${opened.length} bytes`);
  }
  return new Map(
    masks.map((mask, i) => [mask, opened.slice(SECRET_BYTES * i, SECRET_BYTES * (i + 1))]),
  );
}

export const encodeRunRecord = (record: RunRecord): Uint8Array => encode(record, decodeRunRecord);

/** Throws RecordError and nothing else, whatever the bytes. */
export function decodeRunRecord(bytes: Uint8Array): RunRecord {
  const fields = fieldsOf('run', bytes);
  const record = {
    run: fields.integer('run', 1, 0xffffffff),
    epoch: fields.integer('epoch', 1, 0xffffffff),
    generation: fields.integer('generation', 1, 0xffffffff),
    salt: toBase64Url(fields.base64url('salt', 32)),
    sealed: Object.fromEntries(fields.entries('sealed', SERVERS_MAX).map(sealedEntry)),
  };
  fields.end();
  return record;
}

function sealedEntry([index, text]: [string, unknown]): [string, string] {
  const server = Number(index);
  if (!/^[1-9]\d?$/.test(index) || server > SERVERS_MAX) {
    throw new RecordError('json', `run record: sealed must be keyed 1 to ${SERVERS_MAX}`);
  }
  if (typeof text === 'string' && spellsBytes(text, HPKE_OVERHEAD_BYTES + SECRET_BYTES)) {
    return [index, text];
  }
  throw new RecordError('json', `run record: sealed ${index} must be base64url`);
}

function spellsBytes(text: string, lengthMin: number): boolean {
  try {
    return fromBase64Url(text).length >= lengthMin;
  } catch {
    return false;
  }
}

function runAad(log: Uint8Array, run: number, server: number): Uint8Array {
  const aad = new ByteWriter(16 + 4 + 1);
  aad.put(log);
  aad.u32(run);
  aad.u8(server);
  return aad.finish();
}
