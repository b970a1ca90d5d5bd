/**
 * Two researchers who act together against an honest server: masks of products are bound to the
 * asker [PROTO-17], so four answers to one and the fifth to the other never fit, though nobody lied.
 */
import { expect, it } from 'vitest';
import { keyId, publicOf } from '@vitalshare/edge/identity';
import { makeIdentity, sign, verify } from '@vitalshare/edge/identity/node';
import {
  canonicalBytes,
  type Configuration,
  configDigest,
  encodeMomentsAnswer,
  type MomentsAnswer,
  openSignedAnswer,
  parseMomentsAnswer,
  queryDigest,
  sealAnswer,
  signRequest,
} from '../messages/messages.ts';
import { toBase64Url } from '@vitalshare/edge/seal';
import { random } from '../data-server/world.fixture.ts';
import { makeEvidence, verifyEvidence } from './evidence.ts';
import { judge } from './judge.ts';
import { MOMENTS } from './moments-question.ts';
import type { ProvenAnswer } from './request.ts';

it('evidence of answers to several askers proves nothing, whatever its numbers [PROTO-25]', () => {
  const servers = [1, 2, 3, 4, 5].map((j) => makeIdentity(`server ${j}`, 'data-server', random));
  const askers = ['x', 'y'].map((name) => makeIdentity(name, 'researcher', random));
  const configuration: Configuration = {
    vitalshare: 'configuration',
    version: 1,
    world: toBase64Url(random(16)),
    servers: 5,
    threshold: 1,
    generation: 1,
    minimumCohort: 1,
    gateway: publicOf(makeIdentity('gateway', 'gateway', random)),
    dataServers: servers.map(publicOf),
    researchers: askers.map(publicOf),
    physicians: [],
  };
  const config = configDigest(configuration);
  const asOf = { ['0'.repeat(32)]: 5 };
  const query = { version: 1, asOf, vitals: ['spo2'], degree: 2, where: {} } as const;
  const body = new Uint8Array(canonicalBytes(query));

  /** What honest server `j` answers: the same sum to everybody, its product under the asker's mask. */
  const answerOf = (j: number, asker: 0 | 1): ProvenAnswer => {
    const [server, who] = [servers[j - 1]!, askers[asker]!];
    const headers = signRequest({
      method: 'POST',
      path: '/moments',
      body,
      server: keyId(server),
      identity: who,
      nowMs: 1_800_000_000_000,
      random,
      sign,
    });
    const [z, mask] = [BigInt(j), asker === 0 ? 41n : 97n];
    const answer: MomentsAnswer = {
      server: j,
      generation: 1,
      config,
      query: toBase64Url(queryDigest(query)),
      data: toBase64Url(new Uint8Array(32)),
      asOf,
      count: 2,
      patients: 2,
      sums: [1900n + 3n * z],
      products: [1_805_000n + mask * z + (mask + 1n) * z * z],
    };
    const request = { signature: headers['signature']!, body };
    const signed = (message: Uint8Array) => sign(server, message);
    const sealed = sealAnswer(who, request, encodeMomentsAnswer(answer), signed, random);
    return { ...openSignedAnswer(who, server.sign, request, sealed, verify), headers };
  };

  const pieced = new Map([1, 2, 3, 4, 5].map((j) => [j, answerOf(j, j === 5 ? 1 : 0)]));
  // Without the asker in it, the judge would believe the accusation.
  const answers = [...pieced.values()].map((each) => parseMomentsAnswer(each.body));
  expect(judge(configuration, MOMENTS.form(configuration), answers).named).toEqual([5]);
  const check = (evidence: unknown) => verifyEvidence(configuration, evidence, verify);
  expect(() => check(makeEvidence(config, '/moments', body, [5], pieced))).toThrow(
    'several askers',
  );

  // All to one asker, the same answers fit and accuse nobody.
  const honest = new Map([1, 2, 3, 4].map((j) => [j, answerOf(j, 1)]));
  expect(() => check(makeEvidence(config, '/moments', body, [4], honest))).toThrow(
    'show nobody to be wrong',
  );
});
