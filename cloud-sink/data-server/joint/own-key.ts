/**
 * This server's Paillier key: made when it is first needed, kept in memory alone and gone with the
 * process, so no disk ever opens what was asked before [PROTO-61].
 */
import { keyId } from '@vitalshare/edge/identity';
import { PAILLIER_KEY_BITS } from '../../limits.ts';
import {
  type Arithmetic,
  generateKey,
  type Masks,
  ownFixedBase,
  type PrivateKey,
  publishKey,
  type PublishedKey,
} from '../../paillier/paillier.ts';
import type { ServerParty } from '../runs.ts';

export interface OwnKey {
  readonly key: PrivateKey;
  readonly published: PublishedKey;
  /** For rows: who sees them sees no combination of them. */
  readonly masks: Masks;
}

/** `makeKey` is another in tests alone. Called again after a failure. */
export function ownKeyOnce(
  arithmetic: Arithmetic,
  { identity, configDigest }: Pick<ServerParty, 'identity' | 'configDigest'>,
  makeKey: () => Promise<PrivateKey> = () => generateKey(arithmetic, PAILLIER_KEY_BITS[0]),
): () => Promise<OwnKey> {
  let made: Promise<OwnKey> | undefined;
  const make = async (): Promise<OwnKey> => {
    const key = await makeKey();
    const published = publishKey(arithmetic, key, configDigest, keyId(identity));
    return { key, published, masks: ownFixedBase(arithmetic, key) };
  };
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
