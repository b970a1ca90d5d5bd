/**
 * The gateway's part of the key ceremony (SHARING.md, Keys): K_A for every set, the log key L and
 * its own tag key, all random; K_A sealed to exactly the members of A, L to every data server [S10].
 */
import { join } from 'node:path';
import { setsOf, setsOfServer } from '../sharing/sharing.ts';
import { toBase64Url } from '../seal/seal.ts';
import type { Random } from './ceremony.ts';
import { createPartyFile, PartyError, partyFileExists } from './files.ts';
import { type GatewayKeys, gatewayKeysJson, keyMapJson, loadGatewayKeys } from './key-files.ts';
import { type KeyMessage, sealMessage } from './message.ts';
import { KEYS_FILE, loadMember } from './party.ts';

/** One message for each data server, by index. A second call seals the same keys again. */
export function dealSplitKeys(folder: string, random: Random): KeyMessage[] {
  const member = loadMember(folder);
  const { configuration, identity } = member;
  const file = join(folder, KEYS_FILE);
  if (identity.role !== 'gateway') {
    throw new PartyError('mismatch', file, `${identity.name} is no gateway; only a gateway deals.`);
  }
  if (!partyFileExists(file)) {
    const made: GatewayKeys = {
      epoch: 1,
      split: new Map(setsOf(configuration).map((mask) => [mask, random(32)])),
      log: random(32),
      tag: random(32),
    };
    createPartyFile(file, gatewayKeysJson(made));
  }
  const { epoch, split, log } = loadGatewayKeys(folder);
  return configuration.dataServers.map((server, index) => {
    const masks = setsOfServer(configuration, index + 1);
    const own = new Map(masks.map((mask) => [mask, split.get(mask)!]));
    const content = { epoch, split: keyMapJson(own), log: toBase64Url(log) };
    return sealMessage(member, server, 'split', content, random);
  });
}
