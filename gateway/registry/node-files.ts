/** Node files of a gateway's folder: `nodes/<name>.json`, each written whole or not at all, 0600. */
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writePartyFile } from '@vitalshare/edge/keys/node';
import { withoutSum } from '@vitalshare/edge/seal';
import { isNodeName } from '@vitalshare/edge/wire';
import { NODE_FILE_BYTES_MAX } from '../limits.ts';
import { entryJson, type NodeEntry, parseEntry } from './entry.ts';
import type { NodeFiles } from './registry.ts';

export const nodesFolder = (gatewayFolder: string): string => join(gatewayFolder, 'nodes');

export function nodeFiles(gatewayFolder: string): NodeFiles {
  const folder = nodesFolder(gatewayFolder);
  return {
    read: (node) => readEntry(join(folder, `${node}.json`)),
    names: async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
      return names.map((name) => name.slice(0, -'.json'.length)).filter(isNodeName);
    },
  };
}

/** Undefined where there is no such file. Throws TypeError on one that is damaged. */
async function readEntry(path: string): Promise<NodeEntry | undefined> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > NODE_FILE_BYTES_MAX) throw new TypeError('the file is too large');
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return parseEntry(withoutSum(parseJson(text)));
}

/** The parser's own message quotes the text, which holds keys. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError('the file is not JSON');
  }
}

export async function writeEntry(gatewayFolder: string, entry: NodeEntry): Promise<void> {
  const folder = nodesFolder(gatewayFolder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  writePartyFile(join(folder, `${entry.node}.json`), entryJson(entry));
}
