/**
 * A message of the key ceremony: keys for one party, sealed to it and signed by the sender [S10].
 *
 *   { "vitalshare": "key message", "version": 1, "kind", "config", "from", "to", "sealed", "signature" }
 *
 *   sealed     HPKE(seal key of `to`, info "vitalshare keys 1", aad = canonical JSON of the fields before)
 *   signature  Ed25519(`from`, "vitalshare key message" ‖ canonical JSON of all fields but this one)
 *
 * `from` and `to` are keyIds, `config` is the configuration's digest. Whoever carries it learns who
 * writes to whom and can alter or turn round nothing; HPKE alone would not say who sealed it.
 */
import { UserError } from '../command/command.ts';
import { keyId, type PublicIdentity, sign, verify } from '../identity/node.ts';
import { concatBytes, fromBase64Url, hpkeOpen, hpkeSeal, toBase64Url, utf8 } from '../seal/seal.ts';
import { canonicalBytes, parseCanonical } from './canonical.ts';
import { partiesOf } from './configuration.ts';
import type { Member } from './party.ts';

export interface KeyMessage {
  readonly vitalshare: 'key message';
  readonly version: 1;
  readonly kind: KeyMessageKind;
  readonly config: string;
  readonly from: string;
  readonly to: string;
  readonly sealed: string;
  readonly signature: string;
}

/** Split keys come from the gateway, zero contributions from data servers. */
export type KeyMessageKind = 'split' | 'zero';

export type KeyMessageFault =
  | 'malformed'
  | 'wrong-world'
  | 'not-for-us'
  | 'stranger'
  | 'bad-signature'
  | 'does-not-open'
  | 'wrong-content'
  | 'twice'
  | 'missing';

/** Thrown on a message that is altered, not ours, or not part of this ceremony. */
export class KeyMessageError extends UserError {
  readonly code: KeyMessageFault;
  constructor(code: KeyMessageFault, message: string) {
    super(
      `${message}; nothing was stored. Ask its sender for the messages of this ceremony again.`,
    );
    this.code = code;
  }
}

const FIELDS = ['vitalshare', 'version', 'kind', 'config', 'from', 'to', 'sealed', 'signature'];
const INFO = utf8('vitalshare keys 1');
const SIGNATURE_DOMAIN = utf8('vitalshare key message');

/** `content` becomes canonical JSON that only `to` can read. */
export function sealMessage(
  from: Member,
  to: PublicIdentity,
  kind: KeyMessageKind,
  content: unknown,
  random: (lengthBytes: number) => Uint8Array,
): KeyMessage {
  const head = {
    vitalshare: 'key message',
    version: 1,
    kind,
    config: from.configDigest,
    from: keyId(from.identity),
    to: keyId(to),
  } as const;
  const recipient = fromBase64Url(to.seal, 32);
  const sealed = hpkeSeal(recipient, INFO, canonicalBytes(head), canonicalBytes(content), random);
  const unsigned = { ...head, sealed: toBase64Url(sealed) };
  const signature = sign(from.identity, concatBytes(SIGNATURE_DOMAIN, canonicalBytes(unsigned)));
  return { ...unsigned, signature: toBase64Url(signature) };
}

/** Who wrote it, and its content. Throws KeyMessageError on anything but a message to `to`. */
export function openMessage(
  to: Member,
  value: unknown,
): { from: PublicIdentity; kind: KeyMessageKind; content: unknown } {
  const { signature, ...unsigned } = parseMessage(value);
  const { sealed, ...head } = unsigned;
  if (head.config !== to.configDigest) {
    throw new KeyMessageError('wrong-world', 'a message belongs to another configuration');
  }
  if (head.to !== keyId(to.identity)) {
    throw new KeyMessageError('not-for-us', `a message is not for ${to.identity.name}`);
  }
  const from = partiesOf(to.configuration).find((party) => keyId(party) === head.from);
  if (from?.role !== (head.kind === 'split' ? 'gateway' : 'data-server')) {
    throw new KeyMessageError('stranger', `a message with ${head.kind} keys has a wrong sender`);
  }
  const signed = concatBytes(SIGNATURE_DOMAIN, canonicalBytes(unsigned));
  if (!verify(from.sign, signed, bytesOf(signature))) {
    throw new KeyMessageError('bad-signature', `a message was not signed by ${from.name}`);
  }
  const secret = fromBase64Url(to.identity.sealSecret, 32);
  const opened = hpkeOpen(secret, INFO, canonicalBytes(head), bytesOf(sealed));
  if (opened === null) {
    throw new KeyMessageError('does-not-open', `a message of ${from.name} does not open`);
  }
  try {
    return { from, kind: head.kind, content: parseCanonical(opened) };
  } catch {
    throw new KeyMessageError('wrong-content', `a message of ${from.name} holds no keys`);
  }
}

/** The form only: for sorting carried messages by recipient. */
export function parseMessage(value: unknown): KeyMessage {
  const fields = new Map<string, unknown>(Object.entries(value ?? {}));
  const text = (field: string): string => {
    const found = fields.get(field);
    if (typeof found !== 'string') throw malformed();
    return found;
  };
  const kind = text('kind');
  if (
    fields.size !== FIELDS.length ||
    text('vitalshare') !== 'key message' ||
    fields.get('version') !== 1 ||
    (kind !== 'split' && kind !== 'zero')
  ) {
    throw malformed();
  }
  return {
    vitalshare: 'key message',
    version: 1,
    kind,
    config: text('config'),
    from: text('from'),
    to: text('to'),
    sealed: text('sealed'),
    signature: text('signature'),
  };
}

const malformed = (): KeyMessageError =>
  new KeyMessageError('malformed', 'something that is no key message was handed over');

/** Empty for text that is not base64url: no signature holds and nothing opens. */
function bytesOf(text: string): Uint8Array {
  try {
    return fromBase64Url(text);
  } catch {
    return new Uint8Array(0);
  }
}
