/** Files and messages of the key ceremony, sealing, sharing: edge/keys, edge/seal, edge/sharing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publicOf } from '../../../edge/identity/node.ts';
import { IdentityError, parsePublicIdentity } from '../../../edge/identity/public.ts';
import { makeIdentity } from '../../../edge/identity/node.ts';
import { parseAddresses } from '../../../edge/keys/addresses.ts';
import {
  canonicalBytes,
  CanonicalError,
  parseCanonical,
  parseJson,
} from '../../../edge/keys/canonical.ts';
import { ConfigurationError, parseConfiguration } from '../../../edge/keys/configuration.ts';
import { PartyError, readPartyFile } from '../../../edge/keys/files.ts';
import { parseKeyMap } from '../../../edge/keys/key-files.ts';
import { KeyMessageError, openMessage, sealMessage } from '../../../edge/keys/message.ts';
import { configDigest } from '../../../edge/keys/configuration.ts';
import type { Member } from '../../../edge/keys/party.ts';
import {
  EncodingError,
  fromBase64,
  fromBase64Url,
  fromHex,
  toBase64,
  toBase64Url,
  toHex,
} from '../../../edge/seal/bytes.ts';
import { hpkeOpen, hpkeSeal } from '../../../edge/seal/hpke.ts';
import { nearestPolynomial, valueAt } from '../../../edge/sharing/decode.ts';
import { openAnswer, OpeningError } from '../../../edge/sharing/open.ts';
import { P } from '../../../edge/field/field.ts';
import { hex, JSON_HOSTILE, ones, text, zeros } from '../hostile.ts';
import { mutateBytes } from '../mutate.ts';
import { mutateJson } from '../mutate-json.ts';
import { type Random, randomOf } from '../random.ts';
import { only, sameBytes, stable, type Target, Unfit } from '../target.ts';
import { worldOf } from '../world.ts';

const encoder = new TextEncoder();
const json = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));
const again = (bytes: Uint8Array) => parseConfiguration(parseJson(bytes));
const ADDRESSES = {
  listen: { host: '::1', port: 0 },
  mqtt: { host: '127.0.0.1', port: 1883 },
  gateway: 'http://127.0.0.1:8080',
  dataServers: ['http://a.example', 'https://b.example:1', 'http://[::1]:2'],
  origins: ['https://ward.example'],
};
const INFO = encoder.encode('fuzz');

export const keysTargets: readonly Target[] = [
  {
    name: 'keys-configuration',
    codec: 'edge/keys/configuration.ts parseConfiguration',
    samples: 'configurations of 2 servers',
    errors: 'ConfigurationError, IdentityError, CanonicalError',
    // Each party costs 1.5 ms of curve arithmetic, and 1,024 people are allowed.
    slowMs: 5_000,
    make: () => ({
      sample: () => json(worldOf(2).configuration),
      mutate: mutateJson,
      decode: (bytes, random) => {
        const parsed = parseConfiguration(parseJson(bytes));
        return random.chance(16) ? stable(parsed, canonicalBytes, again) : parsed;
      },
      refusal: only(ConfigurationError, IdentityError, CanonicalError),
    }),
    hostile: JSON_HOSTILE,
  },
  {
    name: 'keys-identity',
    codec: 'edge/identity/public.ts parsePublicIdentity',
    samples: 'public identities',
    errors: 'IdentityError, CanonicalError',
    make: () => ({
      sample: (random) => json(publicOf(makeIdentity('Dr. Été', 'physician', random.bytes))),
      mutate: mutateJson,
      decode: (bytes) =>
        stable(parsePublicIdentity(parseJson(bytes)), canonicalBytes, (again) =>
          parsePublicIdentity(parseJson(again)),
        ),
      refusal: only(IdentityError, CanonicalError),
    }),
    hostile: {
      ...JSON_HOSTILE,
      'a name that turns its writing round': text(
        '{"name":"a\\u202eb","role":"gateway","sign":"","seal":""}',
      ),
    },
  },
  {
    name: 'keys-addresses',
    codec: 'edge/keys/addresses.ts parseAddresses',
    samples: 'addresses.json of three servers',
    errors: 'TypeError that names the field, CanonicalError',
    make: () => ({
      sample: () => json(ADDRESSES),
      mutate: mutateJson,
      decode: (bytes) => parseAddresses(parseJson(bytes), 3),
      refusal: (error) =>
        named(error, /^(addresses|dataServers|gateway|listen|mqtt|origins)\b.* must be/) ??
        only(CanonicalError)(error),
    }),
    hostile: JSON_HOSTILE,
  },
  {
    name: 'keys-canonical',
    codec: 'edge/keys/canonical.ts parseCanonical',
    samples: 'canonical JSON',
    errors: 'CanonicalError',
    make: () => ({
      sample: (random) =>
        canonicalBytes({
          a: [1, -2, 'é', { b: true }],
          n: random.u32(),
          z: 'x'.repeat(random.below(9)),
        }),
      mutate: mutateJson,
      decode: (bytes) => {
        const value = parseCanonical(bytes);
        sameBytes(bytes, canonicalBytes(value));
        return value;
      },
      refusal: only(CanonicalError),
    }),
    hostile: JSON_HOSTILE,
  },
  {
    name: 'keys-map',
    codec: 'edge/keys/key-files.ts parseKeyMap',
    samples: 'keys of three sets',
    errors: 'TypeError that names the field, CanonicalError',
    make: () => ({
      sample: (random) =>
        json(Object.fromEntries([3, 5, 6].map((mask) => [mask, toBase64Url(random.bytes(32))]))),
      mutate: mutateJson,
      decode: (bytes) => parseKeyMap(parseJson(bytes), 'split', [3, 5, 6]),
      refusal: (error) => named(error, /^split\b.* must /) ?? only(CanonicalError)(error),
    }),
    hostile: JSON_HOSTILE,
  },
  {
    name: 'keys-party-file',
    codec: 'edge/keys/files.ts readPartyFile',
    samples: 'addresses.json on disk',
    errors: 'PartyError',
    make: () => {
      const folder = mkdtempSync(join(tmpdir(), 'vitalshare-fuzz-'));
      const file = join(folder, 'configuration.json');
      return {
        sample: () => json(ADDRESSES),
        mutate: mutateJson,
        decode: (bytes) => {
          writeFileSync(file, bytes);
          return readPartyFile(file, (value) => parseAddresses(value, 3), {
            secret: false,
            remedy: '',
          });
        },
        refusal: only(PartyError),
        close: () => rmSync(folder, { recursive: true }),
      };
    },
    hostile: { ...JSON_HOSTILE, 'too long': zeros(2 ** 20 + 1) },
  },
  {
    name: 'keys-message',
    codec: 'edge/keys/message.ts openMessage',
    samples: 'split messages of a gateway; cases that end as bad signatures cost one verification',
    errors: 'KeyMessageError, CanonicalError',
    make: () => {
      const world = worldOf(3);
      const { configuration } = world;
      const digest = configDigest(configuration);
      const member = (identity: Member['identity']) =>
        ({ folder: '', identity, configuration, configDigest: digest }) as unknown as Member;
      const to = member(world.servers[0]!);
      return {
        sample: (random) =>
          json(
            sealMessage(
              member(world.gateway),
              configuration.dataServers[0]!,
              'split',
              { epoch: 1 },
              random.bytes,
            ),
          ),
        mutate: mutateJson,
        decode: (bytes) => openMessage(to, parseJson(bytes)),
        refusal: only(KeyMessageError, CanonicalError),
      };
    },
    hostile: JSON_HOSTILE,
  },
  {
    name: 'seal-hpke',
    codec: 'edge/seal/hpke.ts hpkeOpen',
    samples: 'sealed messages',
    errors: 'none: null',
    make: () => {
      const { sealSecret, seal } = worldOf(3).researcher;
      return {
        sample: (random) =>
          hpkeSeal(fromBase64Url(seal), INFO, INFO, random.bytes(random.below(60)), random.bytes),
        mutate: mutateBytes,
        decode: (bytes) => hpkeOpen(fromBase64Url(sealSecret), INFO, INFO, bytes),
        refusal: () => undefined,
      };
    },
    hostile: {
      empty: zeros(0),
      'a point of small order': zeros(80),
      'another point of small order': hex(`01${'00'.repeat(79)}`),
      'all ones': ones(48),
    },
  },
  {
    name: 'seal-spellings',
    codec: 'edge/seal/bytes.ts fromHex, fromBase64Url, fromBase64',
    samples: 'hex and base64',
    errors: 'EncodingError',
    make: () => ({
      sample: (random) =>
        encoder.encode(random.pick([toHex, toBase64, toBase64Url])(random.bytes(random.below(50)))),
      mutate: mutateBytes,
      decode: (bytes) => {
        const spelled = new TextDecoder().decode(bytes);
        const read = [
          [fromHex, toHex],
          [fromBase64Url, toBase64Url],
          [fromBase64, toBase64],
        ] as const;
        let refused: unknown;
        let accepted = 0;
        for (const [from, to] of read) {
          try {
            if (to(from(spelled)) !== spelled) throw new Unfit('one value has two spellings');
            accepted += 1;
          } catch (error) {
            if (!(error instanceof EncodingError)) throw error;
            refused = error;
          }
        }
        if (accepted === 0) throw refused;
        return accepted;
      },
      refusal: only(EncodingError),
    }),
    hostile: { NUL: zeros(2), 'broken UTF-8': hex('fffe'), 'padding alone': text('====') },
  },
  {
    name: 'sharing-decode',
    codec: 'edge/sharing/decode.ts nearestPolynomial, open.ts openAnswer',
    samples: 'nine answers on one polynomial, threshold 2; mutated answers are lies',
    errors: 'OpeningError, RangeError that names the server',
    make: () => ({
      sample: (random) => answersOf(random),
      mutate: mutateBytes,
      decode: (bytes) => openedFrom(bytes),
      refusal: (error) =>
        only(OpeningError)(error) ??
        (error instanceof RangeError ? named(error, /server/) : undefined),
    }),
    hostile: {
      empty: zeros(0),
      'every answer p': () => allAnswers(P),
      'every answer 2^64 − 1': ones(81),
      'one server nine times': zeros(81),
    },
  },
];

function named(error: unknown, message: RegExp): string | undefined {
  const isOurs =
    (error instanceof TypeError || error instanceof RangeError) && message.test(error.message);
  return isOurs ? error.name : undefined;
}

const CONFIG = { servers: 9, threshold: 2 };
/** server u8 ‖ value u64, nine times. */
function answersOf(random: Random): Uint8Array {
  const coefficients = Array.from({ length: 3 }, () => BigInt(random.u32()) * BigInt(random.u32()));
  const out = Buffer.alloc(81);
  for (let j = 1; j <= 9; j++) {
    out[9 * (j - 1)] = j;
    out.writeBigUInt64LE(
      valueAt(
        coefficients.map((c) => c % P),
        j,
      ),
      9 * (j - 1) + 1,
    );
  }
  return new Uint8Array(out);
}
const allAnswers = (value: bigint): Uint8Array => {
  const bytes = Buffer.from(answersOf(randomOf(1, 1, 1)));
  for (let j = 0; j < 9; j++) bytes.writeBigUInt64LE(value, 9 * j + 1);
  return new Uint8Array(bytes);
};

function openedFrom(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const answers = Array.from({ length: Math.min(9, Math.floor(bytes.length / 9)) }, (_, i) => ({
    server: view.getUint8(9 * i),
    value: view.getBigUint64(9 * i + 1, true),
  }));
  const opened = openAnswer(CONFIG, 2, answers);
  // What is claimed must be so: deg + 1 + t of them lie on the polynomial, and the named do not.
  const truth = nearestPolynomial(
    [...answers].sort((a, b) => a.server - b.server),
    3,
  );
  if (opened.named.length > 0 && (truth === null || opened.agreeing.length < 5))
    throw new Unfit('named too early');
  for (const { server, value } of answers) {
    if (opened.named.includes(server) && truth !== null && valueAt(truth, server) === value)
      throw new Unfit(`server ${server} is blamed for the truth`);
  }
  return opened;
}
