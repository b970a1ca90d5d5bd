/**
 * One party of a ceremony on one machine, as a process of its own: it sees its own folder, and what
 * its parent hands it on stdin [S10].
 *
 *   ask     one line of JSON   { "do": "identity" | "join" | "deal" | "contribute" | "accept", … }
 *   answer  one line of JSON   { "done": public identity | true | messages } or { "failed": sentence }
 *
 * Keys come from the operating system. There is no argument, here or above, that could replace it.
 */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { UserError } from '@vitalshare/edge/command/node';
import type { PublicIdentity, Role } from '@vitalshare/edge/identity/node';
import type { Configuration } from '@vitalshare/edge/keys';
import {
  acceptMessages,
  contributeZero,
  dealSplitKeys,
  joinWorld,
  type KeyMessage,
  makeOwnIdentity,
} from '@vitalshare/edge/keys/ceremony/node';

export type Ask =
  | { readonly do: 'identity'; readonly name: string; readonly role: Role }
  | { readonly do: 'join'; readonly configuration: Configuration }
  | { readonly do: 'deal' }
  | { readonly do: 'contribute' }
  | { readonly do: 'accept'; readonly messages: readonly KeyMessage[] };

export type Answer =
  { readonly done: PublicIdentity | readonly KeyMessage[] | true } | { readonly failed: string };

export const osRandom = (lengthBytes: number): Uint8Array =>
  new Uint8Array(randomBytes(lengthBytes));

/** Answers every line of `input` until it ends. */
export async function serveParty(folder: string, input: Readable, output: Writable): Promise<void> {
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    output.write(`${JSON.stringify(answer(folder, JSON.parse(line) as Ask))}\n`);
  }
}

function answer(folder: string, ask: Ask): Answer {
  try {
    return { done: act(folder, ask) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { failed: error.message };
  }
}

function act(folder: string, ask: Ask): PublicIdentity | KeyMessage[] | true {
  switch (ask.do) {
    case 'identity':
      return makeOwnIdentity(folder, ask.name, ask.role, osRandom);
    case 'join':
      joinWorld(folder, ask.configuration);
      return true;
    case 'deal':
      return dealSplitKeys(folder, osRandom);
    case 'contribute':
      return contributeZero(folder, osRandom);
    case 'accept':
      acceptMessages(folder, ask.messages);
      return true;
  }
}
