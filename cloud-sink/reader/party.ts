/**
 * Who asks, in which world: the party folder of a researcher or a physician, or the same three
 * parts from a page's memory.
 */
import type { Identity } from '@vitalshare/edge/identity';
import type { Configuration } from '@vitalshare/edge/keys';

export interface ReaderParty {
  readonly identity: Identity;
  readonly configuration: Configuration;
  /** base64url of 32 bytes [PROTO-1]. */
  readonly configDigest: string;
  readonly addresses: {
    readonly gateway: string;
    /** The j-th is server j's. */
    readonly dataServers: readonly string[];
  };
}

export const serverIndices = (party: ReaderParty): number[] =>
  party.configuration.dataServers.map((_, i) => i + 1);

/** `server 2 (St. Mary)`; one that is only called `server-2` is `server 2`. */
export function serverName(party: ReaderParty, server: number): string {
  const name = party.configuration.dataServers[server - 1]?.name ?? '';
  const isPlain = /^(?:data[ -]?)?server[ -]?\d*$/i.test(name) || name === '';
  return isPlain ? `server ${server}` : `server ${server} (${name})`;
}
