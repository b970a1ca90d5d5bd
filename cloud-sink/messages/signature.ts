/**
 * Requests to a data server, signed by the asker's identity key: HTTP message signatures
 * (RFC 9421) with Ed25519 over one fixed list of components.                         [PROTO-10]
 *
 *   content-digest: sha-256=:…:
 *   vitalshare-server: <keyId of the server asked>
 *   signature-input: sig1=("@method" "@path" "content-digest" "vitalshare-server");
 *                    created=<seconds>;nonce="<16 B>";keyid="<16 B>";alg="ed25519"    (one line)
 *   signature: sig1=:<64 B>:
 *
 * The list, the label and the order of parameters never vary, so there is one spelling to check and
 * nothing to negotiate. `@path` does not cover a query string: a path with one is refused.
 */
import { type Identity, keyId, sign, verify } from '@vitalshare/edge/identity';
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from '@vitalshare/edge/seal';
import { REQUEST_AGE_MS_MAX } from '../limits.ts';
import { contentDigest, signatureBase } from './signature-base.ts';

export type SignatureFault =
  | 'missing'
  | 'malformed'
  | 'wrong-server'
  | 'unknown-key'
  | 'stale'
  | 'wrong-digest'
  | 'bad-signature';

/** The one error of `verifyRequest`. Its message is safe to send back. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';
  readonly code: SignatureFault;
  constructor(code: SignatureFault, message: string) {
    super(`request signature: ${message}`);
    this.code = code;
  }
}

export interface RequestToSign {
  readonly method: string;
  /** As it goes on the request line, without query. */
  readonly path: string;
  readonly body: Uint8Array;
  /** keyId of the server asked, so that it cannot send the request on to another. */
  readonly server: string;
  readonly identity: Pick<Identity, 'sign' | 'signSecret'>;
  readonly nowMs: number;
  readonly random: (lengthBytes: number) => Uint8Array;
  /** On Node, `sign` of `@vitalshare/edge/identity/node`: the same bytes, faster. */
  readonly sign?: typeof sign;
}

export interface RequestToVerify {
  readonly method: string;
  /** As it came on the request line, not decoded. */
  readonly path: string;
  readonly body: Uint8Array;
  /** Names in lower case, as Node and `Headers` give them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** keyId of the server that verifies. */
  readonly server: string;
  readonly nowMs: number;
  /** The admitted Ed25519 public key of that keyId, base64url, or undefined. */
  readonly keyOf: (keyId: string) => string | undefined;
  /** On Node, `verify` of `@vitalshare/edge/identity/node`: the same verdict, faster. */
  readonly verify?: typeof verify;
}

export interface SignedBy {
  readonly keyId: string;
  readonly nonce: string;
  readonly createdMs: number;
}

const COVERED = '("@method" "@path" "content-digest" "vitalshare-server")';
const METHOD = /^[A-Z]{1,16}$/;
// Printable ASCII without space, '#' and '?'.
const PATH = /^\/[!-"$->@-~]{0,1023}$/;
const KEY_ID = /^[\w-]{22}$/;
const DIGEST = /^sha-256=:[A-Za-z0-9+/]{43}=:$/;
const SIGNATURE = /^sig1=:([A-Za-z0-9+/]{86}==):$/;
const INPUT =
  /^sig1=(\("@method" "@path" "content-digest" "vitalshare-server"\);created=([1-9]\d{0,10});nonce="([\w-]{22})";keyid="([\w-]{22})";alg="ed25519")$/;

/** The four headers to send along. Throws TypeError on a method, path or server no server takes. */
export function signRequest(request: RequestToSign): Record<string, string> {
  const { method, path, body, server, identity, nowMs, random } = request;
  if (!METHOD.test(method)) throw new TypeError('signRequest: method must be upper-case letters');
  if (!PATH.test(path))
    throw new TypeError('signRequest: path must start with / and have no query');
  if (!KEY_ID.test(server)) throw new TypeError('signRequest: server must be a keyId');
  const digest = contentDigest(body);
  const created = Math.floor(nowMs / 1000);
  const nonce = toBase64Url(random(16));
  const parameters =
    `${COVERED};created=${created};nonce="${nonce}"` + `;keyid="${keyId(identity)}";alg="ed25519"`;
  const base = requestBase(method, path, digest, server, parameters);
  const signature = (request.sign ?? sign)(identity, base);
  return {
    'content-digest': digest,
    'vitalshare-server': server,
    'signature-input': `sig1=${parameters}`,
    signature: `sig1=:${toBase64(signature)}:`,
  };
}

/**
 * Who signed this request, or SignatureError and nothing else, whatever the input. The caller then
 * takes the nonce with `NonceWindow`. Cheap checks come first: a stranger costs no curve arithmetic.
 */
export function verifyRequest(request: RequestToVerify): SignedBy {
  const { method, path, body, server, nowMs, keyOf } = request;
  if (!METHOD.test(method)) throw malformed('method', 'upper-case letters');
  if (!PATH.test(path)) throw malformed('path', 'a path without query');
  const digest = headerOf(request, 'content-digest');
  const target = headerOf(request, 'vitalshare-server');
  const { parameters, ...signedBy } = parseInput(headerOf(request, 'signature-input'));
  const signature = parseSignature(headerOf(request, 'signature'));
  if (!DIGEST.test(digest)) throw malformed('content-digest', 'one sha-256 digest');

  if (target !== server) {
    throw new SignatureError('wrong-server', `made for another server than ${server}`);
  }
  const signPublic = keyOf(signedBy.keyId);
  if (signPublic === undefined) {
    throw new SignatureError('unknown-key', `key ${signedBy.keyId} is not admitted here`);
  }
  const ageMs = nowMs - signedBy.createdMs;
  if (!(Math.abs(ageMs) <= REQUEST_AGE_MS_MAX)) {
    throw new SignatureError(
      'stale',
      `created must be within ${REQUEST_AGE_MS_MAX} ms of this server's clock, got ${ageMs} ms ago`,
    );
  }
  if (digest !== contentDigest(body)) {
    throw new SignatureError('wrong-digest', 'content-digest is not that of the body');
  }
  const base = requestBase(method, path, digest, server, parameters);
  if (!(request.verify ?? verify)(signPublic, base, signature)) {
    throw new SignatureError('bad-signature', `it does not hold under key ${signedBy.keyId}`);
  }
  return signedBy;
}

const requestBase = (
  method: string,
  path: string,
  digest: string,
  server: string,
  parameters: string,
): Uint8Array =>
  signatureBase(
    [
      ['@method', method],
      ['@path', path],
      ['content-digest', digest],
      ['vitalshare-server', server],
    ],
    parameters,
  );

function headerOf({ headers }: RequestToVerify, name: string): string {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (value === undefined) throw new SignatureError('missing', `header ${name} is missing`);
  if (typeof value !== 'string') throw malformed(name, 'one header of that name');
  return value;
}

function parseInput(text: string): SignedBy & { readonly parameters: string } {
  const match = INPUT.exec(text);
  if (match === null) throw malformed('signature-input', 'the fixed list and parameters of sig1');
  const [, parameters, created, nonce, keyid] = match;
  checkSpelling('nonce', nonce!);
  checkSpelling('keyid', keyid!);
  return {
    parameters: parameters!,
    keyId: keyid!,
    nonce: nonce!,
    createdMs: Number(created) * 1000,
  };
}

/** 22 characters have four spellings of each 16 bytes; a nonce must have one. */
function checkSpelling(name: string, text: string): void {
  try {
    fromBase64Url(text, 16);
  } catch {
    throw malformed(name, 'canonical base64url of 16 bytes');
  }
}

function parseSignature(text: string): Uint8Array {
  try {
    return fromBase64(SIGNATURE.exec(text)?.[1] ?? '', 64);
  } catch {
    throw malformed('signature', 'sig1 with 64 bytes of canonical base64');
  }
}

const malformed = (name: string, expected: string): SignatureError =>
  new SignatureError('malformed', `${name} must be ${expected}`);
