/**
 * One process a node: `node.lock` in the node's folder, beside its journal. Two that send as one node
 * would hand out the same boots and erase each other's frames.
 */
import { lockFolder } from '@vitalshare/edge/keys/node';

/** Throws UserError, with the pid, where another process is this node. Returns what releases it. */
export const lockNode = (folder: string, name: string): (() => void) =>
  lockFolder(folder, 'node', `the node ${name}`);
