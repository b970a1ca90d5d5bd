/** What one server encrypts, and that it decrypts nothing but whole sums of one question [PROTO-87]. */
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { keyId, sign } from '@vitalshare/edge/identity/node';
import { P } from '@vitalshare/edge/field';
import { fromBase64Url, toBase64Url } from '@vitalshare/edge/seal';
import { addCiphertexts, decodeCiphertext, encrypt, encryptProven } from '../../elgamal/cipher.ts';
import { Logarithms, makeBabySteps } from '../../elgamal/logarithm.ts';
import { checkPartial, openPoint } from '../../elgamal/threshold.ts';
import {
  type DecryptQuery,
  type Encrypted,
  numberContext,
  parseCommitmentAnswer,
  parseDealingAnswer,
  parseDecryptQuery,
  parseKeyAnswer,
  partialContext,
  sumsBinding,
  sumsDigest,
  type SumsQuery,
  sumsSigned,
  encodeCommitmentAnswer,
  encodeDealingAnswer,
  encodeDecryptQuery,
  encodeKeyAnswer,
} from '../../messages/elgamal.ts';
import { ProblemError } from '../../messages/problem.ts';
import { Applier } from '../apply.ts';
import { MemoryStore } from '../store-memory.fixture.ts';
import { applyLog, column, makeWorld, TestLog } from '../world.fixture.ts';
import { EncryptedSums } from './desk.ts';
import type { StoredKey } from './key-file.ts';
import { type AskStep, KeyMaker } from './key-maker.ts';

const T = 1_700_000_000;
const random = (n: number) => new Uint8Array(randomBytes(n));

const world = makeWorld(3, 1);
const log = new TestLog(world);
log
  .stay(1, 'bed-1')
  .frame(1, { spo2: column(T, [970, 971, 975]) })
  .commit();
const { researcher } = world;
const makers: KeyMaker[] = [];
const desks = world.dataServers.map((party) => {
  const applier = new Applier(party, new MemoryStore());
  applyLog(applier, log);
  const ask: AskStep = async (step, parse) => {
    const others = makers.filter((_, i) => i + 1 !== party.server);
    const answers = await Promise.all(
      others.map(async (maker) => {
        if (step === 'commitment') return parse(encodeCommitmentAnswer(maker.commitment()));
        if (step === 'key') return parse(encodeKeyAnswer(await maker.dealings()));
        return parse(encodeDealingAnswer(await maker.dealing(party.identity)));
      }),
    );
    return { answers, faults: [] };
  };
  let stored: StoredKey | undefined;
  const file = { load: () => stored, save: (news: StoredKey) => void (stored = news) };
  const maker = new KeyMaker(party, file, ask, random);
  makers.push(maker);
  return new EncryptedSums({ applier, maker, random, breathe: () => Promise.resolve() });
});

describe('a whole sum, and nothing else', () => {
  let asked: SumsQuery;
  let data: string;
  let answers: Encrypted[];
  const query = (change: Partial<DecryptQuery> = {}): DecryptQuery => ({
    ...{ version: 1, asked, data, answers },
    ...change,
  });
  const refused = async (work: Promise<unknown>): Promise<ProblemError> => {
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    return error as ProblemError;
  };
  const ask = async (set: readonly number[], change: Partial<SumsQuery['question']> = {}) => {
    const { key } = await makers[0]!.key();
    asked = {
      ...{ version: 1, key: toBase64Url(key.digest), servers: set },
      question: {
        ...{
          version: 1,
          asOf: { [log.name]: log.position },
          vitals: ['spo2'],
          degree: 1,
          where: {},
        },
        ...change,
      },
    };
    return await Promise.all(set.map((j) => desks[j - 1]!.sums(asked, researcher)));
  };
  beforeAll(async () => {
    const told = await ask([1, 3]);
    ({ data } = told[0]!);
    answers = told.map(({ server, numbers, signature }) => ({ server, numbers, signature }));
  });

  it('opens to the sum, plus a multiple of p [PROTO-85]', async () => {
    const { key } = await makers[0]!.key();
    const sum = addCiphertexts(
      answers.map(({ numbers }) => decodeCiphertext(numbers[0]!.subarray(0, 64), 'it')),
    );
    const partials = await Promise.all(
      [1, 2].map(async (server) => {
        const { partials: all } = await desks[server]!.decrypt(query(), researcher);
        const [point, proof] = [all[0]!.subarray(0, 32), all[0]!.subarray(32)];
        const context = partialContext(key.digest, sumsDigest(query()), keyId(researcher), 0);
        const checked = checkPartial(key, { server: server + 1, point, proof }, sum, context);
        return { server: server + 1, point: checked };
      }),
    );
    const ranges = [0n, 1n, 2n].map((k) => ({ low: k * P, high: k * P + 5_000n }));
    const found = new Logarithms(makeBabySteps(12)).of(openPoint(key, sum, partials), ranges);
    expect(found % P).toBe(2916n);
  });

  it('for no other asker', async () => {
    const other = world.dataServers[0]!.identity;
    const error = await refused(desks[0]!.decrypt(query(), other));
    expect([error.code, error.numbers]).toEqual(['bad-proof', { server: 1 }]);
  });

  it('of no other question, data or set', async () => {
    const wider = { ...asked, question: { ...asked.question, to: T + 2 } };
    const others = [
      query({ asked: wider }),
      query({ data: toBase64Url(random(32)) }),
      query({ asked: { ...asked, servers: [1, 2] } }),
    ];
    for (const each of others) {
      expect((await refused(desks[1]!.decrypt(each, researcher))).code).toBe('bad-proof');
    }
  });

  it('under no other key', async () => {
    const other = query({ asked: { ...asked, key: toBase64Url(random(32)) } });
    expect((await refused(desks[1]!.decrypt(other, researcher))).code).toBe('other-key');
  });

  it('not one server’s number by itself, nor with one of the asker’s own making', async () => {
    expect(() =>
      parseDecryptQuery(encodeDecryptQuery(query({ answers: answers.slice(0, 1) }))),
    ).toThrow('one of each server of the set');
    const { key } = await makers[0]!.key();
    const digest = sumsDigest(asked);
    const binding = sumsBinding(world, digest, fromBase64Url(data, 32), keyId(researcher));
    const nothing = encryptProven(key.publicKey, 0n, numberContext(binding, 3, 0), random);
    const number = new Uint8Array(160);
    number.set(nothing.ciphertext.a.toBytes());
    number.set(nothing.ciphertext.b.toBytes(), 32);
    number.set(nothing.proof, 64);
    const forged = answers.map((each) =>
      each.server === 3 ? { ...each, numbers: [number] } : each,
    );
    const error = await refused(desks[1]!.decrypt(query({ answers: forged }), researcher));
    expect(error.message).toContain('server 3: its numbers are not signed');
  });

  it('nothing of a server that does not know what it put in, though it signs', async () => {
    const { key } = await makers[0]!.key();
    const bound = [sumsDigest(asked), fromBase64Url(data, 32), keyId(researcher)] as const;
    const binding = sumsBinding(world, ...bound);
    const bad = answers.map((each) => {
      if (each.server !== 3) return each;
      const number = each.numbers[0]!.slice();
      number.set(encrypt(key.publicKey, 5n, random).a.toBytes());
      const signed = sumsSigned(binding, 3, [number]);
      const signature = sign(world.dataServers[2]!.identity, signed);
      return { ...each, numbers: [number], signature };
    });
    const error = await refused(desks[1]!.decrypt(query({ answers: bad }), researcher));
    expect(error.message).toContain('server 3: a proof of encryption does not hold');
  });

  it('a set too small is refused, for products larger than for sums [PROTO-84]', async () => {
    expect((await refused(ask([1]))).code).toBe('needs-more-servers');
    const error = await refused(ask([1, 2], { degree: 2 }));
    expect([error.code, error.numbers]).toEqual(['needs-more-servers', { needed: 3, got: 2 }]);
    const sums = { ...asked.question, degree: 1 as const };
    const lone = { ...asked, servers: [2, 3], question: sums };
    expect((await refused(desks[0]!.sums(lone, researcher))).message).toContain('server 1');
    const far = { ...asked, servers: [1, 4], question: sums };
    expect((await refused(desks[0]!.sums(far, researcher))).code).toBe('bad-request');
  });
});

it('answers are read whole or not at all', () => {
  for (const parse of [parseCommitmentAnswer, parseDealingAnswer, parseKeyAnswer]) {
    expect(() => parse(new TextEncoder().encode('{}'))).toThrow('is missing');
    expect(() => parse(new Uint8Array(3))).toThrow();
  }
});
