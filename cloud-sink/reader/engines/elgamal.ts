/**
 * The engine `elgamal` (PROTOCOL.md, section 4): sums and products of shares under a key that no party
 * has. Neither a server nor the reader alone can decrypt, and t servers cannot either.
 *
 *   key      what all servers made; t + 1 must tell the same, and every dealing is checked here too
 *   sums     each server of a set S of as many as are needed encrypts its additive share
 *   decrypt  t + 1 servers, each with a proof; a wrong one is named and left out
 *   open     m + k·p for one k ≤ |S|, m in the range that count and vital sign leave it      [S15]
 */
import { keyId } from '@vitalshare/edge/identity';
import { fromBase64Url, toBase64Url } from '@vitalshare/edge/seal';
import { findVital } from '@vitalshare/edge/vital';
import {
  addCiphertexts,
  type Ciphertext,
  CIPHERTEXT_BYTES,
  checkPartial,
  decodeCiphertext,
  ElgamalError,
  type JointKey,
  openPoint,
  type Range,
  verifyEncryption,
} from '../../elgamal/elgamal.ts';
import {
  DECRYPT_PATH,
  type DecryptQuery,
  encodeDecryptQuery,
  numberContext,
  numbersOf,
  parseDecryptAnswer,
  parseSumsAnswer,
  partialContext,
  type SumsAnswer,
  sumsBinding,
  sumsDigest,
  type SumsQuery,
  SUMS_PATH,
  sumsSigned,
} from '../../messages/elgamal.ts';
import type { MomentsQuery } from '../../messages/messages.ts';
import { askAll, faultLines, gone, tooFew, without } from '../ask.ts';
import { bytesOf } from '../catalogue.ts';
import { ReaderError, serverList } from '../errors.ts';
import { groupAnswers } from '../open-group.ts';
import { serversNeeded } from '../open-moments.ts';
import { isHeadOf } from '../question-kind.ts';
import { askServer, checkConfiguration, parsedFrom, ServerFault } from '../request.ts';
import type { Session } from '../session.ts';
import { keyOf } from './elgamal-key.ts';
import { checkRange, numberIn, rangesOf } from './elgamal-range.ts';
import type { Engine, EngineMoments } from './engine.ts';
import { logarithmsFor } from './logarithms.ts';

export const ELGAMAL: Engine = {
  name: 'elgamal',
  needed: serversNeeded,
  check: checkRange,
  ask: askEncrypted,
};

async function askEncrypted(
  session: Session,
  query: MomentsQuery,
  what: string,
): Promise<EngineMoments> {
  const { configuration } = session.party;
  const key = await keyOf(session, what);
  const needed = serversNeeded(configuration, query.degree);
  const notes = new Set(session.notes);
  const encrypted = await askSums(session, key, query, what, needed, notes);
  const { answers, asked } = encrypted;
  const [{ count, patients }] = answers as [SumsAnswer];
  const vitals = query.vitals.map((name) => findVital(name)!);
  const named: number[] = [];
  const numbers =
    numbersOf(query) === 0
      ? []
      : await decrypted(session, key, encrypted, rangesOf(vitals, query.degree, BigInt(count)), {
          ...{ what, notes, named },
        });
  return {
    moments: {
      count,
      sums: query.degree === 0 ? [] : numbers.slice(0, vitals.length),
      products: numbers.slice(vitals.length),
    },
    patients,
    // More than t servers agree on a count, which is in clear; nobody checks what was encrypted.
    checked: numbers.length === 0 ? 'verified' : 'unchecked',
    servers: asked.servers,
    named,
    notes: [...notes],
    ...(numbers.length === 0 ? {} : { reason: REASON }),
  };
}

const REASON =
  'every server proved that it knows what it encrypted and decrypted what was asked, and none that what ' +
  'it encrypted was its share, so a wrong share would not show; --engine shares says more';

interface Encrypted {
  readonly asked: SumsQuery;
  readonly answers: readonly SumsAnswer[];
  readonly sums: readonly Ciphertext[];
}

/** From a set of as many servers as are needed; one that fails is replaced while there are others. */
async function askSums(
  session: Session,
  key: JointKey,
  question: MomentsQuery,
  what: string,
  needed: number,
  notes: Set<string>,
): Promise<Encrypted> {
  const { party, world, missing, asking } = session;
  const faults: ServerFault[] = [...missing];
  for (;;) {
    const set = without(party, faults).slice(0, needed);
    if (set.length < needed) throw tooFew(party, what, needed, set, faults);
    const asked: SumsQuery = { version: 1, key: toBase64Url(key.digest), servers: set, question };
    const body = bytesOf(asked);
    const checks = { session, key, asked };
    const { answers, faults: failed } = await askAll(
      party,
      world,
      { ...asking, enough: needed, servers: set },
      async (server, signal) => {
        const bytes = await askServer(party, server, SUMS_PATH, body, world, signal);
        return checkedNumbers(checks, server, parsedFrom(server, bytes, parseSumsAnswer));
      },
    );
    for (const line of faultLines(party, failed)) notes.add(line);
    missing.push(...gone(failed));
    faults.push(...failed);
    const refused = failed.filter(({ code }) => code === 'refused');
    if (refused.length === needed) throw tooFew(party, what, needed, [], failed);
    if (failed.length > 0) continue;
    const whole = answers.map(({ answer }) => answer.answer);
    groupAnswers(party.configuration, needed, whole);
    refuseOtherCounts(whole);
    const columns = answers[0]!.answer.ciphertexts.map((_, i) =>
      addCiphertexts(answers.map(({ answer }) => answer.ciphertexts[i]!)),
    );
    return { asked, answers: whole, sums: columns };
  }
}

interface Checks {
  readonly session: Session;
  readonly key: JointKey;
  readonly asked: SumsQuery;
}

/** [PROTO-86] Throws ServerFault where an answer is not to this, not signed, or not proven. */
function checkedNumbers({ session, key, asked }: Checks, server: number, answer: SumsAnswer) {
  const { party, world } = session;
  checkConfiguration(party, server, answer);
  const digest = sumsDigest(asked);
  const isAnswer =
    isHeadOf(answer, server, toBase64Url(digest), asked.question.asOf) &&
    answer.numbers.length === numbersOf(asked.question);
  if (!isAnswer) throw new ServerFault(server, 'malformed', 'it answered another question');
  const data = fromBase64Url(answer.data, 32);
  const binding = sumsBinding(party, digest, data, keyId(party.identity));
  const { sign } = party.configuration.dataServers[server - 1]!;
  if (!world.verify(sign, sumsSigned(binding, server, answer.numbers), answer.signature)) {
    throw new ServerFault(server, 'malformed', 'its numbers are not signed by it');
  }
  const ciphertexts = answer.numbers.map((number, i) =>
    proven(server, () => {
      const ciphertext = decodeCiphertext(number.subarray(0, CIPHERTEXT_BYTES), 'a number');
      const proof = number.subarray(CIPHERTEXT_BYTES);
      verifyEncryption(key.publicKey, { ciphertext, proof }, numberContext(binding, server, i));
      return ciphertext;
    }),
  );
  return { answer, ciphertexts };
}

interface Decrypting {
  readonly what: string;
  readonly notes: Set<string>;
  /** Grows by who is shown to have decrypted wrongly. */
  readonly named: number[];
}

async function decrypted(
  session: Session,
  key: JointKey,
  { asked, answers, sums }: Encrypted,
  ranges: readonly Range[],
  { what, notes, named }: Decrypting,
): Promise<bigint[]> {
  const { party, world, missing, asking } = session;
  const query: DecryptQuery = {
    ...{ version: 1, asked, data: answers[0]!.data },
    answers: answers.map(({ server, numbers, signature }) => ({ server, numbers, signature })),
  };
  const digest = sumsDigest(query);
  const body = new Uint8Array(encodeDecryptQuery(query));
  const enough = key.threshold + 1;
  const present = { ...asking, enough, graceMs: 0, servers: without(party, missing) };
  const { answers: opened, faults } = await askAll(
    party,
    world,
    present,
    async (server, signal) => {
      const bytes = await askServer(party, server, DECRYPT_PATH, body, world, signal);
      const answer = parsedFrom(server, bytes, parseDecryptAnswer);
      checkConfiguration(party, server, answer);
      if (answer.query !== toBase64Url(digest) || answer.partials.length !== sums.length) {
        throw new ServerFault(server, 'malformed', 'it answered another question');
      }
      return sums.map((sum, i) => {
        const context = partialContext(key.digest, digest, keyId(party.identity), i);
        const [point, proof] = [
          answer.partials[i]!.subarray(0, 32),
          answer.partials[i]!.subarray(32),
        ];
        return proven(
          server,
          () => checkPartial(key, { server, point, proof }, sum, context),
          named,
        );
      });
    },
  );
  const failed = faults.filter(({ code }) => code !== 'timeout');
  for (const line of faultLines(party, failed)) notes.add(line);
  if (opened.length < enough) {
    const who = opened.map(({ server }) => server);
    throw tooFew(party, `decrypting ${what}`, enough, who, faults);
  }
  const logarithms = logarithmsFor(ranges, asked.servers.length + 1, session.progress);
  return sums.map((sum, i) => {
    const partials = opened.map(({ server, answer }) => ({ server, point: answer[i]! }));
    const point = openPoint(key, sum, partials.slice(0, enough));
    const value = numberIn(point, ranges[i]!, asked.servers, logarithms);
    session.progress(i + 1, sums.length, 'numbers decrypted');
    return value;
  });
}

/** `data` commits to both, so a server that says otherwise lies; which of them, nothing here shows. */
function refuseOtherCounts(answers: readonly SumsAnswer[]): void {
  const [first] = answers;
  const isSame = answers.every(
    ({ count, patients }) => count === first!.count && patients === first!.patients,
  );
  if (isSame) return;
  const who = answers.map(({ server }) => server);
  throw new ReaderError(
    'disagree',
    `The answers of ${serverList(who)} count other rows or patients over the same data: at least one ` +
      'of them is wrong. No number is given.',
    who,
  );
}

function proven<T>(server: number, work: () => T, named: number[] = []): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ElgamalError)) throw error;
    named.push(server);
    throw new ServerFault(server, 'malformed', `left out: ${error.message}`);
  }
}
