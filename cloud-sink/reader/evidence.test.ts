import { beforeAll, describe, expect, it } from 'vitest';
import { P } from '@vitalshare/edge/field';
import { fromBase64Url, toBase64Url } from '@vitalshare/edge/seal';
import { findVital } from '@vitalshare/edge/vital';
import { parseMomentsAnswer } from '../messages/messages.ts';
import { ReaderError } from './errors.ts';
import { askGroups } from './groups.ts';
import { type Evidence, type EvidenceAnswer, EvidenceError, verifyEvidence } from './evidence.ts';
import { type Lies, TestServers } from './servers.fixture.ts';
import { askStatistic, type StatisticAnswer } from './statistic.ts';
import type { Statistic } from './statistic-table.ts';

const START = 1_790_000_000;
const HEART = [720, 742, 910];

function ward(servers: number, threshold: number): TestServers {
  const test = new TestServers(servers, threshold);
  HEART.forEach((heart, i) =>
    test.append(`s-${i}`, [{ vital: 'heart-rate', start: START + i, values: [heart] }]),
  );
  return test;
}

const ask = (test: TestServers, statistic: Statistic): Promise<StatisticAnswer> =>
  askStatistic(
    test.researcher,
    { statistic, vitals: [findVital('heart-rate')!], where: {} },
    { world: test.world, graceMs: 50 },
  );

/** As it comes back from a file. */
const stored = ([evidence]: readonly Evidence[]): Evidence =>
  JSON.parse(JSON.stringify(evidence)) as Evidence;

const shiftedSum: Lies = {
  moments: (answer) => ({ ...answer, sums: answer.sums.map((sum) => (sum + 1n) % P) }),
};
const otherCount: Lies = { moments: (answer) => ({ ...answer, count: answer.count + 1 }) };

const edited = (evidence: Evidence, at: number, change: Partial<EvidenceAnswer>): Evidence => ({
  ...evidence,
  answers: evidence.answers.map((answer, i) => (i === at ? { ...answer, ...change } : answer)),
});

describe('evidence against a server [PROTO-25] [S6]', () => {
  let test: TestServers;
  let evidence: Evidence;
  const proven = (value: unknown) => () => verifyEvidence(test.researcher.configuration, value);
  const refuses = (value: unknown, why: RegExp): void => {
    expect(proven(value)).toThrow(EvidenceError);
    expect(proven(value)).toThrow(why);
  };

  beforeAll(async () => {
    test = ward(4, 1);
    test.lies.set(2, shiftedSum);
    evidence = stored((await ask(test, 'mean')).evidence);
  });

  it('names the liar again to whoever has the configuration, in any order of the answers', () => {
    const { named, question, asker } = proven(evidence)();
    expect(named).toEqual([2]);
    expect(question).toMatchObject({ vitals: ['heart-rate'] });
    expect(asker).toMatch(/^[\w-]{22}$/);
    expect(proven({ ...evidence, answers: evidence.answers.toReversed() })().named).toEqual([2]);
  });

  it('is only made where somebody is named', async () => {
    expect((await ask(ward(4, 1), 'mean')).evidence).toEqual([]);
  });

  it('holds no secret of anybody, and no reading', () => {
    const text =
      JSON.stringify(evidence) + evidence.answers.map(({ body }) => fromText(body)).join();
    const { identity } = test.researcher;
    for (const secret of [identity.signSecret, identity.sealSecret])
      expect(text).not.toContain(secret);
    for (const reading of HEART) expect(text).not.toContain(`"${reading}"`);
    // What it does hold: the question's result, from t + 1 of the honest partials.
    const partial = (i: number) =>
      parseMomentsAnswer(fromBase64Url(evidence.answers[i]!.body)).sums[0]!;
    // Servers 1 and 3: λ = 3/2 and −1/2; 2·sum = 3·y1 − y3 mod p.
    expect((3n * partial(0) - partial(2) + P) % P).toBe(2n * 2372n);
  });

  it('does not hold once a signed byte differs', () => {
    const answers = evidence.answers;
    const flip = (text: string) => {
      const bytes = fromBase64Url(text);
      bytes[5]! ^= 1;
      return toBase64Url(bytes);
    };
    refuses(edited(evidence, 0, { body: flip(answers[0]!.body) }), /not signed by it/);
    refuses(edited(evidence, 1, { signed: flip(answers[1]!.signed) }), /not signed by it/);
    refuses(edited(evidence, 1, { body: answers[0]!.body }), /server 2 is not signed by it/);
    refuses(edited(evidence, 1, { signature: answers[0]!.signature }), /does not hold/);
    refuses(edited(evidence, 1, { server: 3 }), /does not hold/);
    const later = answers[1]!.signatureInput.replace(/created=\d/, 'created=9');
    refuses(edited(evidence, 1, { signatureInput: later }), /does not hold/);
    refuses({ ...evidence, question: flip(evidence.question) }, /evidence/);
  });

  it('accuses nobody but whom its answers show', () => {
    refuses({ ...evidence, named: [3] }, /show server 2 to be wrong, not who is accused/);
    // Parsed, and nested deeper than JSON can be written again.
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    refuses({ ...evidence, named: [deep] }, /not who is accused/);
    const three = evidence.answers.slice(0, 3);
    refuses({ ...evidence, answers: three }, /show nobody to be wrong/);
    refuses({ ...evidence, answers: [...three, three[0]] }, /twice/);
    refuses({ ...evidence, answers: [] }, /answers must be a list of 1/);
    refuses({ ...evidence, more: 1 }, /unknown member/);
    refuses(edited(evidence, 0, { server: 5 }), /from 1 to 4/);
    refuses(null, /JSON object/);
    const other = ward(4, 1).researcher.configuration;
    expect(() => verifyEvidence(other, evidence)).toThrow('of another configuration');
  });

  it('cannot be pieced together from answers to different questions', async () => {
    const honest = ward(5, 1);
    honest.lies.set(1, shiftedSum);
    const first = stored((await ask(honest, 'mean')).evidence);
    honest.append('s-9', [{ vital: 'heart-rate', start: START + 9, values: [800] }]);
    const second = stored((await ask(honest, 'mean')).evidence);
    const mixed = {
      ...first,
      named: [5],
      answers: [...first.answers.slice(1, 4), second.answers[4]!],
    };
    expect(() => verifyEvidence(honest.researcher.configuration, mixed)).toThrow(EvidenceError);
  });

  it('is one for each question of a comparison or of groups, withheld ones too', async () => {
    const split = ward(4, 1);
    HEART.forEach((_, i) => split.label(`s-${i}`, { bed: i < 2 ? 'a' : 'b' }));
    split.lies.set(2, shiftedSum);
    const question = { statistic: 'sd', vitals: [findVital('heart-rate')!], where: {} } as const;
    const options = { world: split.world, graceMs: 50 };
    const answer = await askGroups(split.researcher, question, { by: 'bed' }, options);
    // b has one row: its sd is not defined, and its question showed the liar all the same.
    expect(answer.groups.map(({ withheld }) => withheld?.code)).toEqual([
      undefined,
      'too-few-rows',
    ]);
    expect(answer.named).toEqual([2]);
    expect(answer.notes).toEqual(['server 2: it answered wrongly and was left out']);
    const proven = answer.evidence.map((each) =>
      verifyEvidence(split.researcher.configuration, stored([each])),
    );
    expect(proven.map(({ named }) => named)).toEqual([[2], [2]]);
    expect(proven.map(({ question: { where } }) => where.bed).sort()).toEqual(['a', 'b']);
    // And where the answer is no number.
    const one = { ...question, where: { bed: 'b' } };
    const error: unknown = await askStatistic(split.researcher, one, options).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ code: 'too-few-rows', evidence: [{ named: [2] }] });
  });

  it('is there too where the question has no answer', async () => {
    const three = ward(3, 1);
    three.lies.set(2, otherCount);
    const error: unknown = await ask(three, 'variance').catch((reason: unknown) => reason);
    if (!(error instanceof ReaderError)) throw error;
    expect([error.code, error.named]).toEqual(['too-few', [2]]);
    expect(error.message).toBe(
      'server 2 answered wrongly. 3 servers are needed; only servers 1 and 3 answered alike.',
    );
    expect(verifyEvidence(three.researcher.configuration, stored(error.evidence)).named).toEqual([
      2,
    ]);
  });
});

const fromText = (base64url: string): string => new TextDecoder().decode(fromBase64Url(base64url));
