import { randomBytes } from 'node:crypto';
import { type Identity, keyId, makeIdentity, sign, verify } from '@vitalshare/edge/identity';
import * as node from '@vitalshare/edge/identity/node';
import { fromBase64, fromBase64Url, utf8 } from '@vitalshare/edge/seal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentDigest, signatureBase } from './signature-base.ts';
import { SignatureError, type SignatureFault, signRequest, verifyRequest } from './signature.ts';

const random = (lengthBytes: number): Uint8Array => new Uint8Array(randomBytes(lengthBytes));
const asker = makeIdentity('Asker', 'researcher', random);
const server = keyId(makeIdentity('Server 1', 'data-server', random));
const stranger = makeIdentity('Stranger', 'researcher', random);
const NOW_MS = 1_700_000_000_500;
const BODY = utf8('{"version":1}');

type Headers = Record<string, string | readonly string[] | undefined>;
interface Sent {
  method: string;
  path: string;
  body: Uint8Array;
  headers: Headers;
}

const send = (identity: Identity = asker, nowMs = NOW_MS): Sent => {
  const request = { method: 'POST', path: '/moments', body: BODY };
  return {
    ...request,
    headers: signRequest({ ...request, server, identity, nowMs, random, sign: node.sign }),
  };
};

const receive = (sent: Sent, nowMs = NOW_MS, to = server) =>
  verifyRequest({
    ...sent,
    server: to,
    nowMs,
    keyOf: (id) => (id === keyId(asker) ? asker.sign : undefined),
    verify: node.verify,
  });

function faultOf(call: () => unknown): SignatureFault | 'none' {
  try {
    call();
    return 'none';
  } catch (error) {
    // Anything else is a crash that a stranger could cause.
    if (!(error instanceof SignatureError)) throw error;
    return error.code;
  }
}

describe('signature base', () => {
  // RFC 9421 appendices B.1.4 (key) and B.2.6 (request, base and signature).
  const secret = 'n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU';
  const key = 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs';
  const signature =
    'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==';

  it('conforms to RFC 9421 appendix B.2.6: base and signature', () => {
    const base = signatureBase(
      [
        ['date', 'Tue, 20 Apr 2021 02:07:55 GMT'],
        ['@method', 'POST'],
        ['@path', '/foo'],
        ['@authority', 'example.com'],
        ['content-type', 'application/json'],
        ['content-length', '18'],
      ],
      '("date" "@method" "@path" "@authority" "content-type" "content-length")' +
        ';created=1618884473;keyid="test-key-ed25519"',
    );
    expect(new TextDecoder().decode(base)).toBe(
      `"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`,
    );
    expect(verify(key, base, fromBase64(signature))).toBe(true);
    expect(sign(secret, base)).toEqual(fromBase64(signature));
  });

  it('conforms to RFC 9421 appendix B.2 and RFC 9530 appendix B.1: content digests', () => {
    expect(contentDigest(utf8('{"hello": "world"}'))).toBe(
      'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:',
    );
    expect(contentDigest(utf8('{"hello": "world"}\n'))).toBe(
      'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:',
    );
  });

  it.each(['a\nb', 'a\rb', 'é', '\0'])('refuses a value that could pose as a line: %j', (value) => {
    expect(() => signatureBase([['@path', value]], '()')).toThrow(TypeError);
  });
});

describe('signed requests [PROTO-10]', () => {
  it('says who signed, when, and the nonce', () => {
    const sent = send();
    expect(receive(sent)).toEqual({
      keyId: keyId(asker),
      nonce: expect.stringMatching(/^[\w-]{22}$/) as string,
      createdMs: 1_700_000_000_000,
    });
    expect(receive(send()).nonce).not.toBe(receive(sent).nonce);
    expect(fromBase64Url(receive(sent).nonce)).toHaveLength(16);
  });

  it('sends four headers, in the words of RFC 9421', () => {
    const { headers } = send();
    expect(Object.keys(headers).sort()).toEqual([
      'content-digest',
      'signature',
      'signature-input',
      'vitalshare-server',
    ]);
    expect(headers['vitalshare-server']).toBe(server);
    expect(headers['signature-input']).toMatch(
      /^sig1=\("@method" "@path" "content-digest" "vitalshare-server"\);created=1700000000;nonce="[\w-]{22}";keyid="[\w-]{22}";alg="ed25519"$/,
    );
  });

  it('is signed and verified alike by browser and server', () => {
    const request = { method: 'POST', path: '/catalogue', body: new Uint8Array(0) };
    const fixed = (lengthBytes: number) => new Uint8Array(lengthBytes);
    const common = { ...request, server, identity: asker, nowMs: NOW_MS, random: fixed };
    const headers = signRequest(common);
    expect(signRequest({ ...common, sign: node.sign })).toEqual(headers);
    const sent = { ...request, headers, server, nowMs: NOW_MS, keyOf: () => asker.sign };
    expect(verifyRequest(sent)).toEqual(verifyRequest({ ...sent, verify: node.verify }));
  });

  it('counts 60 s either way as fresh, and not a millisecond more', () => {
    const sent = send(); // created at …000_000, the whole second
    expect(faultOf(() => receive(sent, 1_700_000_060_000))).toBe('none');
    expect(faultOf(() => receive(sent, 1_700_000_060_001))).toBe('stale');
    expect(faultOf(() => receive(sent, 1_699_999_940_000))).toBe('none');
    expect(faultOf(() => receive(sent, 1_699_999_939_999))).toBe('stale');
    expect(faultOf(() => receive(sent, Number.NaN))).toBe('stale');
  });

  it('cannot be sent on to another server, even with the header changed', () => {
    const sent = send();
    const other = keyId(stranger);
    expect(faultOf(() => receive(sent, NOW_MS, other))).toBe('wrong-server');
    sent.headers['vitalshare-server'] = other;
    expect(faultOf(() => receive(sent, NOW_MS, other))).toBe('bad-signature');
  });

  it('names keys that are not admitted, and signatures of a key that does not fit', () => {
    expect(faultOf(() => receive(send(stranger)))).toBe('unknown-key');
    const posing = { ...stranger, sign: asker.sign };
    expect(faultOf(() => receive(send(posing)))).toBe('bad-signature');
  });

  it('tells another body by its digest, and another digest by the signature', () => {
    const sent = { ...send(), body: utf8('{"version":2}') };
    expect(faultOf(() => receive(sent))).toBe('wrong-digest');
    sent.headers['content-digest'] = contentDigest(sent.body);
    expect(faultOf(() => receive(sent))).toBe('bad-signature');
  });

  it.each(['content-digest', 'vitalshare-server', 'signature-input', 'signature'])(
    'needs %s, once',
    (name) => {
      const { [name]: value, ...without } = send().headers;
      expect(faultOf(() => receive({ ...send(), headers: without }))).toBe('missing');
      const twice = { ...without, [name]: [value as string, value as string] };
      expect(faultOf(() => receive({ ...send(), headers: twice }))).toBe('malformed');
      const joined = { ...without, [name]: `${value as string}, ${value as string}` };
      const fault = name === 'vitalshare-server' ? 'wrong-server' : 'malformed';
      expect(faultOf(() => receive({ ...send(), headers: joined }))).toBe(fault);
    },
  );

  it('reads no header from the prototype', () => {
    const headers = Object.create(send().headers) as Headers;
    expect(faultOf(() => receive({ ...send(), headers }))).toBe('missing');
  });

  it.each([
    ['fewer components', (text: string) => text.replace(' "content-digest"', '')],
    ['another order', (text: string) => text.replace('"@method" "@path"', '"@path" "@method"')],
    ['another label', (text: string) => text.replace('sig1', 'sig2')],
    ['another algorithm', (text: string) => text.replace('ed25519', 'hmac-sha256')],
    ['no created', (text: string) => text.replace(/;created=\d+/, '')],
    ['a created before 1970', (text: string) => text.replace('created=', 'created=-')],
    ['a created with leading zeros', (text: string) => text.replace('created=', 'created=0')],
    ['a created beyond any clock', (text: string) => text.replace(/=\d+;/, '=999999999999;')],
    ['a parameter more', (text: string) => text + ';expires=1700000100'],
    ['a line more', (text: string) => text + '\n'],
    // 'x' has bits set beyond the 16 bytes: a second spelling of a nonce.
    [
      'a nonce spelt otherwise',
      (text: string) => text.replace(/nonce=".{21}./, (all) => all.slice(0, -1) + 'x'),
    ],
  ])('refuses %s', (_what, change) => {
    const sent = send();
    sent.headers['signature-input'] = change(sent.headers['signature-input'] as string);
    expect(faultOf(() => receive(sent))).toBe('malformed');
  });

  it.each(['/moments?asOf=1', '/moments#x', 'moments', '', '/a b', '/é', '/' + 'a'.repeat(1024)])(
    'neither signs nor takes the path %j',
    (path) => {
      expect(faultOf(() => receive({ ...send(), path }))).toBe('malformed');
      const request = { method: 'POST', path, body: BODY };
      expect(() =>
        signRequest({ ...request, server, identity: asker, nowMs: NOW_MS, random }),
      ).toThrow(TypeError);
    },
  );

  it('has no word of the request in an error that a stranger could fill', () => {
    const sent = send();
    sent.headers['signature-input'] = '<script>';
    expect(() => receive(sent)).toThrow(/^(?!.*script)/);
  });
});

describe('one altered byte [PROTO-10]', () => {
  const sent = send();
  const places = ['method', 'path', 'body', ...Object.keys(sent.headers)];

  /** `sent` with one byte of one place put through `change`. */
  function altered(place: string, at: number, change: (byte: number) => number): Sent {
    const text = (value: string): string => {
      const i = at % value.length;
      return (
        value.slice(0, i) + String.fromCharCode(change(value.charCodeAt(i))) + value.slice(i + 1)
      );
    };
    if (place === 'method') return { ...sent, method: text(sent.method) };
    if (place === 'path') return { ...sent, path: text(sent.path) };
    if (place === 'body') {
      const body = Uint8Array.from(sent.body);
      body[at % body.length] = change(body[at % body.length]!);
      return { ...sent, body };
    }
    return { ...sent, headers: { ...sent.headers, [place]: text(sent.headers[place] as string) } };
  }

  it('every bit of every byte is refused by name, and never with another exception', () => {
    const seen = new Set<string>();
    for (const place of places) {
      const value = place in sent ? sent[place as 'body'] : sent.headers[place];
      for (let at = 0; at < value!.length; at++) {
        for (let bit = 0; bit < 8; bit++) {
          const fault = faultOf(() => receive(altered(place, at, (byte) => byte ^ (1 << bit))));
          expect(fault, `${place} byte ${at} bit ${bit}`).not.toBe('none');
          seen.add(fault);
        }
      }
    }
    // Six of the seven: nothing here takes a header away.
    expect([...seen].sort()).toEqual([
      'bad-signature',
      'malformed',
      'stale',
      'unknown-key',
      'wrong-digest',
      'wrong-server',
    ]);
    expect(faultOf(() => receive(sent))).toBe('none');
  });

  it('any other byte in any place is refused by name', () => {
    const other = fc.integer({ min: 1, max: 255 });
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.nat(), other, (place, at, mask) => {
        expect(faultOf(() => receive(altered(place, at, (byte) => byte ^ mask)))).not.toBe('none');
      }),
      { numRuns: 2000 },
    );
  });

  it('any text in any header gives a named error', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(sent.headers)), fc.string(), (name, value) => {
        const changed = { ...sent, headers: { ...sent.headers, [name]: value } };
        expect(faultOf(() => receive(changed))).not.toBe('none');
      }),
    );
  });
});
