/**
 * A data server's part of the key ceremony: shares of Z_A, which servers make among themselves so
 * that the gateway, which sees every split key, cannot take the mask off a product [S10].
 *
 *   c_i   32 random bytes of each member of A, sealed to the other members
 *   Z_A = HKDF-Extract("vitalshare zero 1", c_1 ‖ … ‖ c_m), by rising index             [SHARE-13]
 *
 * Its own c_i wait in contributions.json until all messages are there.
 */
import { join } from 'node:path';
import { indicesOf, setsOfServer } from '../sharing/sharing.ts';
import { zeroKey } from '../sharing/zero.ts';
import type { Random } from './ceremony.ts';
import {
  createPartyFile,
  PartyError,
  partyFileExists,
  readPartyFile,
  removePartyFile,
} from './files.ts';
import {
  fieldsOf,
  keyMapJson,
  parseEpoch,
  parseKey,
  parseKeyMap,
  serverKeysJson,
} from './key-files.ts';
import { type KeyMessage, KeyMessageError, openMessage, sealMessage } from './message.ts';
import { KEYS_FILE, loadMember, type Member } from './party.ts';

const CONTRIBUTIONS_FILE = 'contributions.json';

/** One message for each data server that shares a set with this one. A second call repeats them. */
export function contributeZero(folder: string, random: Random): KeyMessage[] {
  const { member, server } = loadServer(folder);
  refuseIfDone(folder);
  const { configuration } = member;
  const masks = setsOfServer(configuration, server);
  const file = join(folder, CONTRIBUTIONS_FILE);
  if (!partyFileExists(file)) {
    createPartyFile(file, keyMapJson(new Map(masks.map((mask) => [mask, random(32)]))));
  }
  const own = readContributions(folder, masks);
  return partnersOf(member, server).map((partner) => {
    const shared = sharedSets(member, server, partner);
    const keys = new Map(shared.map((mask) => [mask, own.get(mask)!]));
    const to = configuration.dataServers[partner - 1]!;
    return sealMessage(member, to, 'zero', { contributions: keyMapJson(keys) }, random);
  });
}

/**
 * Takes the gateway's message and one of every partner, all at once, and writes keys.json. Throws
 * KeyMessageError and stores nothing where one is missing, altered, twice or for another party.
 */
export function acceptMessages(folder: string, messages: readonly unknown[]): void {
  const { member, server } = loadServer(folder);
  refuseIfDone(folder);
  const masks = setsOfServer(member.configuration, server);
  const own = readContributions(folder, masks);
  const contents = openAll(member, messages);

  const dealt = contentOf(contents, member, 0, ({ epoch, split, log }) => ({
    epoch: parseEpoch(epoch),
    split: parseKeyMap(split, 'split', masks),
    log: parseKey(log, 'log'),
  }));
  const contributions = new Map([[server, own]]);
  for (const partner of partnersOf(member, server)) {
    const shared = sharedSets(member, server, partner);
    const parse = (fields: Record<string, unknown>): Map<number, Uint8Array> =>
      parseKeyMap(fields['contributions'], 'contributions', shared);
    contributions.set(partner, contentOf(contents, member, partner, parse));
  }
  const zero = new Map(
    masks.map((mask) => [
      mask,
      zeroKey(indicesOf(mask).map((index) => contributions.get(index)!.get(mask)!)),
    ]),
  );
  const keys = { split: new Map([[dealt.epoch, dealt.split]]), log: dealt.log, zero };
  createPartyFile(join(folder, KEYS_FILE), serverKeysJson(keys));
  removePartyFile(join(folder, CONTRIBUTIONS_FILE));
}

/** Sender (0 the gateway, j data server j) → content. */
function openAll(member: Member, messages: readonly unknown[]): Map<number, unknown> {
  const contents = new Map<number, unknown>();
  for (const message of messages) {
    const { from, content } = openMessage(member, message);
    // findIndex is −1 for the gateway, which stands in no list of data servers.
    const sender = member.configuration.dataServers.findIndex(({ sign }) => sign === from.sign) + 1;
    if (contents.has(sender))
      throw new KeyMessageError('twice', `two messages of ${from.name} came`);
    contents.set(sender, content);
  }
  return contents;
}

function contentOf<T>(
  contents: ReadonlyMap<number, unknown>,
  member: Member,
  sender: number,
  parse: (fields: Record<string, unknown>) => T,
): T {
  const { gateway, dataServers } = member.configuration;
  const { name } = sender === 0 ? gateway : dataServers[sender - 1]!;
  if (!contents.has(sender)) {
    throw new KeyMessageError('missing', `the message of ${name} is missing`);
  }
  try {
    return parse(Object.fromEntries(fieldsOf(contents.get(sender), 'content')));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new KeyMessageError('wrong-content', `the message of ${name} is wrong: ${error.message}`);
  }
}

const sharedSets = (member: Member, server: number, partner: number): number[] =>
  setsOfServer(member.configuration, server).filter((mask) => indicesOf(mask).includes(partner));

/** Data servers that share a set with `server`: all others, or none where sets have one member. */
const partnersOf = (member: Member, server: number): number[] =>
  member.configuration.dataServers
    .map((_, index) => index + 1)
    .filter((other) => other !== server && sharedSets(member, server, other).length > 0);

function loadServer(folder: string): { member: Member; server: number } {
  const member = loadMember(folder);
  if (member.server !== undefined) return { member, server: member.server };
  throw new PartyError('mismatch', folder, `${member.identity.name} is no data server.`);
}

function refuseIfDone(folder: string): void {
  const file = join(folder, KEYS_FILE);
  if (!partyFileExists(file)) return;
  throw new PartyError('exists', file, `${file} exists already: this party's ceremony is over.`);
}

const readContributions = (folder: string, masks: readonly number[]): Map<number, Uint8Array> =>
  readPartyFile(
    join(folder, CONTRIBUTIONS_FILE),
    (value) => parseKeyMap(value, 'contributions', masks),
    { secret: true, remedy: 'contribute first (`vitalshare keys contribute`).' },
  );
