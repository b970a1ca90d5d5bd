/**
 * What one server does for encrypted sums (PROTOCOL.md, section 4): it encrypts its own additive share
 * of each moment, and helps to decrypt sums of what all servers of a set encrypted for one question.
 *
 *   number     Enc(λ_j·s_j + z_j mod p), z_j bound to the set and all that decides s_j [PROTO-85] [S15]
 *   partial    of Σ_{j∈S} numbers that each j signed for this question of this asker     [PROTO-87]
 *
 * It never decrypts anything else: no single server's number, nothing of another asker or question, no
 * ciphertext whose maker does not show that it knows what is in it.
 */
import { keyId, type PublicIdentity } from '@vitalshare/edge/identity';
import { signer, verify } from '@vitalshare/edge/identity/node';
import { P } from '@vitalshare/edge/field';
import { concatBytes, fromBase64Url, toBase64Url } from '@vitalshare/edge/seal';
import { additiveZeros, pairKeys, weightAtZero } from '@vitalshare/edge/sharing/additive';
import {
  addCiphertexts,
  type Ciphertext,
  CIPHERTEXT_BYTES,
  decodeCiphertext,
  encodeCiphertext,
  encryptProven,
  verifyEncryption,
} from '../../elgamal/cipher.ts';
import { ElgamalError } from '../../elgamal/error.ts';
import { decryptPartially } from '../../elgamal/threshold.ts';
import {
  type DecryptAnswer,
  type DecryptQuery,
  numberContext,
  partialContext,
  type SumsAnswer,
  sumsBinding,
  sumsDigest,
  type SumsQuery,
  sumsSigned,
} from '../../messages/elgamal.ts';
import { ProblemError } from '../../messages/problem.ts';
import { ownMoments } from '../answer-moments.ts';
import type { Applier } from '../apply.ts';
import type { KeyMaker } from './key-maker.ts';

export interface DeskOptions {
  readonly applier: Applier;
  readonly maker: KeyMaker;
  readonly random: (lengthBytes: number) => Uint8Array;
  readonly breathe: () => Promise<void>;
}

export class EncryptedSums {
  readonly #options: DeskOptions;
  readonly #sign: (message: Uint8Array) => Uint8Array;
  #pairs: ReadonlyMap<number, Uint8Array> | undefined;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#sign = signer(options.applier.party.identity);
  }

  /** The snapshot must have been reached. Throws ProblemError. */
  async sums(query: SumsQuery, asker: PublicIdentity): Promise<SumsAnswer> {
    const { applier, random, breathe } = this.#options;
    const { party } = applier;
    const { server, configuration, configDigest } = party;
    const key = await this.#keyFor(query);
    checkSet(query, configuration);
    if (!query.servers.includes(server)) {
      throw new ProblemError('bad-request', `server ${server} is asked and not in the set`);
    }
    const { rows, moments } = await ownMoments(applier, query.question, breathe);
    const digest = sumsDigest(query);
    const binding = sumsBinding(party, digest, rows.data, keyId(asker));
    const shares = [...moments.sums, ...moments.products];
    const numbers: Uint8Array[] = [];
    for (const [i, share] of this.#additive(query.servers, binding, shares).entries()) {
      const context = numberContext(binding, server, i);
      const { ciphertext, proof } = encryptProven(key.key.publicKey, share, context, random);
      numbers.push(concatBytes(encodeCiphertext(ciphertext), proof));
      await breathe();
    }
    return {
      ...{ server, generation: configuration.generation, config: configDigest },
      query: toBase64Url(digest),
      data: toBase64Url(rows.data),
      asOf: query.question.asOf,
      count: rows.count,
      patients: rows.patients,
      numbers,
      signature: this.#sign(sumsSigned(binding, server, numbers)),
    };
  }

  /** Throws ProblemError. */
  async decrypt(query: DecryptQuery, asker: PublicIdentity): Promise<DecryptAnswer> {
    const { applier, random, breathe } = this.#options;
    const { server, configuration, configDigest } = applier.party;
    const { key, share } = await this.#keyFor(query.asked);
    checkSet(query.asked, configuration);
    const sums = await this.#sumsOf(query, asker);
    const digest = sumsDigest(query);
    const partials: Uint8Array[] = [];
    for (const [i, sum] of sums.entries()) {
      const context = partialContext(key.digest, digest, keyId(asker), i);
      const { point, proof } = decryptPartially(key, server, share, sum, context, random);
      partials.push(concatBytes(point, proof));
      await breathe();
    }
    return {
      ...{ server, generation: configuration.generation, config: configDigest },
      query: toBase64Url(digest),
      partials,
    };
  }

  /** [PROTO-87] Of the numbers that every server of the set signed and proved for this asker. */
  async #sumsOf(
    { asked, data, answers }: DecryptQuery,
    asker: PublicIdentity,
  ): Promise<Ciphertext[]> {
    const { applier, breathe } = this.#options;
    const { configuration } = applier.party;
    const { key } = await this.#keyFor(asked);
    const bound = [sumsDigest(asked), fromBase64Url(data, 32), keyId(asker)] as const;
    const binding = sumsBinding(applier.party, ...bound);
    const columns: Ciphertext[][] = [];
    for (const { server, numbers, signature } of answers) {
      const signed = sumsSigned(binding, server, numbers);
      if (!verify(configuration.dataServers[server - 1]!.sign, signed, signature)) {
        throw badProof(server, 'its numbers are not signed by it for this question of yours');
      }
      for (const [i, number] of numbers.entries()) {
        const proven = orBadProof(server, () => {
          const ciphertext = decodeCiphertext(number.subarray(0, CIPHERTEXT_BYTES), 'a number');
          const proof = number.subarray(CIPHERTEXT_BYTES);
          verifyEncryption(key.publicKey, { ciphertext, proof }, numberContext(binding, server, i));
          return ciphertext;
        });
        (columns[i] ??= []).push(proven);
        await breathe();
      }
    }
    return columns.map(addCiphertexts);
  }

  /** [PROTO-85] Reduced whole, then masked, so that the multiple of p tells nothing. */
  #additive(set: readonly number[], binding: Uint8Array, shares: readonly bigint[]): bigint[] {
    const { identity, configuration, configDigest, server } = this.#options.applier.party;
    this.#pairs ??= pairKeys({
      server,
      secret: fromBase64Url(identity.sealSecret, 32),
      publicKeys: configuration.dataServers.map(({ seal }) => fromBase64Url(seal, 32)),
      configDigest: fromBase64Url(configDigest, 32),
    });
    return additiveShares(set, server, this.#pairs, binding, shares);
  }

  async #keyFor({ key: wanted }: SumsQuery) {
    const own = await this.#options.maker.key();
    if (toBase64Url(own.key.digest) === wanted) return own;
    throw new ProblemError('other-key', 'this server has another key of encrypted sums');
  }
}

/** λ_j·s_j + z_j mod p, each. */
export function additiveShares(
  set: readonly number[],
  server: number,
  pairs: ReadonlyMap<number, Uint8Array>,
  binding: Uint8Array,
  shares: readonly bigint[],
): bigint[] {
  const weight = weightAtZero(set, server);
  const zeros = additiveZeros(set, server, pairs, binding, shares.length);
  return shares.map((share, i) => (weight * share + zeros[i]!) % P);
}

/** [PROTO-84] More servers than the degree, all of the world. */
function checkSet(
  { servers: set, question }: SumsQuery,
  { servers, threshold }: { readonly servers: number; readonly threshold: number },
): void {
  const hasColumns = 2 * threshold > servers - 1;
  const needed = (question.degree === 2 && !hasColumns ? 2 * threshold : threshold) + 1;
  if (set.at(-1)! > servers) throw new ProblemError('bad-request', 'the set has a server too many');
  if (set.length >= needed) return;
  throw new ProblemError(
    'needs-more-servers',
    `${needed} servers must encrypt, got ${set.length}`,
    {
      needed,
      got: set.length,
    },
  );
}

const badProof = (server: number, why: string): ProblemError =>
  new ProblemError('bad-proof', `server ${server}: ${why}`, { server });

function orBadProof<T>(server: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ElgamalError)) throw error;
    throw badProof(server, error.message);
  }
}
