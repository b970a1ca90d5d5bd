/**
 * What a node is given at its enrolment, as one JSON file:
 *
 *   { "vitalshare": "node-credential", "version": 1, "node", "mqttUrl", "password", "keyEpoch",
 *     "upKey", "downKey", "sum" }                 keys: 32 bytes in base64url without padding;
 *                                                 sum: a checksum, may be absent (`checked-json.ts`)
 *
 * The file is a secret. Errors name the field that is wrong and never quote what it holds.
 */
import { EncodingError, fromBase64Url, toBase64Url } from '../seal/bytes.ts';
import { withoutSum, withSum } from '../seal/checked-json.ts';
import { isNodeName } from '../wire/topics.ts';

export interface NodeCredential {
  readonly node: string;
  /** `mqtt:`, `mqtts:`, `ws:` or `wss:`, without user name and password. */
  readonly mqttUrl: string;
  readonly password: string;
  /** 0 to 65,535. */
  readonly keyEpoch: number;
  readonly upKey: Uint8Array;
  readonly downKey: Uint8Array;
}

export const CREDENTIAL_ERRORS = {
  'not-json': 'the text is not a JSON object',
  'not-a-credential': 'the file says that it is something else',
  'unknown-version': 'a later version of the file',
  'bad-sum': 'the checksum does not fit',
  'bad-field': 'a field is missing, has the wrong type, or is not one of the fields above',
} as const;
export type CredentialErrorCode = keyof typeof CREDENTIAL_ERRORS;

export class CredentialError extends Error {
  override readonly name = 'CredentialError';
  readonly code: CredentialErrorCode;
  constructor(code: CredentialErrorCode, detail: string) {
    super(`node credential: ${detail}`);
    this.code = code;
  }
}

const KIND = 'node-credential';
const VERSION = 1;
const KEY_BYTES = 32;
const KEY_EPOCH_MAX = 0xffff;
const PROTOCOLS = ['mqtt:', 'mqtts:', 'ws:', 'wss:'];
const FIELDS = [
  ...['vitalshare', 'version', 'node', 'mqttUrl', 'password', 'keyEpoch', 'upKey', 'downKey'],
];

/** Throws CredentialError. */
export function parseCredential(json: string): NodeCredential {
  const fields = summed(objectOf(json));
  if (fields['vitalshare'] !== KIND) {
    throw new CredentialError('not-a-credential', `expected "vitalshare": "${KIND}"`);
  }
  if (fields['version'] !== VERSION) {
    throw new CredentialError('unknown-version', `expected "version": ${VERSION}`);
  }
  if (Object.keys(fields).some((field) => !FIELDS.includes(field))) bad('a field', 'one we know');
  const { node, mqttUrl, password, keyEpoch } = fields;
  if (typeof node !== 'string' || !isNodeName(node)) return bad('node', 'the name of a node');
  if (typeof mqttUrl !== 'string' || !isMqttUrl(mqttUrl)) {
    return bad('mqttUrl', 'mqtt://, mqtts://, ws:// or wss:// without user name and password');
  }
  if (typeof password !== 'string' || password === '') return bad('password', 'text');
  if (typeof keyEpoch !== 'number' || !isKeyEpoch(keyEpoch)) {
    return bad('keyEpoch', `an integer from 0 to ${KEY_EPOCH_MAX}`);
  }
  const upKey = keyOf('upKey', fields['upKey']);
  const downKey = keyOf('downKey', fields['downKey']);
  return { node, mqttUrl, password, keyEpoch, upKey, downKey };
}

/** The file's text; what `parseCredential` reads back. */
export function formatCredential(credential: NodeCredential): string {
  const { node, mqttUrl, password, keyEpoch } = credential;
  const upKey = toBase64Url(credential.upKey);
  const downKey = toBase64Url(credential.downKey);
  const head = { vitalshare: KIND, version: VERSION };
  const fields = { ...head, node, mqttUrl, password, keyEpoch, upKey, downKey };
  const text = `${JSON.stringify(withSum(fields), null, 2)}\n`;
  parseCredential(text);
  return text;
}

function objectOf(json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    value = null; // The parser's own message quotes the text.
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new CredentialError('not-json', 'expected a JSON object');
}

function summed(fields: Record<string, unknown>): Record<string, unknown> {
  try {
    return withoutSum(fields) as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CredentialError('bad-sum', error.message);
  }
}

function keyOf(field: string, value: unknown): Uint8Array {
  const expected = `${KEY_BYTES} bytes in base64url`;
  if (typeof value !== 'string') return bad(field, expected);
  try {
    return fromBase64Url(value, KEY_BYTES);
  } catch (error) {
    if (error instanceof EncodingError) return bad(field, expected);
    throw error;
  }
}

const isKeyEpoch = (epoch: number): boolean =>
  Number.isInteger(epoch) && epoch >= 0 && epoch <= KEY_EPOCH_MAX;

function isMqttUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return PROTOCOLS.includes(protocol) && hostname !== '' && username === '' && password === '';
}

function bad(field: string, expected: string): never {
  throw new CredentialError('bad-field', `${field}: expected ${expected}`);
}
