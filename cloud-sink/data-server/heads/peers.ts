/**
 * Asks the other data servers what they hold, every few seconds, and hands it to the watch [S8].
 *
 *   GET /heads                  held heads, log by log              [PROTO-41]
 *   GET /heads?log=&upTo=       one not beyond a position, where we stand still behind that server
 *   GET /hashes/<log>?from=     ends of batches, to find where two logs part
 *
 * A peer may be gone, slow or hostile: replies are bounded, one that fails is left alone for longer.
 */
import { concatBytes } from '@vitalshare/edge/seal';
import {
  PEER_REPLY_BYTES_MAX,
  PEER_REPLY_MS_MAX,
  PEERS_BACKOFF_MS_MAX,
  PEERS_EVERY_MS,
  STUCK_ASKED_MAX,
} from '../../limits.ts';
import { type BatchEnd, parseBatchEnds, parseHeads } from '../../messages/heads.ts';
import type { HeldHead } from '../../messages/signed-head.ts';
import { bounded, get, type Getting } from '../get.ts';
import type { HeadWatch } from './watch.ts';

export interface PeersOptions extends Getting {
  /** The j-th is server j's; none where there are no others. */
  readonly addresses: readonly string[];
  /** This server's own index, which is not asked. */
  readonly server: number;
  readonly configDigest: string;
  readonly clock: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export class Peers {
  readonly #options: PeersOptions;
  /** Server → when it is asked again, and how long it was left alone. */
  readonly #resting = new Map<number, { readonly untilMs: number; readonly ms: number }>();

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /** Until `signal` aborts. */
  async watch(watch: HeadWatch): Promise<void> {
    const { signal, sleep } = this.#options;
    while (!signal.aborted) {
      await this.askAll(watch);
      await watch.tick();
      await sleep(PEERS_EVERY_MS, signal);
    }
  }

  async askAll(watch: HeadWatch): Promise<void> {
    const { addresses, server: self, clock } = this.#options;
    const asked = addresses
      .map((_, i) => i + 1)
      .filter((j) => j !== self && clock() >= (this.#resting.get(j)?.untilMs ?? 0));
    await Promise.all(asked.map((server) => this.#ask(server, watch)));
  }

  /** Whether that server has this end of a batch. Rejects where it does not answer. */
  async hasEnd(server: number, log: string, end: BatchEnd): Promise<boolean> {
    const path = `/hashes/${log}?from=${end.position}`;
    const [first] = parseBatchEnds(await this.#get(server, path));
    return first?.position === end.position && first.hash === end.hash;
  }

  async #ask(server: number, watch: HeadWatch): Promise<void> {
    const { clock, configDigest } = this.#options;
    let heads;
    const older: HeldHead[] = [];
    try {
      heads = parseHeads(await this.#get(server, '/heads'));
      if (heads.config !== configDigest) throw new Error('another configuration'); // [PROTO-1]
      for (const { log, position } of watch.stuckBehind(server).slice(0, STUCK_ASKED_MAX)) {
        const path = `/heads?log=${log}&upTo=${position}`;
        older.push(...parseHeads(await this.#get(server, path)).heads);
      }
    } catch {
      const ms = Math.min(
        2 * (this.#resting.get(server)?.ms ?? PEERS_EVERY_MS / 2),
        PEERS_BACKOFF_MS_MAX,
      );
      this.#resting.set(server, { untilMs: clock() + ms, ms });
      return;
    }
    this.#resting.delete(server);
    watch.fromPeer(server, [...older, ...heads.heads]);
  }

  #get(server: number, path: string): Promise<Uint8Array> {
    const address = this.#options.addresses[server - 1]!;
    const asked = { who: `server ${server}`, address, path, msMax: PEER_REPLY_MS_MAX };
    return get(this.#options, asked, async (response) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of bounded(response, PEER_REPLY_BYTES_MAX)) chunks.push(chunk);
      return concatBytes(...chunks);
    });
  }
}
