/**
 * `vitalshare enroll <node>`: makes a node known to the gateway and writes the one file to carry.
 *
 *   <dir>/gateway/nodes/<node>.json       what the gateway checks frames with; read at connect
 *   <dir>/nodes/<node>/credential.json    what the node is given, readable by its owner only
 *
 * The world may be running or stopped. A node that exists keeps its keys and gets the new labels.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Labels } from '@vitalshare/cloud-sink/messages';
import { type Call, type Command, textOption, UserError } from '@vitalshare/edge/command/node';
import { loadParty, urlAt, writePartyFile } from '@vitalshare/edge/keys/node';
import { formatCredential } from '@vitalshare/edge/loop';
import { withoutSum } from '@vitalshare/edge/seal';
import { isNodeName } from '@vitalshare/edge/wire';
import { type NodeEntry, parseLabels } from './entry.ts';
import { enroll, relabel } from './enroll.ts';
import { nodeFiles, writeEntry } from './node-files.ts';

const HELP = `
usage: vitalshare enroll <node> [--label key=value]... [--dir .vitalshare] [--json]

Gives a sensor node its credentials. The node's name is 1 to 32 characters of a-z 0-9 - _ . and
starts with a letter or digit. Prints the path of the one file to carry to the node; whoever holds
that file is the node. A node enrolled again keeps its keys; labels given
replace those it had, for its whole stay.

  --label key=value   a label of the node's stay, for cohorts; 16 at most,
                      1 to 64 characters of A-Z a-z 0-9 - _ . on both sides
  --dir <folder>      the world's folder (default .vitalshare)
  --json              one JSON object instead of a sentence
`;

export const command: Command = {
  help: HELP,
  options: {
    label: { type: 'string', multiple: true },
    dir: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async (call) => {
    const node = nodeOf(call);
    const dir = textOption(call, 'dir', '.vitalshare');
    const done = await enrollInto(dir, node, labelsOf(call), random);
    const { credential, isNew, labels } = done;
    process.stdout.write(
      call.values['json'] === true
        ? `${JSON.stringify({ node, credential, new: isNew, labels })}\n`
        : sentence(node, credential, isNew),
    );
    return 0;
  },
};

export interface Enrolled {
  readonly credential: string;
  readonly isNew: boolean;
  readonly labels: Labels;
}

/** `labels` undefined leaves those of a known node as they are. Throws UserError. */
export async function enrollInto(
  dir: string,
  node: string,
  labels: Labels | undefined,
  randomBytes: (lengthBytes: number) => Uint8Array,
): Promise<Enrolled> {
  const gatewayFolder = join(dir, 'gateway');
  if (!existsSync(gatewayFolder)) {
    throw new UserError(
      `there is no world in ${dir}; start one with \`vitalshare up\` or name its folder with --dir.`,
    );
  }
  const folder = join(dir, 'nodes', node);
  const credential = join(folder, 'credential.json');
  const known = await readKnown(gatewayFolder, node);
  if (known !== undefined) {
    const entry = relabel(known, labels ?? known.labels);
    await writeEntry(gatewayFolder, entry);
    return { credential, isNew: false, labels: entry.labels };
  }
  const mqttUrl = mqttUrlOf(gatewayFolder);
  const made = enroll({ node, labels: labels ?? {}, mqttUrl }, randomBytes);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // The credential first: a gateway that knows a node whose keys nobody holds would be stuck with it.
  writePartyFile(credential, withoutSum(JSON.parse(formatCredential(made.credential))));
  await writeEntry(gatewayFolder, made.entry);
  return { credential, isNew: true, labels: made.entry.labels };
}

async function readKnown(gatewayFolder: string, node: string): Promise<NodeEntry | undefined> {
  try {
    return await nodeFiles(gatewayFolder).read(node);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UserError(
      `the gateway's file of ${node} is damaged (${error.message}); restore it, or remove it to enroll the node anew.`,
    );
  }
}

function mqttUrlOf(gatewayFolder: string): string {
  const { mqtt } = loadParty(gatewayFolder).addresses;
  if (mqtt === undefined || mqtt.port === 0) {
    throw new UserError(
      `${join(gatewayFolder, 'addresses.json')} names no MQTT port; start the world once with \`vitalshare up\`.`,
    );
  }
  return urlAt('mqtt', mqtt);
}

function nodeOf({ positionals }: Call): string {
  const [node, ...more] = positionals;
  if (node === undefined) throw new UserError('name the node: vitalshare enroll <node>.', 2);
  if (more.length > 0) throw new UserError(`one node at a time, got ${positionals.length}.`, 2);
  if (isNodeName(node)) return node;
  throw new UserError(
    `${JSON.stringify(node)} is no name for a node: 1 to 32 characters of a-z 0-9 - _ . and a letter or digit first.`,
    2,
  );
}

function labelsOf({ values }: Call): Labels | undefined {
  const given = values['label'];
  if (given === undefined) return undefined;
  const labels: Record<string, string> = {};
  for (const text of [given].flat().map(String)) {
    const at = text.indexOf('=');
    if (at < 1) throw new UserError(`--label must be key=value, got ${JSON.stringify(text)}.`, 2);
    const key = text.slice(0, at);
    if (Object.hasOwn(labels, key)) throw new UserError(`--label ${key} is given twice.`, 2);
    Object.defineProperty(labels, key, { value: text.slice(at + 1), enumerable: true });
  }
  try {
    return parseLabels(labels);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UserError(`--label: ${error.message}.`, 2);
  }
}

const sentence = (node: string, credential: string, isNew: boolean): string =>
  isNew
    ? `${node} is enrolled. Carry this one file to it, and show it to nobody else:\n${credential}\n`
    : `${node} was enrolled before and keeps its keys, and its labels unless --label gave others.\n${credential}\n`;

const random = (lengthBytes: number): Uint8Array => new Uint8Array(randomBytes(lengthBytes));
