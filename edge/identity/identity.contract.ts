/**
 * What both doors, `./identity` and `./identity/node`, must do alike. [S21]: a server and a browser
 * never disagree about a signature, so every strange key or signature is shown to both.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromBase64Url, fromHex, toBase64Url, toHex, utf8 } from '../seal/seal.ts';
import type * as Door from './identity.ts';
import { RFC8032, SPECCHECK, STRANGE_POINTS, X25519_ALICE } from './identity.vectors.ts';

export type IdentityDoor = typeof Door;

const { Point } = ed25519;
const L = Point.Fn.ORDER;
const seedOf = fc.uint8Array({ minLength: 32, maxLength: 32 });
const base64Url = (hex: string): string => toBase64Url(fromHex(hex));

export function identityContract(name: string, door: IdentityDoor, other: IdentityDoor): void {
  describe(`${name}: signatures`, () => {
    it.each(RFC8032)('conforms to RFC 8032 section 7.1, $test', ({ secret, key, text, sig }) => {
      const signSecret = base64Url(secret);
      const message = fromHex(text);
      expect(toHex(door.sign(signSecret, message))).toBe(sig);
      expect(toHex(door.sign({ signSecret }, message))).toBe(sig);
      expect(toHex(door.signer({ signSecret })(message))).toBe(sig);
      expect(door.verify(base64Url(key), message, fromHex(sig))).toBe(true);
      expect(door.verifier(base64Url(key))(message, fromHex(sig))).toBe(true);
    });

    it('signs the same bytes as the other door, and each takes what the other signs', () => {
      fc.assert(
        fc.property(seedOf, fc.uint8Array({ maxLength: 300 }), (seed, message) => {
          const identity = door.makeIdentity('a', 'researcher', () => seed);
          expect(other.makeIdentity('a', 'researcher', () => seed)).toEqual(identity);
          const signature = door.sign(identity, message);
          expect(signature).toEqual(other.sign(identity, message));
          expect(door.verify(identity.sign, message, other.sign(identity, message))).toBe(true);
        }),
        { numRuns: 15 },
      );
    });

    it('refuses any one altered byte of message, signature or key', () => {
      const { key, sig } = RFC8032[2]!;
      const parts = [fromHex('af82'), fromHex(sig), fromHex(key)] as const;
      for (const part of parts) {
        for (let at = 0; at < part.length; at++) {
          part[at]! ^= 1 << (at % 8);
          expect(door.verify(toBase64Url(parts[2]), parts[0], parts[1])).toBe(false);
          part[at]! ^= 1 << (at % 8);
        }
      }
      expect(door.verify(toBase64Url(parts[2]), parts[0], parts[1])).toBe(true);
    });

    it('answers false, and never throws, on what cannot be a key or signature', () => {
      const { key, sig } = RFC8032[0]!;
      const empty = new Uint8Array(0);
      for (const text of ['', 'not a key', base64Url(key) + '=', base64Url(key.slice(2))]) {
        expect(door.verify(text, empty, fromHex(sig))).toBe(false);
      }
      for (const length of [0, 63, 65]) {
        expect(door.verify(base64Url(key), empty, new Uint8Array(length))).toBe(false);
      }
    });

    it('calls a malformed secret a bug of the caller, without showing it', () => {
      const call = (): Uint8Array => door.sign('c0ffee', utf8('x'));
      expect(call).toThrow(TypeError);
      expect(call).toThrow(/^(?!.*c0ffee)/);
    });
  });

  describe(`${name}: one verdict on every key and signature [S21]`, () => {
    it.each(SPECCHECK)('refuses speccheck $number: $what', ({ key, text, sig }) => {
      expect(door.verify(base64Url(key), fromHex(text), fromHex(sig))).toBe(false);
    });

    it.each(STRANGE_POINTS)('refuses %s as a key, with any signature that would hold', (point) => {
      // With a key of small order, R = [S]B − [k]A holds for many messages: try a hundred.
      const R = Point.BASE.multiply(5n).toBytes();
      const S = scalarBytes(5n);
      for (let i = 0; i < 100; i++) {
        expect(door.verify(base64Url(point), Uint8Array.of(i), concatBytes(R, S))).toBe(false);
      }
      const identity = { name: 'a', role: 'gateway', sign: base64Url(point), seal: X25519_ALICE };
      expect(() => door.parsePublicIdentity(identity)).toThrow(/sign must be a canonical/);
    });

    it('refuses S + L, the second spelling of a signature', () => {
      const { key, sig } = RFC8032[1]!;
      const bytes = fromHex(sig);
      const S = Point.Fn.fromBytes(bytes.slice(32));
      const again = concatBytes(bytes.subarray(0, 32), scalarBytes(S + L));
      expect(door.verify(base64Url(key), fromHex('72'), again)).toBe(false);
    });

    // The seven canonical small-order points but the identity.
    it.each(STRANGE_POINTS.slice(1, 8))('refuses R with torsion %s under a good key', (torsion) => {
      const point = Point.fromHex(torsion, false);
      for (const nonce of [0n, 7n]) {
        const R = nonce === 0n ? point : Point.BASE.multiply(nonce).add(point);
        const { key, message, signature } = signWith(nonce, R.toBytes());
        // The cofactored equation does hold: noble alone would take it, and OpenSSL would not.
        expect(ed25519.verify(signature, message, key, { zip215: false })).toBe(true);
        expect(door.verify(toBase64Url(key), message, signature)).toBe(false);
      }
    });

    it('refuses a key with torsion, which OpenSSL alone would take for some messages', () => {
      const secret = 12345n;
      const key = Point.BASE.multiply(secret)
        .add(Point.fromHex(STRANGE_POINTS[1]!, false))
        .toBytes();
      for (let i = 0; i < 16; i++) {
        const { signature } = signWith(7n, Point.BASE.multiply(7n).toBytes(), key, secret, i);
        expect(door.verify(toBase64Url(key), Uint8Array.of(i), signature)).toBe(false);
      }
    });

    it('takes R = identity from whoever holds the secret: unwise, yet the same at both', () => {
      const { key, message, signature } = signWith(0n, Point.ZERO.toBytes());
      expect(door.verify(toBase64Url(key), message, signature)).toBe(true);
    });

    it('agrees with the other door on random bytes under a real key', () => {
      const bytes64 = fc.uint8Array({ minLength: 64, maxLength: 64 });
      const key = base64Url(RFC8032[0]!.key);
      fc.assert(
        fc.property(bytes64, (signature) => {
          expect(door.verify(key, new Uint8Array(0), signature)).toBe(false);
        }),
        { numRuns: 50 },
      );
    });
  });

  describe(`${name}: identities`, () => {
    const fixed = [RFC8032[0]!.secret, X25519_ALICE_SECRET].map((hex) => fromHex(hex));
    const make = () => {
      const draws = [...fixed];
      return door.makeIdentity('Ward 3 gateway', 'gateway', () => draws.shift()!);
    };

    it('makes the keys of RFC 8032 test 1 and RFC 7748 section 6.1', () => {
      expect(make()).toEqual({
        name: 'Ward 3 gateway',
        role: 'gateway',
        sign: base64Url('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'),
        seal: base64Url('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'),
        signSecret: base64Url('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'),
        sealSecret: base64Url(X25519_ALICE_SECRET),
      });
    });

    it('shows the public half alone', () => {
      const shown = door.publicOf(make());
      expect(Object.keys(shown).sort()).toEqual(['name', 'role', 'seal', 'sign']);
      expect(door.parsePublicIdentity(JSON.parse(JSON.stringify(make())))).toEqual(shown);
    });

    it('names a key by the first 16 bytes of its SHA-256 [PROTO-2]', () => {
      // printf d75a…511a | xxd -r -p | sha256sum, its first 32 digits.
      expect(toHex(fromBase64Url(door.keyId(make())))).toBe('21fe31dfa154a261626bf854046fd227');
    });

    it.each([
      ['value', null],
      ['value', []],
      ['value', 'text'],
      ['name', { name: '' }],
      ['name', { name: ' a' }],
      ['name', { name: 'a\nb' }],
      ['name', { name: 'x'.repeat(65) }],
      ['name', { name: 'e\u0301' }],
      ['name', { name: 7 }],
      ['role', { role: 'admin' }],
      ['role', { role: undefined }],
      ['sign', { sign: 'A' }],
      ['sign', { sign: undefined }],
      ['sign', { sign: 'A'.repeat(43) }],
      ['seal', { seal: 'A'.repeat(43) }],
      ['seal', { seal: X25519_ALICE + '=' }],
      ['seal', { seal: 5 }],
    ])('refuses a public identity with a wrong %s: %j', (field, change) => {
      const value: unknown =
        typeof change === 'object' && change !== null && !Array.isArray(change)
          ? { ...door.publicOf(make()), ...change }
          : change;
      expect(() => door.parsePublicIdentity(value)).toThrow(
        expect.objectContaining({ name: 'IdentityError', field }) as Error,
      );
    });

    it('takes names in any script and refuses to make one it would not read', () => {
      for (const name of ['Dr. Müller', '山田 花子', 'रमेश', 'ward-3', 'r@example.org']) {
        const identity = door.makeIdentity(name, 'physician', () => fixed[0]!);
        expect(door.parsePublicIdentity(identity).name).toBe(name);
      }
      expect(() => door.makeIdentity('', 'physician', () => fixed[0]!)).toThrow(/name must be/);
    });

    it('never shows a misplaced secret in an error', () => {
      const secret = make().signSecret;
      const call = (): unknown => door.parsePublicIdentity({ ...make(), role: secret });
      expect(call).toThrow(/role must be/);
      expect(call).not.toThrow(secret);
    });
  });
}

const X25519_ALICE_SECRET = '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a';

/** A signature by hand: R as given, S = nonce + k·secret. */
function signWith(
  nonce: bigint,
  R: Uint8Array,
  key: Uint8Array = Point.BASE.multiply(12345n).toBytes(),
  secret = 12345n,
  messageByte = 1,
): { key: Uint8Array; message: Uint8Array; signature: Uint8Array } {
  const message = Uint8Array.of(messageByte);
  const k = littleEndian(sha512(concatBytes(R, key, message))) % L;
  return { key, message, signature: concatBytes(R, scalarBytes((nonce + k * secret) % L)) };
}

const littleEndian = (bytes: Uint8Array): bigint =>
  BigInt('0x' + toHex(Uint8Array.from(bytes).reverse()));

const scalarBytes = (scalar: bigint): Uint8Array =>
  fromHex(scalar.toString(16).padStart(64, '0')).reverse();
