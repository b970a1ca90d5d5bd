/** A world of party folders for tests of this folder, made by the real ceremony in one process. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PublicIdentity } from '../identity/node.ts';
import { joinWorld, makeConfiguration, makeOwnIdentity, type Random } from './ceremony.ts';
import { dealSplitKeys } from './deal.ts';
import type { KeyMessage } from './message.ts';
import { acceptMessages, contributeZero } from './zero-keys.ts';

export const random: Random = (lengthBytes) => new Uint8Array(randomBytes(lengthBytes));

export interface TestWorld {
  readonly root: string;
  readonly gateway: string;
  /** Folder of server j at j − 1. */
  readonly servers: readonly string[];
  readonly researcher: string;
}

/** Steps 1 to 3: identities and configuration, no keys yet. */
export function joinedWorld(servers: number, threshold: number): TestWorld {
  const root = mkdtempSync(join(tmpdir(), 'vitalshare-keys-'));
  const world = {
    root,
    gateway: join(root, 'gateway'),
    servers: Array.from({ length: servers }, (_, index) => join(root, `server-${index + 1}`)),
    researcher: join(root, 'researcher'),
  };
  const parties: PublicIdentity[] = [
    makeOwnIdentity(world.gateway, 'gateway', 'gateway', random),
    ...world.servers.map((folder, index) =>
      makeOwnIdentity(folder, `server ${index + 1}`, 'data-server', random),
    ),
    makeOwnIdentity(world.researcher, 'researcher', 'researcher', random),
  ];
  const configuration = makeConfiguration({ threshold, minimumCohort: 5, parties }, random);
  for (const folder of [world.gateway, ...world.servers, world.researcher]) {
    joinWorld(folder, configuration);
  }
  return world;
}

/** Steps 4 and 5: every message, by the index of its recipient. */
export function exchange(world: TestWorld): Map<number, KeyMessage[]> {
  const inbox = new Map<number, KeyMessage[]>();
  const dealt = dealSplitKeys(world.gateway, random);
  dealt.forEach((message, index) => inbox.set(index + 1, [message]));
  const recipients = new Map(dealt.map((message, index) => [message.to, index + 1]));
  for (const folder of world.servers) {
    for (const message of contributeZero(folder, random)) {
      inbox.get(recipients.get(message.to)!)!.push(message);
    }
  }
  return inbox;
}

export function keyedWorld(servers: number, threshold: number): TestWorld {
  const world = joinedWorld(servers, threshold);
  const inbox = exchange(world);
  world.servers.forEach((folder, index) => acceptMessages(folder, inbox.get(index + 1)!));
  return world;
}
