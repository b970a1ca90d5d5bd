/**
 * The enrolled nodes, read from their files when they connect and again while they stay, so that
 * enrolling, relabelling and revoking need no restart.
 *
 * The password is compared as SHA-256 in constant time; an unknown name costs the same comparison,
 * so the time of a refusal does not tell which names exist.
 */
import { isDeepStrictEqual } from 'node:util';
import { constantTimeEqual, sha256 } from '@vitalshare/edge/seal';
import { isNodeName } from '@vitalshare/edge/wire';
import { NODES_MAX } from '../limits.ts';
import type { NodeEntry } from './entry.ts';

export interface NodeFiles {
  /** Undefined where there is none; throws TypeError where it is damaged, else what the system said. */
  read(node: string): Promise<NodeEntry | undefined>;
  names(): Promise<string[]>;
}

const NO_HASH = new Uint8Array(32);

export class Registry {
  readonly #files: NodeFiles;
  readonly #damaged: (node: string, error: unknown) => void;
  readonly #known = new Map<string, NodeEntry>();

  constructor(files: NodeFiles, damaged: (node: string, error: unknown) => void) {
    this.#files = files;
    this.#damaged = damaged;
  }

  /** As last read. */
  get(node: string): NodeEntry | undefined {
    return this.#known.get(node);
  }

  get known(): ReadonlyMap<string, NodeEntry> {
    return this.#known;
  }

  /** Reads every file there is; returns the nodes that were known and are not any more. */
  async loadAll(): Promise<string[]> {
    const gone: string[] = [];
    for (const node of new Set([...this.#known.keys(), ...(await this.#files.names())])) {
      const wasKnown = this.#known.has(node);
      if ((await this.load(node)) === undefined && wasKnown) gone.push(node);
    }
    return gone;
  }

  /**
   * Reads the node's file anew. Undefined: not enrolled, revoked, or its file is damaged. Where it
   * cannot be read, what was read last still holds.
   */
  async load(node: string): Promise<NodeEntry | undefined> {
    const entry = isNodeName(node) ? await this.#read(node) : undefined;
    if (entry === undefined || entry.revoked) {
      this.#known.delete(node);
      return undefined;
    }
    const known = this.#known.get(node);
    // The same object while nothing changed: whoever compares it need not look inside.
    if (known !== undefined && isDeepStrictEqual(known, entry)) return known;
    if (known === undefined && this.#known.size >= NODES_MAX) return undefined;
    this.#known.set(node, entry);
    return entry;
  }

  /** Whether name and password belong to an enrolled node that is not revoked. */
  async admit(node: string, password: Uint8Array): Promise<boolean> {
    const entry = await this.load(node);
    const same = constantTimeEqual(sha256(password), entry?.passwordHash ?? NO_HASH);
    return entry !== undefined && same;
  }

  async #read(node: string): Promise<NodeEntry | undefined> {
    try {
      const entry = await this.#files.read(node);
      return entry?.node === node ? entry : undefined;
    } catch (error) {
      this.#damaged(node, error);
      // A disk that does not answer now (EMFILE, EIO) says nothing about the node.
      return error instanceof TypeError ? undefined : this.#known.get(node);
    }
  }
}
