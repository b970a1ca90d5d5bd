/**
 * The JSON records of a log: genesis and stay (PROTOCOL.md, section 2; the run record has its own
 * file). Their bytes are canonical JSON and nothing else, so one record has one spelling.
 */
import { toBase64Url } from '@vitalshare/edge/seal';
import { CONTINUED_LOGS_MAX, LABELS_MAX } from '../limits.ts';
import { canonicalBytes, CanonicalError, parseCanonical } from './canonical.ts';
import { Fields } from './fields.ts';
import { type Labels, LABEL_EXPECTED, LABEL_TEXT, parseLabels } from './names.ts';
import { STAY_EXPECTED, STAY_NAME } from './names.ts';
import { RecordError } from './record-error.ts';

/** Position 0 of every log. */
export interface Genesis {
  /** 16 bytes in hex: the log's name. */
  readonly log: string;
  /** configDigest, base64url. */
  readonly config: string;
  /** ms UTC. */
  readonly created: number;
  /** Logs this one follows on, up to the positions the gateway still knew of. */
  readonly continues: readonly { readonly log: string; readonly position: number }[];
}

/** Announces a stay or changes its tag, admission or labels; number and name belong together. */
export interface Stay {
  /** What masked frames of this log call it. */
  readonly number: number;
  readonly stay: string;
  /** The pseudonymous patient tag: several stays of one patient share it. */
  readonly tag: string;
  readonly admitted: boolean;
  readonly labels: Labels;
}

export const encodeGenesis = (genesis: Genesis): Uint8Array => encode(genesis, decodeGenesis);
export const encodeStay = (stay: Stay): Uint8Array => encode(stay, decodeStay);

/** Throws RecordError and nothing else, whatever the bytes. */
export function decodeGenesis(bytes: Uint8Array): Genesis {
  const fields = fieldsOf('genesis', bytes);
  const genesis = {
    log: fields.logId('log'),
    config: toBase64Url(fields.base64url('config', 32)),
    created: fields.integer('created', 0, Number.MAX_SAFE_INTEGER),
    continues: fields.list('continues', 0, CONTINUED_LOGS_MAX).map((item) => {
      const part = new Fields(item, (message) => json('genesis', message));
      const log = part.logId('log');
      const position = part.integer('position', 0, Number.MAX_SAFE_INTEGER);
      part.end();
      return { log, position };
    }),
  };
  fields.end();
  return genesis;
}

/** Throws RecordError and nothing else, whatever the bytes. */
export function decodeStay(bytes: Uint8Array): Stay {
  const fields = fieldsOf('stay', bytes);
  const stay = {
    number: fields.integer('number', 0, 0xffffffff),
    stay: fields.text('stay', STAY_NAME, STAY_EXPECTED),
    tag: fields.text('tag', LABEL_TEXT, LABEL_EXPECTED),
    admitted: fields.boolean('admitted'),
    labels: parseLabels(fields.entries('labels', LABELS_MAX), (message) => json('stay', message)),
  };
  fields.end();
  return stay;
}

/** The fields of a record's canonical JSON; a wrong one throws RecordError `json`. */
export function fieldsOf(record: string, bytes: Uint8Array): Fields {
  try {
    return new Fields(parseCanonical(bytes), (message) => json(record, message));
  } catch (error) {
    if (error instanceof CanonicalError) throw json(record, error.message);
    throw error;
  }
}

const json = (record: string, message: string): RecordError =>
  new RecordError('json', `${record} record: ${message}`);

/** Throws RangeError on a record its decoder would refuse: a caller's bug. */
export function encode<Value>(value: Value, decode: (bytes: Uint8Array) => Value): Uint8Array {
  try {
    const bytes = canonicalBytes(value);
    decode(bytes);
    return bytes;
  } catch (error) {
    throw new RangeError('a log record that its decoder refuses', { cause: error });
  }
}
