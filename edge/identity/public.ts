/**
 * An identity: an Ed25519 key that signs and an X25519 key that others seal to. Each party makes
 * its own and hands out the public half [S10].
 *
 *   keyId = base64url(first 16 bytes of SHA-256(Ed25519 public key))                    [PROTO-2]
 *
 * Keys are base64url text, 32 bytes each: an identity is plain JSON in files and configurations.
 */
import { x25519 } from '@noble/curves/ed25519.js';
import { IDENTITY_NAME_CHARS_MAX } from '../limits.ts';
import { fromBase64Url, toBase64Url } from '../seal/bytes.ts';
import { sha256 } from '../seal/hkdf.ts';
import { isSigningKey } from './signing-key.ts';

export const ROLES = ['gateway', 'data-server', 'researcher', 'physician'] as const;
export type Role = (typeof ROLES)[number];

export interface PublicIdentity {
  readonly name: string;
  readonly role: Role;
  /** Ed25519 public key, base64url of 32 bytes. */
  readonly sign: string;
  /** X25519 public key, base64url of 32 bytes. */
  readonly seal: string;
}

export interface Identity extends PublicIdentity {
  /** Ed25519 seed (RFC 8032, 5.1.5), base64url of 32 bytes. */
  readonly signSecret: string;
  /** X25519 private key, base64url of 32 bytes. */
  readonly sealSecret: string;
}

/** Thrown on a value that is not an identity. `field` is the first one found wrong. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly field: string;
  constructor(field: string, expected: string, got: string) {
    super(`identity: ${field} must be ${expected}, got ${got}`);
    this.field = field;
  }
}

/** The half that may be shown. Takes the four fields by name, so nothing else can come along. */
export const publicOf = ({ name, role, sign, seal }: PublicIdentity): PublicIdentity => ({
  name,
  role,
  sign,
  seal,
});

/** [PROTO-2] */
export const keyId = (identity: Pick<PublicIdentity, 'sign'>): string =>
  toBase64Url(sha256(fromBase64Url(identity.sign, 32)).subarray(0, 16));

/**
 * The public half out of parsed JSON; fields beyond the four are dropped. Throws IdentityError on
 * a missing or misshapen field, a weak signing key [S21], or a sealing key of small order.
 */
export function parsePublicIdentity(value: unknown): PublicIdentity {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new IdentityError('value', 'an object', kindOf(value));
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const sign = keyText(fields, 'sign');
  if (!isSigningKey(fromBase64Url(sign))) {
    throw new IdentityError('sign', 'a canonical Ed25519 key of prime order', 'another point');
  }
  const seal = keyText(fields, 'seal');
  if (isSmallOrder(fromBase64Url(seal))) {
    throw new IdentityError('seal', 'an X25519 key of large order', 'one of small order');
  }
  return { name: parseName(fields.get('name')), role: parseRole(fields.get('role')), sign, seal };
}

/** Letters and digits of any script, inner spaces and `. _ @ -`, in normal form C. */
export function parseName(value: unknown): string {
  const expected = `1 to ${IDENTITY_NAME_CHARS_MAX} letters, digits, spaces or . _ @ -`;
  if (typeof value !== 'string') throw new IdentityError('name', expected, kindOf(value));
  if (
    value.length > IDENTITY_NAME_CHARS_MAX ||
    value !== value.normalize('NFC') ||
    !/^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} ._@-]*[\p{L}\p{M}\p{N}.])?$/u.test(value)
  ) {
    throw new IdentityError('name', expected, `other text of ${value.length}`);
  }
  return value;
}

export function parseRole(value: unknown): Role {
  const role = ROLES.find((known) => known === value);
  if (role === undefined) throw new IdentityError('role', ROLES.join(' | '), kindOf(value));
  return role;
}

function keyText(fields: ReadonlyMap<string, unknown>, field: 'sign' | 'seal'): string {
  const expected = 'base64url of 32 bytes';
  const value = fields.get(field);
  if (typeof value !== 'string') throw new IdentityError(field, expected, kindOf(value));
  try {
    fromBase64Url(value, 32);
  } catch {
    throw new IdentityError(field, expected, `other text of ${value.length}`);
  }
  return value;
}

/** A product with any clamped scalar is all zero exactly for points of small order. */
function isSmallOrder(sealKey: Uint8Array): boolean {
  try {
    x25519.getSharedSecret(new Uint8Array(32).fill(1), sealKey);
    return false;
  } catch {
    return true;
  }
}

/** What a value is, without showing it: it may be a secret in the wrong field. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `another ${typeof value}`;
}
