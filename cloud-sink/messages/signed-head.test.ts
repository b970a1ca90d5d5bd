import { createPublicKey, randomBytes, verify as verifyEd25519 } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeIdentity, signer, verifier } from '@vitalshare/edge/identity/node';
import { toBase64Url } from '@vitalshare/edge/seal';
import { parseAlarms } from './alarms.ts';
import { AnswerError } from './answer.ts';
import { parseBatchEnds, parseHeads } from './heads.ts';
import {
  headLine,
  type HeldHead,
  heldHeadOf,
  heldLine,
  isHeldHead,
  isSignedHead,
  parseHeadLine,
  parseHeldLine,
  signHead,
  signHeld,
} from './signed-head.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const gateway = makeIdentity('gateway', 'gateway', random);
const server = makeIdentity('server 2', 'data-server', random);
const config = toBase64Url(random(32));
const log = '000102030405060708090a0b0c0d0e0f';
const hash = toBase64Url(new Uint8Array(32).fill(0xab));
const head = signHead(
  config,
  { log, position: 4660, hash, time: 1_796_083_200_000 },
  signer(gateway),
);
const held = signHeld(config, head, { server: 2, heldAt: 1_796_083_201_000 }, signer(server));

/** OpenSSL's word, over bytes written down here. */
function openssl(publicKey: string, message: Buffer, signature: string): boolean {
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: publicKey } });
  return verifyEd25519(null, message, key, Buffer.from(signature, 'base64url'));
}

const SIGNED = Buffer.concat([
  Buffer.from('vitalshare head 1'),
  Buffer.from(config, 'base64url'),
  Buffer.from(log, 'hex'),
  Buffer.from('3412000000000000', 'hex'),
  Buffer.alloc(32, 0xab),
  Buffer.from('00b0e62ea2010000', 'hex'),
]);

describe('signed and held heads', () => {
  it('[PROTO-40] are the bytes of PROTOCOL.md', () => {
    expect(openssl(gateway.sign, SIGNED, head.signature)).toBe(true);
  });

  it('[PROTO-41] bind the server, its time and the whole head', () => {
    const message = Buffer.concat([
      Buffer.from('vitalshare held 1'),
      Buffer.from([2]),
      Buffer.from('e8b3e62ea2010000', 'hex'),
      Buffer.from(head.signature, 'base64url'),
      SIGNED,
    ]);
    expect(openssl(server.sign, message, held.serverSignature)).toBe(true);
  });

  it.each<[keyof HeldHead, string | number]>([
    ['log', '0f'.repeat(16)],
    ['position', 4661],
    ['hash', toBase64Url(new Uint8Array(32))],
    ['time', 1_796_083_200_001],
    ['signature', toBase64Url(new Uint8Array(64))],
  ])('hold for nothing else: %s', (field, value) => {
    expect(isSignedHead(config, { ...head, [field]: value }, verifier(gateway.sign))).toBe(false);
    expect(isHeldHead(config, { ...held, [field]: value }, verifier(server.sign))).toBe(false);
  });

  it('are read as they are written, in a header and in JSON', () => {
    expect(parseHeadLine(log, headLine(head))).toEqual(head);
    expect(parseHeldLine(log, heldLine(held))).toEqual(held);
    expect(heldHeadOf(JSON.parse(JSON.stringify(held)))).toEqual(held);
    expect(isHeldHead(config, held, verifier(server.sign))).toBe(true);
  });

  it('random and altered lines are no head, or one that nobody signed', () => {
    const altered = fc.tuple(fc.nat(), fc.string({ maxLength: 3 })).map(([at, text]) => {
      const line = heldLine(held);
      const from = at % line.length;
      return line.slice(0, from) + text + line.slice(from + 1);
    });
    fc.assert(
      fc.property(fc.oneof(altered, fc.string()), (line) => {
        const read = parseHeldLine(log, line);
        if (read === null || heldLine(read) === heldLine(held)) return;
        const isTrue =
          isHeldHead(config, read, verifier(server.sign)) &&
          isSignedHead(config, read, verifier(gateway.sign));
        expect(isTrue).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('replies that are not of the form are one named error', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(bytes, (body) => {
        for (const parse of [parseHeads, parseBatchEnds, parseAlarms]) {
          try {
            parse(body);
          } catch (error) {
            expect(error).toBeInstanceOf(AnswerError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
