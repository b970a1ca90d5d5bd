/**
 * The text an HTTP message signature signs (RFC 9421, 2.5), and the digest that ties a body to it
 * (RFC 9530, 2).
 *
 *   "@method": POST
 *   "content-digest": sha-256=:…:
 *   "@signature-params": ("@method" "content-digest");created=…
 *
 * The base is ASCII lines joined by a line feed, none after the last. A value with a line feed of
 * its own could pose as another component, so it is a caller's bug.
 */
import { sha256, toBase64, utf8 } from '@vitalshare/edge/seal';

/** A component's name without quotes, and its value. */
export type Component = readonly [name: string, value: string];

/** `parameters` is the signature's member of `signature-input` as it was sent, after `label=`. */
export function signatureBase(components: readonly Component[], parameters: string): Uint8Array {
  const lines = [...components, ['@signature-params', parameters] as const].map(([name, value]) => {
    if (!/^[ -~]*$/.test(name + value)) {
      throw new TypeError('signatureBase: expected printable ASCII in every component');
    }
    return `"${name}": ${value}`;
  });
  return utf8(lines.join('\n'));
}

/** The value of the header `content-digest`: SHA-256 and no other algorithm. */
export const contentDigest = (body: Uint8Array): string => `sha-256=:${toBase64(sha256(body))}:`;
