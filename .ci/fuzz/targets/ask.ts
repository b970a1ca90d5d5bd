/** Questions, signatures, answers, refusals and evidence: cloud-sink/messages, cloud-sink/reader. */
import {
  encodeCatalogue,
  encodeMomentsAnswer,
  encodeTagsAnswer,
  parseCatalogue,
  parseMomentsAnswer,
  parseTagsAnswer,
} from '../../../cloud-sink/messages/answer-bodies.ts';
import { AnswerError, openSignedAnswer, sealAnswer } from '../../../cloud-sink/messages/answer.ts';
import {
  encodeAuditAnswer,
  parseAuditAnswer,
  parseAuditQuery,
} from '../../../cloud-sink/messages/audit.ts';
import { encodeBinsAnswer, parseBinsAnswer } from '../../../cloud-sink/messages/bins-answer.ts';
import {
  canonicalBytes,
  CanonicalError,
  parseJson,
} from '../../../cloud-sink/messages/canonical.ts';
import { decodeHistory, encodeHistory } from '../../../cloud-sink/messages/history-answer.ts';
import {
  decodeColumnHeader,
  decodeSegmentHeader,
} from '../../../cloud-sink/messages/masked-frame.ts';
import {
  parseProblem,
  ProblemError,
  problemJson,
  PROBLEMS,
} from '../../../cloud-sink/messages/problem.ts';
import {
  parseBinsQuery,
  parseCatalogueQuery,
  parseHistoryQuery,
  parseMomentsQuery,
  parseTagsQuery,
  queryDigest,
} from '../../../cloud-sink/messages/query.ts';
import { RecordError } from '../../../cloud-sink/messages/record-error.ts';
import {
  SignatureError,
  signRequest,
  verifyRequest,
} from '../../../cloud-sink/messages/signature.ts';
import { reportOf } from '../../../cloud-sink/reader/catalogue-report.ts';
import {
  EvidenceError,
  makeEvidence,
  verifyEvidence,
} from '../../../cloud-sink/reader/evidence.ts';
import { openPart } from '../../../cloud-sink/reader/history-open.ts';
import { keyId, sign, signer, verify } from '../../../edge/identity/node.ts';
import { toBase64Url, toHex } from '../../../edge/seal/bytes.ts';
import { setsOfServer } from '../../../edge/sharing/sets.ts';
import { hex, JSON_HOSTILE, ones, text, zeros } from '../hostile.ts';
import { joined, mutateBytes } from '../mutate.ts';
import { mutateJson } from '../mutate-json.ts';
import type { Random } from '../random.ts';
import { only, sameBytes, stable, type Target, Unfit } from '../target.ts';
import { worldOf } from '../world.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const LOG = '5c'.repeat(16);
const digestOf = (random: Random): string => toBase64Url(random.bytes(32));
const element = (random: Random): bigint => BigInt(random.u32()) * 2n ** 28n;

/** One target a question: they share nothing but their readers of fields. */
const QUESTIONS = {
  moments: {
    parse: parseMomentsQuery,
    body: {
      version: 1,
      asOf: { [LOG]: 9 },
      vitals: ['heart-rate', 'spo2'],
      degree: 2,
      where: { ward: 'a' },
      from: 1,
      to: 300,
      stays: ['bed-1'],
      unit: 'patient',
    },
  },
  bins: {
    parse: parseBinsQuery,
    body: {
      version: 1,
      asOf: { [LOG]: 9 },
      vital: 'heart-rate',
      where: {},
      from: 300,
      to: 600,
      stays: ['bed-1'],
      cells: [0, 2, 5],
    },
  },
  history: {
    parse: parseHistoryQuery,
    body: {
      version: 1,
      asOf: { [LOG]: 9 },
      stay: 'bed-1',
      channel: 'ecg',
      lead: 'II',
      from: 1,
      to: 2,
      after: `${LOG}.1.2`,
    },
  },
  tags: { parse: parseTagsQuery, body: { version: 1, log: LOG, from: 0 } },
  catalogue: { parse: parseCatalogueQuery, body: { version: 1 } },
  audit: {
    parse: parseAuditQuery,
    body: {
      version: 1,
      asOf: { [LOG]: 9 },
      vitals: ['spo2'],
      where: {},
      commitments: { 1: toBase64Url(new Uint8Array(32)) },
    },
  },
} as const;

const questionTargets = Object.entries(QUESTIONS).map(([name, { parse, body }]): Target => ({
  name: `query-${name}`,
  codec: `cloud-sink/messages: the body of POST /${name}`,
  samples: 'questions with every member',
  errors: 'ProblemError bad-request',
  make: () => ({
    sample: () => canonicalBytes(body),
    mutate: mutateJson,
    decode: (bytes) => {
      const query = stable<unknown>(parse(bytes), canonicalBytes, parse);
      if (name !== 'audit') queryDigest(query as never);
      return query;
    },
    refusal: (error) =>
      error instanceof ProblemError && error.code === 'bad-request' ? error.code : undefined,
  }),
  hostile: {
    ...JSON_HOSTILE,
    'asOf __proto__': text(
      '{"version":1,"asOf":{"__proto__":1},"vitals":["spo2"],"degree":0,"where":{}}',
    ),
  },
}));

const head = (random: Random) => ({
  server: 1,
  generation: 1,
  config: digestOf(random),
  query: digestOf(random),
  data: digestOf(random),
});
const list = (random: Random, count: number): bigint[] =>
  Array.from({ length: count }, () => element(random));

const ANSWERS: Readonly<
  Record<
    string,
    {
      sample: (random: Random) => Uint8Array;
      decode: (bytes: Uint8Array) => unknown;
      encode: (value: never) => Uint8Array;
    }
  >
> = {
  moments: {
    decode: parseMomentsAnswer,
    encode: encodeMomentsAnswer,
    sample: (random) =>
      encodeMomentsAnswer({
        ...head(random),
        asOf: { [LOG]: 9 },
        count: 5,
        patients: 2,
        sums: list(random, 2),
        products: list(random, 3),
        weights: [5n, 25n],
      }),
  },
  bins: {
    decode: parseBinsAnswer,
    encode: encodeBinsAnswer,
    sample: (random) =>
      encodeBinsAnswer({
        ...{ ...head(random), asOf: { [LOG]: 9 }, count: 5, rows: 6, patients: 2, squares: 9n },
        ...{ sums: list(random, 20), weighted: list(random, 2), products: list(random, 3) },
      }),
  },
  audit: {
    decode: parseAuditAnswer,
    encode: encodeAuditAnswer,
    sample: (random) =>
      encodeAuditAnswer({
        ...head(random),
        count: 3,
        commitment: digestOf(random),
        combinations: list(random, 2),
      }),
  },
  tags: {
    decode: parseTagsAnswer,
    encode: encodeTagsAnswer,
    sample: (random) => encodeTagsAnswer({ next: 5, tags: [random.bytes(16), random.bytes(16)] }),
  },
};

const answerTargets = Object.entries(ANSWERS).map(([name, { sample, decode, encode }]): Target => ({
  name: `answer-${name}`,
  codec: `cloud-sink/messages: the body that answers /${name}`,
  samples: 'answers with every member',
  errors: 'AnswerError form',
  make: () => ({
    sample,
    mutate: mutateJson,
    decode: (bytes) => stable(decode(bytes), encode as (value: unknown) => Uint8Array, decode),
    refusal: (error) =>
      error instanceof AnswerError && error.code === 'form' ? error.code : undefined,
  }),
  hostile: JSON_HOSTILE,
}));

export const askTargets: readonly Target[] = [
  ...questionTargets,
  ...answerTargets,
  {
    name: 'answer-catalogue',
    codec:
      'cloud-sink/messages/answer-bodies.ts parseCatalogue; reader/catalogue-report.ts reportOf',
    samples: 'catalogues of two stays; the report must name nothing no server told',
    errors: 'AnswerError form',
    make: () => ({
      sample: () => catalogueOf({ ward: 'a' }),
      mutate: mutateJson,
      decode: (bytes) => {
        const catalogue = stable(parseCatalogue(bytes), encodeCatalogue, parseCatalogue);
        checkReport([catalogue, catalogue, parseCatalogue(catalogueOf({ ward: 'a' }))]);
        return catalogue;
      },
      refusal: only(AnswerError),
    }),
    hostile: {
      ...JSON_HOSTILE,
      'a label constructor': () => catalogueOf({ constructor: 'a' }),
    },
  },
  {
    name: 'answer-history',
    codec: 'cloud-sink/messages/history-answer.ts decodeHistory, reader/history-open.ts openPart',
    samples: 'parts of columns and segments, opened by a reader of one such server',
    errors: 'AnswerError form, RecordError',
    make: () => ({
      sample: historyOf,
      mutate: mutateBytes,
      decode: (bytes) => {
        const answer = decodeHistory(bytes);
        sameBytes(bytes, encodeHistory(answer));
        const { configuration } = worldOf(3);
        for (const part of answer.parts.slice(0, 4)) {
          const kind = part.header.length === 29 ? 'segment' : 'column';
          openPart(configuration, kind, [
            { server: 1, part },
            { server: 2, part },
          ]);
          if (kind === 'segment') decodeSegmentHeader(part.header);
          else decodeColumnHeader(part.header);
        }
        return answer;
      },
      refusal: only(AnswerError, RecordError),
    }),
    hostile: {
      empty: zeros(0),
      'masked of 4 GiB': () => joined(zeros(2 + 24)(), hex('0000 ffffffff')()),
      'a cursor of 65,535': ones(65_537),
      'a control character': hex('0100 1b'),
    },
  },
  {
    name: 'answer-sealed',
    codec: 'cloud-sink/messages/answer.ts openSignedAnswer',
    samples: 'answers sealed to a researcher',
    errors: 'AnswerError',
    make: () => {
      const { researcher, servers } = worldOf(3);
      const request = { signature: 'sig1=:one:', body: encoder.encode('{}') };
      return {
        sample: (random) =>
          sealAnswer(
            researcher,
            request,
            random.bytes(random.below(60)),
            signer(servers[0]!),
            random.bytes,
          ),
        mutate: mutateBytes,
        decode: (bytes) => openSignedAnswer(researcher, servers[0]!.sign, request, bytes, verify),
        refusal: only(AnswerError),
      };
    },
    hostile: { empty: zeros(0), 'a point of small order': zeros(200) },
  },
  {
    name: 'request-signature',
    codec: 'cloud-sink/messages/signature.ts verifyRequest (RFC 9421)',
    samples: 'the four headers, a line each, then the body',
    errors: 'SignatureError',
    make: () => {
      const { researcher, servers } = worldOf(3);
      const server = keyId(servers[0]!);
      const nowMs = 1_700_000_000_000;
      return {
        sample: (random) => {
          const body = encoder.encode(`{"n":${random.below(99)}}`);
          const signed = signRequest({
            method: 'POST',
            path: '/moments',
            body,
            server,
            identity: researcher,
            nowMs,
            random: random.bytes,
            sign,
          });
          return encoder.encode(
            [
              ...Object.entries(signed).map(([name, value]) => `${name}: ${value}`),
              decoder.decode(body),
            ].join('\n'),
          );
        },
        mutate: mutateBytes,
        decode: (bytes) => {
          const lines = Buffer.from(bytes).toString('latin1').split('\n');
          const body = new Uint8Array(Buffer.from(lines.pop() ?? '', 'latin1'));
          const headers: Record<string, string | string[]> = Object.fromEntries(
            lines.map((line): [string, string] => [
              line.slice(0, line.indexOf(': ')),
              line.slice(line.indexOf(': ') + 2),
            ]),
          );
          if (headers['signature'] === undefined) headers['signature'] = ['a', 'b'];
          const keyOf = (id: string) => (id === keyId(researcher) ? researcher.sign : undefined);
          return verifyRequest({
            method: 'POST',
            path: '/moments',
            body,
            headers,
            server,
            nowMs,
            keyOf,
            verify,
          });
        },
        refusal: only(SignatureError),
      };
    },
    hostile: {
      empty: zeros(0),
      'headers of 100 kB': text(`signature-input: ${'a'.repeat(100_000)}\n`),
      'a header __proto__': text('__proto__: a\n'),
    },
  },
  {
    name: 'problem',
    codec: 'cloud-sink/messages/problem.ts parseProblem',
    samples: 'refusals',
    errors: 'none: null; CanonicalError of its JSON',
    make: () => ({
      sample: (random) =>
        encoder.encode(
          JSON.stringify(
            problemJson(
              new ProblemError(random.pick(Object.keys(PROBLEMS)) as 'stale', 'why', { limit: 3 }),
            ),
          ),
        ),
      mutate: mutateJson,
      decode: (bytes) => {
        const problem = parseProblem(parseJson(bytes));
        if (problem === null) return null;
        if (/[\p{C}]/u.test(problem.message.replace(/\p{Co}|\p{Cn}/gu, '')))
          throw new Unfit('a control character reaches the terminal');
        return problem;
      },
      refusal: only(CanonicalError),
    }),
    hostile: {
      ...JSON_HOSTILE,
      'code __proto__': text('{"code":"__proto__"}'),
      'an escape in the detail': text('{"code":"stale","detail":"\\u001b[2J\\u202e","status":200}'),
    },
  },
  {
    name: 'evidence',
    codec: 'cloud-sink/reader/evidence.ts verifyEvidence',
    samples: 'three servers that answered, one of them wrongly, as evidence would hold them',
    errors: 'EvidenceError, CanonicalError',
    make: () => ({
      sample: evidenceOf,
      mutate: mutateJson,
      decode: (bytes) => verifyEvidence(worldOf(4).configuration, parseJson(bytes), verify),
      refusal: only(EvidenceError, CanonicalError),
    }),
    hostile: JSON_HOSTILE,
  },
];

function catalogueOf(labels: Record<string, string>): Uint8Array {
  const stay = (name: string, own: Record<string, string>) => ({
    ...{ stay: name, tag: `tag-${name}`, admitted: true, labels: own },
    vitals: { 'heart-rate': { rows: 5, from: 10, to: 20 } },
    waveforms: [{ channel: 'ecg', lead: 'II', from: 1, to: 2 }],
  });
  return encodeCatalogue({
    heads: { [LOG]: 9 },
    stays: [stay('bed-1', labels), stay('bed-2', {})],
  });
}

function checkReport(catalogues: ReturnType<typeof parseCatalogue>[]): void {
  const told = new Set(
    catalogues.flatMap(({ stays }) => stays.flatMap(({ labels }) => Object.values(labels))),
  );
  for (const values of Object.values(reportOf(catalogues, 1).labels)) {
    const untold = Object.keys(values).find((value) => !told.has(value));
    if (untold !== undefined) throw new Unfit(`the report names ${untold}, which no server told`);
  }
}

function historyOf(random: Random): Uint8Array {
  const isSegment = random.chance(2);
  const sets = setsOfServer(worldOf(3).configuration, 1);
  const parts = Array.from({ length: 1 + random.below(3) }, () => {
    const count = 1 + random.below(4);
    const header = isSegment
      ? joined(
          hex('40 02 01 0000000000000000 90d00300 0000000000006940 00000000')(),
          Uint8Array.of(count, 0),
        )
      : joined(hex('01 00000000 0800')(), Uint8Array.of((1 << count) - 1));
    const bytes = isSegment ? 2 + 2 * count : 8 * count;
    const masked = new Uint8Array(bytes).fill(1);
    return {
      ...{
        log: random.bytes(16),
        position: random.u32(),
        header,
        masked,
        commitment: random.bytes(16),
      },
      sets: sets.map((mask) => ({
        mask,
        commit: random.bytes(32),
        keystream: new Uint8Array(bytes).fill(2),
      })),
    };
  });
  return encodeHistory({ next: random.chance(2) ? '' : `${toHex(random.bytes(16))}.1.2`, parts });
}

/** Of four servers with threshold 1 five points of a line are not there: three agree, one is named. */
function evidenceOf(random: Random): Uint8Array {
  const { configDigest: config, servers, researcher } = worldOf(4);
  const query = parseMomentsQuery(
    canonicalBytes({ version: 1, asOf: { [LOG]: 9 }, vitals: ['spo2'], degree: 1, where: {} }),
  );
  const body = canonicalBytes(query);
  const data = digestOf(random);
  const answers = servers.map((identity, i) => {
    const j = BigInt(i + 1);
    const lie = i === 3 ? 1n : 0n;
    const signed = signRequest({
      method: 'POST',
      path: '/moments',
      body,
      server: keyId(identity),
      identity: researcher,
      nowMs: 1_700_000_000_000,
      random: random.bytes,
      sign,
    });
    const answer = encodeMomentsAnswer({
      ...{
        server: i + 1,
        generation: 1,
        config,
        query: toBase64Url(queryDigest(query)),
        data,
        asOf: query.asOf,
      },
      ...{ count: 5, patients: 2, sums: [100n + 7n * j + lie], products: [] },
    });
    const request = { signature: signed['signature']!, body };
    let signature: Uint8Array = new Uint8Array(0);
    sealAnswer(
      researcher,
      request,
      answer,
      (message) => (signature = signer(identity)(message)),
      random.bytes,
    );
    return [i + 1, { headers: signed, signature, body: answer }] as const;
  });
  const evidence = makeEvidence(config, '/moments', body, [4], new Map(answers as never));
  return encoder.encode(JSON.stringify(evidence));
}
