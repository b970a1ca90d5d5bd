/**
 * Enrolment as a pure function: what the gateway keeps of a node, and what the node carries away.
 *
 * The password, both keys and the id are drawn here; the gateway keeps the password's hash only. A
 * node enrolled again gets the new labels and keeps everything else: its credential stays good.
 */
import type { Labels } from '@vitalshare/cloud-sink/messages';
import type { NodeCredential } from '@vitalshare/edge/loop';
import { sha256, toBase64Url, utf8 } from '@vitalshare/edge/seal';
import { isNodeName } from '@vitalshare/edge/wire';
import { type NodeEntry, parseLabels } from './entry.ts';

export interface Enrolment {
  readonly node: string;
  readonly labels: Labels;
  readonly mqttUrl: string;
}

/** A node that was not known before. Throws TypeError on a name or labels that cannot be. */
export function enroll(
  { node, labels, mqttUrl }: Enrolment,
  random: (lengthBytes: number) => Uint8Array,
): { readonly entry: NodeEntry; readonly credential: NodeCredential } {
  if (!isNodeName(node)) {
    throw new TypeError(
      'a node’s name is 1 to 32 of a-z 0-9 - _ . and starts with a letter or digit',
    );
  }
  const password = toBase64Url(random(32));
  const keys = { keyEpoch: 1, upKey: random(32), downKey: random(32) };
  const entry = {
    node,
    id: u63(random(8)),
    passwordHash: sha256(utf8(password)),
    ...keys,
    labels: parseLabels(labels),
    stay: node,
    tag: toBase64Url(random(12)),
    admitted: false,
    revoked: false,
  };
  return { entry, credential: { node, mqttUrl, password, ...keys } };
}

/** The entry with the labels of a later enrolment; a revoked node stays revoked. */
export const relabel = (entry: NodeEntry, labels: Labels): NodeEntry => ({
  ...entry,
  labels: parseLabels(labels),
});

const u63 = (bytes: Uint8Array): bigint =>
  new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true) >> 1n;
