/**
 * An answer on its way: signed by the server, sealed to the asker, bound to one request
 * (PROTOCOL.md, section 3) [S16].
 *
 *   request   = SHA-256(value of the request's `signature` header ‖ SHA-256(request body))
 *   sealed    = HPKE(asker's seal key, info "vitalshare answer 1", aad = request, signature ‖ body)
 *   signature = Ed25519(server, "vitalshare answer" ‖ request ‖ body)
 *
 * t + 1 partials are the answer, so nobody on the way may read one; and since every request is
 * signed with a nonce of its own, the answer to an earlier one cannot stand in for a newer
 * [PROTO-11].
 */
import { type Identity, type PublicIdentity, verify } from '@vitalshare/edge/identity';
import { concatBytes, fromBase64Url, hpkeOpen, hpkeSeal } from '@vitalshare/edge/seal';
import { sha256, utf8 } from '@vitalshare/edge/seal';

const INFO = utf8('vitalshare answer 1');
const SIGNED = utf8('vitalshare answer');
const SIGNATURE_BYTES = 64;

export type AnswerFault = 'not-for-us' | 'bad-signature' | 'form';

/** Thrown on an answer that does not open, is not the server's, or is not of its form. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly code: AnswerFault;
  constructor(code: AnswerFault, message: string) {
    super(`answer: ${message}`);
    this.code = code;
  }
}

/** The request an answer belongs to, as both sides saw it. */
export interface RequestSent {
  /** The value of its `signature` header: `signRequest(…).signature` at the asker. */
  readonly signature: string;
  readonly body: Uint8Array;
}

export function sealAnswer(
  asker: Pick<PublicIdentity, 'seal'>,
  request: RequestSent,
  body: Uint8Array,
  sign: (message: Uint8Array) => Uint8Array,
  random: (lengthBytes: number) => Uint8Array,
): Uint8Array {
  const digest = requestDigest(request);
  const signature = sign(concatBytes(SIGNED, digest, body));
  const plain = concatBytes(signature, body);
  return hpkeSeal(fromBase64Url(asker.seal, 32), INFO, digest, plain, random);
}

/** A body with its server's signature over it and the request: proof of what was answered. */
export interface SignedBody {
  /** 64 bytes. */
  readonly signature: Uint8Array;
  readonly body: Uint8Array;
}

/**
 * The body of a 200 reply. `serverSign` is the asked server's Ed25519 key. Throws AnswerError; on
 * Node, `verifySignature` of `@vitalshare/edge/identity/node` is the same verdict, faster.
 */
export const openSealedAnswer = (...sealed: Parameters<typeof openSignedAnswer>): Uint8Array =>
  openSignedAnswer(...sealed).body;

/** The same with the signature, for whoever must be able to show the answer to others. */
export function openSignedAnswer(
  asker: Pick<Identity, 'sealSecret'>,
  serverSign: string,
  request: RequestSent,
  sealed: Uint8Array,
  verifySignature: typeof verify = verify,
): SignedBody {
  const digest = requestDigest(request);
  const plain = hpkeOpen(fromBase64Url(asker.sealSecret, 32), INFO, digest, sealed);
  if (plain === null || plain.length < SIGNATURE_BYTES) {
    throw new AnswerError('not-for-us', 'does not open as the answer to this request');
  }
  const signed = {
    signature: plain.slice(0, SIGNATURE_BYTES),
    body: plain.slice(SIGNATURE_BYTES),
  };
  if (!isSignedAnswer(serverSign, request, signed, verifySignature)) {
    throw new AnswerError('bad-signature', 'not signed by the server that was asked');
  }
  return signed;
}

/** Whether the server of that Ed25519 key answered this request so: needs no secret of anybody. */
export const isSignedAnswer = (
  serverSign: string,
  request: RequestSent,
  { signature, body }: SignedBody,
  verifySignature: typeof verify = verify,
): boolean =>
  verifySignature(serverSign, concatBytes(SIGNED, requestDigest(request), body), signature);

const requestDigest = ({ signature, body }: RequestSent): Uint8Array =>
  sha256(concatBytes(utf8(signature), sha256(body)));
