/**
 * What the gateway knows of one node: `nodes/<name>.json`, written at enrolment, readable by the
 * gateway's account only.
 *
 *   { "node", "id": decimal u63, "passwordHash", "keyEpoch", "upKey", "downKey",
 *     "labels", "stay", "tag", "admitted", "revoked" }
 *
 * Keys are base64url of 32 bytes, the hash is SHA-256 of the password's text. `id` names the node in
 * the tags of the log [PROTO-8]; it is random, so a node enrolled again under an old name after its
 * file was lost is another node and no frame of the old one counts against it.
 */
import { LABEL_TEXT, type Labels, STAY_NAME } from '@vitalshare/cloud-sink/messages';
import { fromBase64Url, toBase64Url } from '@vitalshare/edge/seal';
import { isNodeName } from '@vitalshare/edge/wire';
import { LABELS_MAX } from '../limits.ts';

export interface NodeEntry {
  readonly node: string;
  /** Random, below 2^63. */
  readonly id: bigint;
  /** SHA-256 of the password. */
  readonly passwordHash: Uint8Array;
  readonly keyEpoch: number;
  readonly upKey: Uint8Array;
  readonly downKey: Uint8Array;
  readonly labels: Labels;
  /** Its stay: its own name until somebody admits it to another. */
  readonly stay: string;
  /** The pseudonymous patient tag of its stay. */
  readonly tag: string;
  readonly admitted: boolean;
  readonly revoked: boolean;
}

export const entryJson = (entry: NodeEntry): Record<string, unknown> => ({
  ...entry,
  id: String(entry.id),
  passwordHash: toBase64Url(entry.passwordHash),
  upKey: toBase64Url(entry.upKey),
  downKey: toBase64Url(entry.downKey),
});

/** Throws TypeError that names the field and never quotes it. */
export function parseEntry(value: unknown): NodeEntry {
  if (typeof value !== 'object' || value === null) throw new TypeError('expected an object');
  const fields = new Map<string, unknown>(Object.entries(value));
  const text = (field: string, is: (value: string) => boolean, expected: string): string => {
    const got = fields.get(field);
    if (typeof got !== 'string' || !is(got)) throw new TypeError(`${field} must be ${expected}`);
    return got;
  };
  const flag = (field: string): boolean => {
    const got = fields.get(field);
    if (typeof got !== 'boolean') throw new TypeError(`${field} must be true or false`);
    return got;
  };
  const bytes = (field: string): Uint8Array =>
    fromBase64Url(text(field, isKeyText, 'base64url of 32 bytes'), 32);
  return {
    node: text('node', isNodeName, 'the name of a node'),
    id: BigInt(text('id', isNodeId, 'a decimal number below 2^63')),
    passwordHash: bytes('passwordHash'),
    keyEpoch: parseKeyEpoch(fields.get('keyEpoch')),
    upKey: bytes('upKey'),
    downKey: bytes('downKey'),
    labels: parseLabels(fields.get('labels')),
    stay: text('stay', (name) => STAY_NAME.test(name), 'the name of a stay'),
    tag: text('tag', (tag) => LABEL_TEXT.test(tag), '1 to 64 characters of A-Z a-z 0-9 - _ .'),
    admitted: flag('admitted'),
    revoked: flag('revoked'),
  };
}

/** Throws TypeError: at most 16, keys and values 1 to 64 characters of `A-Z a-z 0-9 - _ .` */
export function parseLabels(value: unknown): Labels {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError('labels must be an object');
  }
  const labels = Object.entries(value);
  if (labels.length > LABELS_MAX) throw new TypeError(`labels must be at most ${LABELS_MAX}`);
  const wrong = ([key, label]: [string, unknown]): boolean =>
    !LABEL_TEXT.test(key) || typeof label !== 'string' || !LABEL_TEXT.test(label);
  if (labels.some(wrong)) {
    throw new TypeError('labels must be 1 to 64 characters of A-Z a-z 0-9 - _ . on both sides');
  }
  return Object.fromEntries(labels);
}

function parseKeyEpoch(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535) {
    return value;
  }
  throw new TypeError('keyEpoch must be a whole number from 0 to 65535');
}

const isNodeId = (text: string): boolean =>
  /^(?:0|[1-9]\d{0,18})$/.test(text) && BigInt(text) < 2n ** 63n;

function isKeyText(text: string): boolean {
  try {
    return fromBase64Url(text).length === 32;
  } catch {
    return false;
  }
}
