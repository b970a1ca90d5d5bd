/**
 * The key of encrypted sums as the servers tell it [PROTO-83]: t + 1 must tell the same, one of them is
 * honest; every dealing is checked here as every server did. Once a session.
 */
import { fromBase64Url, toBase64Url } from '@vitalshare/edge/seal';
import {
  checkDealing,
  dealingContext,
  ElgamalError,
  type JointKey,
  jointKey,
} from '../../elgamal/elgamal.ts';
import { canonicalBytes } from '../../messages/canonical.ts';
import { KEY_PATH, type KeyAnswer, parseKeyAnswer } from '../../messages/elgamal.ts';
import { askAll, tooFew, without } from '../ask.ts';
import type { ReaderParty } from '../party.ts';
import { askServer, checkConfiguration, parsedFrom, ServerFault } from '../request.ts';
import type { Session } from '../session.ts';

const known = new WeakMap<Session, Promise<JointKey>>();

/** Throws ReaderError where too few tell one key; the sentence has the servers' own reason. */
export function keyOf(session: Session, what: string): Promise<JointKey> {
  const key = known.get(session) ?? askKey(session, what);
  known.set(session, key);
  return key;
}

async function askKey({ party, world, missing, asking }: Session, what: string): Promise<JointKey> {
  const { threshold } = party.configuration;
  const body = new Uint8Array(canonicalBytes({ version: 1, step: 'key' }));
  const enough = threshold + 1;
  const present = { ...asking, enough, servers: without(party, missing) };
  const { answers, faults } = await askAll(party, world, present, async (server, signal) => {
    const bytes = await askServer(party, server, KEY_PATH, body, world, signal);
    const answer = parsedFrom(server, bytes, parseKeyAnswer);
    checkConfiguration(party, server, answer);
    return checkedKey(party, server, answer);
  });
  const told = new Map<string, { key: JointKey; servers: number[] }>();
  for (const { server, answer } of answers) {
    const digest = toBase64Url(answer.digest);
    const same = told.get(digest) ?? { key: answer, servers: [] };
    same.servers.push(server);
    told.set(digest, same);
  }
  const found = [...told.values()].find(({ servers }) => servers.length >= enough);
  if (found !== undefined) return found.key;
  const differ = answers.map(
    ({ server }) => new ServerFault(server, 'differs', 'it tells another key than the others'),
  );
  const all = [...missing, ...faults, ...(told.size > 1 ? differ : [])];
  const answered = told.size > 1 ? [] : answers.map(({ server }) => server);
  throw tooFew(party, `the key under which ${what} is encrypted`, enough, answered, all);
}

function checkedKey(
  { configuration, configDigest }: ReaderParty,
  server: number,
  { server: said, dealings }: KeyAnswer,
): JointKey {
  try {
    if (said !== server) throw new ServerFault(server, 'malformed', 'it answered for another');
    const points = dealings.map((dealing, i) => {
      const config = fromBase64Url(configDigest, 32);
      const context = dealingContext(config, configuration.generation, i + 1);
      return checkDealing(configuration.threshold, i + 1, context, dealing);
    });
    return jointKey(configuration, points);
  } catch (error) {
    if (!(error instanceof ElgamalError)) throw error;
    throw new ServerFault(server, 'malformed', `it tells no key (${error.message})`);
  }
}
