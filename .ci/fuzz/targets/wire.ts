/** What nodes and gateways say to each other, and what a node keeps: edge/wire, edge/node. */
import { crc32 } from 'node:zlib';
import {
  eraseRange,
  erasedRecord,
  keptRecord,
  scanRecords,
} from '../../../edge/node/journal-file.ts';
import {
  CredentialError,
  formatCredential,
  parseCredential,
} from '../../../edge/node/credential.ts';
import { type Answer, decodeAnswer, encodeAnswer } from '../../../edge/wire/answer.ts';
import { WireError } from '../../../edge/wire/error.ts';
import { decodePayload, encodePayload } from '../../../edge/wire/payload.ts';
import {
  openAnswer,
  openFrame,
  readHeader,
  sealAnswer,
  sealFrame,
} from '../../../edge/wire/wire.ts';
import { frameOf } from '../frames.ts';
import { hex, JSON_HOSTILE, ones, text, zeros } from '../hostile.ts';
import { joined, mutateBytes } from '../mutate.ts';
import { mutateJson } from '../mutate-json.ts';
import type { Random } from '../random.ts';
import { only, sameBytes, type Target, Unfit } from '../target.ts';

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
const NODE = 'bed-7';
const never = (): undefined => undefined;
const credential = {
  ...{ node: NODE, mqttUrl: 'mqtts://ward.example:8883', password: 'correct horse', keyEpoch: 3 },
  ...{ upKey: KEY, downKey: KEY },
};

export const wireTargets: readonly Target[] = [
  {
    name: 'wire-payload',
    codec: 'edge/wire/payload.ts decodePayload',
    samples: 'frames of columns, segments, status, events',
    errors: 'WireError',
    make: () => ({
      sample: (random) => encodePayload(frameOf(random)),
      mutate: mutateBytes,
      decode: (bytes) => {
        const frame = decodePayload(bytes);
        // Blocks may come in any order, so bytes need not be the same: their encoding must.
        const again = encodePayload(frame);
        sameBytes(again, encodePayload(decodePayload(again)));
        if (again.length !== bytes.length) throw new Unfit('bytes were left over');
        return frame;
      },
      refusal: only(WireError),
    }),
    hostile: {
      empty: zeros(0),
      'a column of 65,535 rows': hex('01 00 0000000000000000 01 0a00 01 ff 00000000 ffff 00 00'),
      'a block longer than the frame': hex('01 00 0000000000000000 02 ffff 00'),
      'device time 2^53': hex('01 00 0000000000002000'),
      'gain not a number': hex(
        '01 00 0000000000000000 02 1e00 40 02 01 00 ff 0000000000000000 90d00300 000000000000f87f 00000000 0100 0000',
      ),
      'too long': zeros(65_536),
      'all ones': ones(300),
    },
  },
  {
    name: 'wire-envelope',
    codec: 'edge/wire/envelope.ts readHeader, openFrame',
    samples: 'sealed frames',
    errors: 'none: null',
    make: () => ({
      sample: (random) =>
        sealFrame(
          {
            node: NODE,
            upKey: KEY,
            keyEpoch: random.below(65_536),
            boot: 1 + random.below(9),
            sequence: 1 + random.below(99),
          },
          random.bytes(random.below(60)),
        ),
      mutate: mutateBytes,
      decode: (bytes) => {
        const header = readHeader(bytes);
        const opened = openFrame(NODE, KEY, bytes);
        if (opened === null) return null;
        if (header === null) throw new Unfit('opened without a header');
        sameBytes(bytes, sealFrame({ node: NODE, upKey: KEY, ...header }, opened.payload));
        return opened;
      },
      refusal: never,
    }),
    hostile: {
      empty: zeros(0),
      'no tag': hex('0101 0000 01000000 01000000'),
      'too long': zeros(65_537),
      'boot 0': zeros(64),
    },
  },
  {
    name: 'wire-answer',
    codec: 'edge/wire/answer.ts decodeAnswer',
    samples: 'answers with ranges missing and refused',
    errors: 'WireError',
    make: () => ({
      sample: (random) => encodeAnswer(answerOf(random)),
      mutate: mutateBytes,
      decode: (bytes) => {
        const answer = decodeAnswer(bytes);
        sameBytes(bytes, encodeAnswer(answer));
        return answer;
      },
      refusal: only(WireError),
    }),
    hostile: {
      empty: zeros(0),
      '255 ranges': hex('0101 0000000000000000 01000000 01000000 ff'),
      'time −2^63': hex('0101 0000000000000080 01000000 01000000 00 00'),
      'a range that ends before it begins': hex(
        '0101 0000000000000000 01000000 09000000 01 05000000 04000000 00',
      ),
    },
  },
  {
    name: 'wire-sealed-answer',
    codec: 'edge/wire/answer.ts openAnswer',
    samples: 'sealed answers',
    errors: 'none: null',
    make: () => ({
      sample: (random) => sealAnswer(NODE, KEY, random.bytes(24), answerOf(random)),
      mutate: mutateBytes,
      decode: (bytes) => openAnswer(NODE, KEY, bytes),
      refusal: never,
    }),
    hostile: { empty: zeros(0), 'a nonce and no tag': zeros(24), 'all ones': ones(100) },
  },
  {
    name: 'node-journal',
    codec: 'edge/node/journal-file.ts scanRecords',
    samples: 'files of kept and erased records; half of the cases with their checksums made right',
    errors: 'none: reading stops at the damage',
    make: () => ({
      sample: (random) =>
        new Uint8Array(
          Buffer.concat(Array.from({ length: 1 + random.below(6) }, () => journalRecord(random))),
        ),
      mutate: (random, sample, other) => {
        const bytes = mutateBytes(random, sample, other);
        return random.chance(2) ? bytes : withChecksums(bytes);
      },
      decode: (bytes) => {
        const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const { frames, wholeBytes } = scanRecords(file);
        if (wholeBytes > file.length) throw new Unfit('more than the file was read');
        for (const { offset, length } of frames.values()) {
          if (offset < 0 || length < 0 || offset + length > wholeBytes)
            throw new Unfit('a frame outside of the file');
        }
        // What was read as whole reads the same alone.
        if (scanRecords(file.subarray(0, wholeBytes)).frames.size !== frames.size)
          throw new Unfit('it reads otherwise alone');
        eraseRange(frames, 1, 3, () => undefined);
        return frames;
      },
      refusal: never,
    }),
    hostile: {
      empty: zeros(0),
      'length 2^32 − 1': hex('ffffffff 00000000 01'),
      'length 0': zeros(64),
      'erased from last to first': () => new Uint8Array(erasedRecord(9, 1)),
      'erased 0 to 2^32 − 1': () =>
        new Uint8Array(Buffer.concat([keptRecord(7, KEY), erasedRecord(0, 0xffffffff)])),
    },
  },
  {
    name: 'node-credential',
    codec: 'edge/node/credential.ts parseCredential',
    samples: 'credential files',
    errors: 'CredentialError',
    make: () => ({
      sample: () => new TextEncoder().encode(formatCredential(credential)),
      mutate: mutateJson,
      decode: (bytes) => {
        const parsed = parseCredential(new TextDecoder().decode(bytes));
        const again = formatCredential(parsed);
        if (formatCredential(parseCredential(again)) !== again)
          throw new Unfit('it has two spellings');
        return parsed;
      },
      refusal: only(CredentialError),
    }),
    hostile: {
      ...JSON_HOSTILE,
      'an address with a password': text(
        '{"vitalshare":"node-credential","version":1,"mqttUrl":"mqtt://a:b@c"}',
      ),
    },
  },
];

function answerOf(random: Random): Answer {
  const sequence = random.below(1_000);
  const kinds: [{ first: number; last: number }[], { first: number; last: number }[]] = [[], []];
  let at = 1 + random.below(9);
  while (at <= sequence && kinds[0].length < 32 && kinds[1].length < 32) {
    const last = Math.min(sequence, at + random.below(9));
    random.pick(kinds).push({ first: at, last });
    at = last + 1 + random.below(90);
  }
  return {
    gatewayTimeMs: 1_700_000_000_000 + random.u32(),
    boot: 1 + (random.u32() % 9),
    sequence,
    missing: kinds[0],
    refused: kinds[1],
  };
}

function journalRecord(random: Random): Uint8Array {
  const sequence = 1 + random.below(20);
  return random.chance(4)
    ? erasedRecord(sequence, sequence + random.below(5))
    : keptRecord(sequence, random.bytes(random.below(60)));
}

/** A damaged file whose checksums hold: what a hostile or buggy writer leaves. */
function withChecksums(bytes: Uint8Array): Uint8Array {
  const out = Buffer.from(joined(bytes));
  for (let at = 0; at + 8 <= out.length;) {
    const end = at + 8 + out.readUInt32LE(at);
    if (end > out.length) break;
    out.writeUInt32LE(crc32(out.subarray(at + 8, end)), at + 4);
    at = end;
  }
  return new Uint8Array(out);
}
