import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../seal/bytes.ts';
import { answerVectors, envelopeVectors, isBad } from './vectors.fixture.ts';
import { openAnswer, openFrame, readHeader, sealAnswer, sealFrame } from './wire.ts';

const good = envelopeVectors().filter((vector) => !isBad(vector));
const goodAnswers = answerVectors().filter((vector) => !isBad(vector));

describe('a sealed frame [WIRE-3]', () => {
  it.each(good)('$name seals and opens', ({ node, payload, frame, ...vector }) => {
    const { keyEpoch, boot, sequence } = vector;
    const upKey = fromHex(vector.upKey);
    const sealed = sealFrame({ node, keyEpoch, boot, sequence, upKey }, fromHex(payload));
    expect(toHex(sealed)).toBe(frame);
    expect(readHeader(sealed)).toEqual({ keyEpoch, boot, sequence });
    const opened = openFrame(node, upKey, sealed);
    expect(opened).toEqual({ keyEpoch, boot, sequence, payload: fromHex(payload) });
  });

  it('is what OpenSSL seals, too', () => {
    const { node, upKey, payload, frame } = good[0]!;
    const nonce = Buffer.from('010000000100000000000000', 'hex');
    const cipher = createCipheriv('chacha20-poly1305', fromHex(upKey), nonce, {
      authTagLength: 16,
    });
    const header = Buffer.from('010101000100000001000000', 'hex');
    cipher.setAAD(Buffer.concat([header, Buffer.from(node)]), {
      plaintextLength: payload.length / 2,
    });
    const sealed = Buffer.concat([cipher.update(payload, 'hex'), cipher.final()]);
    expect(Buffer.concat([header, sealed, cipher.getAuthTag()]).toString('hex')).toBe(frame);
  });

  it.each(envelopeVectors().filter(isBad))('$name does not open', ({ node, upKey, frame }) => {
    expect(openFrame(node, fromHex(upKey), fromHex(frame))).toBeNull();
  });

  it.each(good)('$name does not open with any bit flipped', ({ node, upKey, frame }) => {
    const key = fromHex(upKey);
    const sealed = fromHex(frame);
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      sealed[bit >> 3]! ^= 1 << (bit & 7);
      expect(openFrame(node, key, sealed), `bit ${bit}`).toBeNull();
      sealed[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(openFrame(node, key, sealed)).not.toBeNull();
  });

  it('does not open cut, extended, as another node or under another key', () => {
    const { node, upKey, frame } = good[0]!;
    const key = fromHex(upKey);
    const sealed = fromHex(frame);
    for (let length = 0; length < sealed.length; length++) {
      expect(openFrame(node, key, sealed.subarray(0, length))).toBeNull();
    }
    expect(openFrame(node, key, Uint8Array.of(...sealed, 0))).toBeNull();
    expect(openFrame('bed-8', key, sealed)).toBeNull();
    expect(
      openFrame(
        node,
        key.map((byte) => byte ^ 1),
        sealed,
      ),
    ).toBeNull();
  });

  it('has no header where no frame can stand', () => {
    expect(readHeader(new Uint8Array(27).fill(1))).toBeNull();
    expect(readHeader(new Uint8Array(28).fill(1))).toEqual({
      ...{ keyEpoch: 0x0101, boot: 0x01010101, sequence: 0x01010101 },
    });
    expect(readHeader(new Uint8Array(65_536).fill(1))).not.toBeNull();
    expect(readHeader(new Uint8Array(65_537).fill(1))).toBeNull();
  });

  it('is not sealed without a name, a boot or a sequence, or too long', () => {
    const from = { node: 'bed-7', upKey: new Uint8Array(32), keyEpoch: 1, boot: 1, sequence: 1 };
    const wrong = [{ node: 'Bed' }, { boot: 0 }, { sequence: 0 }, { sequence: 2 ** 32 }];
    for (const part of [...wrong, { keyEpoch: 65_536 }, { upKey: new Uint8Array(31) }]) {
      expect(() => sealFrame({ ...from, ...part }, new Uint8Array(1))).toThrow(RangeError);
    }
    expect(() => sealFrame(from, new Uint8Array(65_509))).toThrow(RangeError);
    expect(sealFrame(from, new Uint8Array(65_508))).toHaveLength(65_536);
  });

  it('of random bytes does not open', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(openFrame('bed-7', new Uint8Array(32), bytes)).toBeNull();
        expect(openAnswer('bed-7', new Uint8Array(32), bytes)).toBeNull();
      }),
    );
  });
});

describe('a sealed answer [WIRE-12]', () => {
  it.each(goodAnswers)('$name seals and opens', ({ node, downKey, nonce, answer, sealed }) => {
    const key = fromHex(downKey);
    expect(toHex(sealAnswer(node, key, fromHex(nonce), answer))).toBe(sealed);
    expect(openAnswer(node, key, fromHex(sealed))).toEqual(answer);
  });

  it.each(answerVectors().filter(isBad))(
    '$name neither opens nor seals [WIRE-14]',
    ({ name, node, downKey, nonce, answer, sealed }) => {
      const key = fromHex(downKey);
      expect(openAnswer(node, key, fromHex(sealed))).toBeNull();
      if (['bad_tail', 'bad_version', 'bad_kind'].includes(name)) return; // Not a matter of values.
      expect(() => sealAnswer(node, key, fromHex(nonce), answer)).toThrow(RangeError);
    },
  );

  it('does not open with any bit flipped, cut, or to another node', () => {
    const { node, downKey, sealed } = goodAnswers.find(
      ({ name }) => name === 'missing_and_refused',
    )!;
    const key = fromHex(downKey);
    const bytes = fromHex(sealed);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(openAnswer(node, key, flipped)).toBeNull();
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(openAnswer(node, key, bytes.subarray(0, length))).toBeNull();
    }
    expect(openAnswer('bed-8', key, bytes)).toBeNull();
  });
});
