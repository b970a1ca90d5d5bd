/** The question and the answer of /bins, as bytes [PROTO-37]. */
import { describe, expect, it } from 'vitest';
import { AnswerError } from './answer.ts';
import { type BinsAnswer, encodeBinsAnswer, parseBinsAnswer } from './bins-answer.ts';
import { canonicalJson, parseJson } from './canonical.ts';
import { parseBinsQuery, queryDigest } from './query.ts';
import { ProblemError } from './problem.ts';

const LOG = '00112233445566778899aabbccddeeff';
const utf8 = (text: string) => new TextEncoder().encode(text);
const query = {
  version: 1,
  asOf: { [LOG]: 9 },
  vital: 'heart-rate',
  from: 300,
  to: 900,
  where: { ward: 'north' },
  stays: ['bed-1'],
  cells: [0, 8, 27],
};

const refusalOf = (change: object): string => {
  try {
    parseBinsQuery(utf8(JSON.stringify({ ...query, ...change })));
  } catch (error) {
    if (error instanceof ProblemError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
};

describe('a question for counts by bin', () => {
  it('is read whole, and its digest is that of its canonical spelling', () => {
    const parsed = parseBinsQuery(utf8(JSON.stringify(query)));
    expect(parsed).toEqual(query);
    expect(queryDigest(parsed)).toEqual(queryDigest(parseBinsQuery(utf8(canonicalJson(query)))));
    const least = { version: 1, asOf: { [LOG]: 0 }, vital: 'spo2', where: {} };
    expect(parseBinsQuery(utf8(JSON.stringify(least)))).toEqual(least);
  });

  it.each([
    [{ vital: 'heart' }, /vital must name/],
    [{ vital: 7 }, /vital must name/],
    [{ vitals: ['heart-rate'] }, /unknown member "vitals"/],
    [{ from: 301 }, /multiples of 300/],
    [{ to: 901 }, /multiples of 300/],
    [{ from: 900 }, /from must be before to/],
    [{ to: 2 ** 32 + 300 }, /to must be an integer/],
    [{ cells: [0] }, /cells must be a list of 2 to 10/],
    [{ cells: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }, /cells must be a list of 2 to 10/],
    [{ cells: [1, 2] }, /begin with bin 0 and rise/],
    [{ cells: [0, 3, 3] }, /begin with bin 0 and rise/],
    [{ cells: [0, 28] }, /bins from 0 to 27/],
    [{ cells: [0, 1.5] }, /integer|bins from/],
    [{ cells: [0, -1] }, /bins from 0 to 27/],
    [{ stays: [] }, /stays must be a list/],
    [{ version: 2 }, /version must be 1/],
    [{ asOf: {} }, /at least one log/],
  ])('is refused with %j', (change, sentence) => {
    expect(refusalOf(change)).toMatch(/^bad-request: /);
    expect(refusalOf(change)).toMatch(sentence);
  });
});

const digest = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const answer: BinsAnswer = {
  ...{ server: 2, generation: 1, config: digest, query: digest, data: digest, asOf: { [LOG]: 9 } },
  ...{ count: 7, rows: 9, patients: 2, squares: 29n, sums: [3n, 4n], weighted: [15n, 14n] },
  products: [9n, 3n, 2_305_843_009_213_693_950n],
};

const faultOf = (change: object): string => {
  try {
    const members = parseJson(encodeBinsAnswer(answer)) as object;
    parseBinsAnswer(utf8(JSON.stringify({ ...members, ...change })));
  } catch (error) {
    if (error instanceof AnswerError) return error.code;
    throw error;
  }
  return 'none';
};

describe('an answer with counts by bin', () => {
  it('mirrors, and spells itself in canonical JSON', () => {
    expect(parseBinsAnswer(encodeBinsAnswer(answer))).toEqual(answer);
    expect(new TextDecoder().decode(encodeBinsAnswer(answer))).toBe(
      `{"asOf":{"${LOG}":9},"config":"${digest}","count":7,"data":"${digest}","generation":1,` +
        `"patients":2,"products":["9","3","2305843009213693950"],"query":"${digest}","rows":9,` +
        '"server":2,"squares":"29","sums":["3","4"],"weighted":["15","14"]}',
    );
  });

  it.each([
    [{}, 'none'],
    [{ products: ['9', '3', '2305843009213693951'] }, 'form'],
    [{ products: ['9', '3'] }, 'form'],
    [{ weighted: [], products: [] }, 'none'],
    [{ weighted: [] }, 'form'],
    [{ sums: ['03', '4'] }, 'form'],
    [{ sums: [3, 4] }, 'form'],
    [{ sums: Array.from({ length: 41 }, () => '0') }, 'form'],
    [{ squares: 29 }, 'form'],
    [{ squares: '-1' }, 'form'],
    [{ rows: -1 }, 'form'],
    [{ more: 1 }, 'form'],
  ])('with %j ends as it must', (change, fault) => {
    expect(faultOf(change)).toBe(fault);
  });
});
