/**
 * One server's part in making the key of encrypted sums [PROTO-82] [PROTO-83] [S10]: it asks all others,
 * step by step, and answers them.
 *
 *   commitment   what each will deal, as a hash                          answered at once
 *   dealing      checked against it, with the share for the asker        once all commitments are here
 *   key          all dealings, to see that everybody was shown the same  once all dealings are here
 *
 * A step waits for earlier steps alone, so servers never wait for each other in a circle. Each is on the
 * disk before it is answered, and may be asked again: who was away comes later. All of it happens at the
 * first question that needs the key; with a server away it is refused at once, with its name.
 */
import type { PublicIdentity } from '@vitalshare/edge/identity';
import { fromBase64Url } from '@vitalshare/edge/seal';
import {
  checkDealing,
  checkShare,
  dealingContext,
  dealingDigest,
  type JointKey,
  jointKey,
  makeDealing,
  secretShare,
  shareFor,
} from '../../elgamal/distributed-key.ts';
import { ElgamalError } from '../../elgamal/error.ts';
import { decodeScalar, encodeScalar } from '../../elgamal/group.ts';
import {
  type CommitmentAnswer,
  type DealingAnswer,
  type KeyAnswer,
  type KeyHead,
  type KeyStep,
  parseCommitmentAnswer,
  parseDealingAnswer,
  parseKeyAnswer,
  type ShownDealing,
} from '../../messages/elgamal.ts';
import { ProblemError } from '../../messages/problem.ts';
import type { PeerAnswers } from '../peers.ts';
import type { ServerParty } from '../runs.ts';
import type { KeyFile, StoredKey } from './key-file.ts';

/** Asks all others one step of theirs. */
export type AskStep = <Answer extends KeyHead>(
  step: KeyStep,
  parse: (bytes: Uint8Array) => Answer,
) => Promise<PeerAnswers<Answer>>;

export interface ServerKey {
  readonly key: JointKey;
  /** This server's part of the secret. */
  readonly share: bigint;
}

export class KeyMaker {
  readonly #party: Pick<ServerParty, 'configuration' | 'configDigest' | 'server'>;
  readonly #file: KeyFile;
  readonly #ask: AskStep;
  #stored: StoredKey;
  readonly #random: (lengthBytes: number) => Uint8Array;
  /** Steps under way: two questions at once make one key. */
  readonly #running = new Map<KeyStep, Promise<void>>();
  #key: ServerKey | undefined;

  constructor(
    party: Pick<ServerParty, 'configuration' | 'configDigest' | 'server'>,
    file: KeyFile,
    ask: AskStep,
    random: (lengthBytes: number) => Uint8Array,
  ) {
    this.#party = party;
    this.#file = file;
    this.#ask = ask;
    this.#random = random;
    this.#stored = file.load() ?? { confirmed: false };
  }

  commitment(): CommitmentAnswer {
    const { server } = this.#party;
    return { ...this.#head(), commitment: this.#digestOf(server, this.#own().dealing) };
  }

  /** Throws ProblemError `no-key`. */
  async dealing({ sign }: Pick<PublicIdentity, 'sign'>): Promise<DealingAnswer> {
    const { configuration } = this.#party;
    const asker = configuration.dataServers.findIndex((each) => each.sign === sign) + 1;
    await this.#step('commitment', () => this.#hear());
    const { coefficients, dealing } = this.#own();
    return { ...this.#head(), dealing, share: encodeScalar(shareFor(coefficients, asker)) };
  }

  /** Throws ProblemError `no-key`. */
  async dealings(): Promise<KeyAnswer> {
    await this.#collected();
    return { ...this.#head(), dealings: this.#stored.dealings! };
  }

  /** Only once all servers hold the same. Throws ProblemError `no-key`. */
  async key(): Promise<ServerKey> {
    if (this.#key) return this.#key;
    await this.#collected();
    await this.#step('key', () => this.#confirm());
    const { dealings, share } = this.#stored;
    this.#key = { key: this.#keyOf(dealings!), share: share! };
    return this.#key;
  }

  /** [PROTO-82] Nobody's dealing is seen before everybody's commitment. */
  async #hear(): Promise<void> {
    if (this.#stored.heard) return;
    this.#own();
    const answers = await this.#all('commitment', parseCommitmentAnswer);
    this.#save({ heard: new Map(answers.map((each) => [each.server, each.commitment])) });
  }

  async #collect(): Promise<void> {
    const { configuration, server } = this.#party;
    if (this.#stored.dealings) return;
    const answers = await this.#all('dealing', parseDealingAnswer);
    const own = this.#own();
    const dealings = configuration.dataServers.map((_, i) =>
      i + 1 === server ? own.dealing : answers.find((each) => each.server === i + 1)!.dealing,
    );
    const shares = answers.map((answer) => {
      const { heard } = this.#stored;
      const digest = this.#digestOf(answer.server, answer.dealing);
      if (!isEqual(digest, heard!.get(answer.server)!)) {
        throw noKey(`server ${answer.server} shows another dealing than it committed to`);
      }
      return this.#checkedShare(answer);
    });
    const share = secretShare([...shares, shareFor(own.coefficients, server)]);
    orNoKey(() => this.#keyOf(dealings));
    this.#save({ dealings, share });
  }

  /** [PROTO-83] A dealer that shows two servers two dealings is found here. */
  async #confirm(): Promise<void> {
    const { dealings, share, confirmed } = this.#stored;
    if (confirmed) return;
    const answers = await this.#all('key', parseKeyAnswer);
    for (const answer of answers) {
      if (answer.dealings.length !== dealings!.length) {
        throw noKey(`server ${answer.server} tells ${answer.dealings.length} dealings`);
      }
      const other = dealings!.findIndex((own, i) => !isSameDealing(own, answer.dealings[i]!));
      if (other < 0) continue;
      throw noKey(
        `server ${answer.server} was shown another dealing of server ${other + 1} than this one, or ` +
          'says so: one of the two is wrong',
      );
    }
    // Everybody has its share: what made them is needed no more.
    this.#stored = { dealings: dealings!, share: share!, confirmed: true };
    this.#file.save(this.#stored);
  }

  #checkedShare({ server: dealer, dealing, share }: DealingAnswer): bigint {
    return orNoKey(() => {
      const context = this.#context(dealer);
      const points = checkDealing(this.#party.configuration.threshold, dealer, context, dealing);
      const own = decodeScalar(share, `the share that server ${dealer} dealt`);
      checkShare(points, dealer, this.#party.server, own);
      return own;
    });
  }

  #keyOf(dealings: readonly ShownDealing[]): JointKey {
    const { configuration } = this.#party;
    const points = dealings.map((dealing, i) =>
      checkDealing(configuration.threshold, i + 1, this.#context(i + 1), dealing),
    );
    return jointKey(configuration, points);
  }

  #own() {
    if (this.#stored.own) return this.#stored.own;
    if (this.#stored.confirmed) {
      throw noKey('this server has its key, and has forgotten what it dealt for it');
    }
    const { configuration, server } = this.#party;
    const made = makeDealing(configuration.threshold, this.#context(server), this.#random);
    const own = { coefficients: made.coefficients, dealing: made.shown };
    this.#save({ own });
    return own;
  }

  async #collected(): Promise<void> {
    if (this.#stored.dealings) return;
    await this.#step('commitment', () => this.#hear());
    await this.#step('dealing', () => this.#collect());
  }

  /** The answers of all others, or a refusal with who is missing and why. */
  async #all<Answer extends KeyHead>(
    step: KeyStep,
    parse: (bytes: Uint8Array) => Answer,
  ): Promise<readonly Answer[]> {
    const { answers, faults } = await this.#ask(step, parse);
    if (faults.length === 0) return answers;
    const each = faults.map(({ server, message }) => `server ${server}: ${message}`);
    throw noKey(`it takes all servers once; ${each.join('; ')}`);
  }

  #step(step: KeyStep, work: () => Promise<void>): Promise<void> {
    const running = this.#running.get(step);
    if (running) return running;
    const started = work().finally(() => this.#running.delete(step));
    this.#running.set(step, started);
    return started;
  }

  #save(news: Partial<StoredKey>): void {
    this.#stored = { ...this.#stored, ...news };
    this.#file.save(this.#stored);
  }

  #head() {
    const { configuration, configDigest, server } = this.#party;
    return { server, generation: configuration.generation, config: configDigest };
  }

  #context(dealer: number): Uint8Array {
    const { configuration, configDigest } = this.#party;
    return dealingContext(fromBase64Url(configDigest, 32), configuration.generation, dealer);
  }

  #digestOf(dealer: number, dealing: ShownDealing): Uint8Array {
    return dealingDigest(this.#context(dealer), dealing);
  }
}

const noKey = (why: string): ProblemError =>
  new ProblemError('no-key', `the key of encrypted sums is not made: ${why}`);

function orNoKey<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ElgamalError)) throw error;
    throw noKey(error.message);
  }
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

const isSameDealing = (a: ShownDealing, b: ShownDealing): boolean =>
  isEqual(a.proof, b.proof) &&
  a.commitments.length === b.commitments.length &&
  a.commitments.every((point, k) => isEqual(point, b.commitments[k]!));
