/**
 * One server's help with what another one lost: its shares of it, masked so that they fit together
 * only where the other one's own share is (PROTOCOL.md, /repair). [PROTO-47] [PROTO-48] [S5] [S9]
 *
 * The mask is bound to everything that decides the shares, and to a nonce that the admission takes
 * once, so nobody ever gets it over other data, nor the same data twice under it. A value that fails
 * its checksum throws while it is read: a helper that sent a share which is known to be wrong, a
 * column of zeros say, would give the mask away.
 */
import { keyId, type PublicIdentity } from '@vitalshare/edge/identity';
import { toBase64Url } from '@vitalshare/edge/seal';
import { maskForRepair } from '@vitalshare/edge/sharing/repair';
import { REPAIRS_A_MINUTE_MAX } from '../limits.ts';
import { canonicalDigest } from '../messages/canonical.ts';
import { ProblemError } from '../messages/problem.ts';
import { type RepairAnswer, repairData, type RepairQuery } from '../messages/repair.ts';
import type { SignedBy } from '../messages/signature.ts';
import type { Applier } from './apply.ts';
import { repairBinding } from './masked-products.ts';
import { heldPart } from './repair-part.ts';
import type { Store } from './store.ts';

const MINUTE_MS = 60_000;

export class RepairDesk {
  readonly #applier: Applier;
  readonly #store: Store;
  readonly #clock: () => number;
  /** keyId → what it asked since `sinceMs`. */
  readonly #asked = new Map<string, { sinceMs: number; count: number }>();

  constructor(applier: Applier, store: Store, clock: () => number) {
    this.#applier = applier;
    this.#store = store;
    this.#clock = clock;
  }

  /** Throws ProblemError `too-many`. */
  admit({ keyId: asker }: Pick<SignedBy, 'keyId'>): void {
    const nowMs = this.#clock();
    const held = this.#asked.get(asker);
    // A clock that was put back begins a minute of its own.
    const isSame = held && nowMs >= held.sinceMs && nowMs < held.sinceMs + MINUTE_MS;
    const minute = isSame ? held : { sinceMs: nowMs, count: 0 };
    this.#asked.set(asker, minute);
    if (++minute.count <= REPAIRS_A_MINUTE_MAX) return;
    throw new ProblemError('too-many', 'too many repairs in one minute; ask again in the next', {
      limit: REPAIRS_A_MINUTE_MAX,
    });
  }

  /** The position must have been reached and be on the disk. Throws ProblemError, StoreDamage. */
  answer(query: RepairQuery, asker: PublicIdentity, signedBy: SignedBy): RepairAnswer {
    const { party, hashes } = this.#applier;
    const { configuration, server, keys } = party;
    const missing = configuration.dataServers.findIndex(({ sign }) => sign === asker.sign) + 1;
    if (missing === server) throw new ProblemError('bad-request', 'a server cannot help itself');
    const held = heldPart(this.#applier, this.#store, query);
    if (!held) throw new ProblemError('not-found', 'this server has no such thing either');
    const [asOf] = hashes.asOf({ [query.log]: query.position });
    const digest = canonicalDigest(query);
    const data = repairData(asOf!.log, asOf!.hash, held.shown);
    const masked = held.shares.slice();
    const binding = repairBinding(party, signedBy, digest, data, keyId(asker));
    maskForRepair(configuration, { helper: server, missing, keys: keys.zero }, binding, masked);
    return {
      server,
      generation: configuration.generation,
      config: party.configDigest,
      query: toBase64Url(digest),
      data: toBase64Url(data),
      public: held.shown,
      masked,
    };
  }
}
