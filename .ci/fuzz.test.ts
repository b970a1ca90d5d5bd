/**
 * Every decoder and endpoint with a few thousand cases of a fresh seed, and with the kept table of
 * hostile inputs; `npm run fuzz` is the long form. A failure prints the input and the seed.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { decodePayload } from '../edge/wire/payload.ts';
import { mutateBytes } from './fuzz/mutate.ts';
import { runTarget } from './fuzz/run-target.ts';
import { only, sameBytes, type Target, Unfit } from './fuzz/target.ts';
import { TARGETS } from './fuzz/targets.ts';
import { WireError } from '../edge/wire/error.ts';

const SEED = Date.now() % 2 ** 31;
const CASES = 2_000;
/** Those that cost curve arithmetic or a socket do as many as they can. */
const MS_MAX = 300;

let done = 0;
afterAll(() => console.log(`fuzz: ${done} cases, seed ${SEED}`));

describe('mutated and random input yields a named error or what it says', () => {
  it.each(TARGETS)('$name', async (target) => {
    const { failure, cases } = await runTarget(target, { cases: CASES, seed: SEED, msMax: MS_MAX });
    done += cases;
    expect(failure && { ...failure, hex: failure.hex.slice(0, 4_000) }).toBeUndefined();
  });
});

describe('hostile input of each kind', () => {
  const kinds = TARGETS.flatMap((target) =>
    Object.keys(target.hostile).map((what) => [target.name, what] as const),
  );

  it('is kept for every target', () => {
    for (const { name, hostile } of TARGETS) expect(Object.keys(hostile), name).not.toHaveLength(0);
    expect(kinds.length).toBeGreaterThan(200);
  });
});

describe('the fuzzer', () => {
  const planted = (decode: (bytes: Uint8Array) => unknown): Target => ({
    ...{ name: 'planted', codec: '', samples: '', errors: '', hostile: {} },
    make: () => ({
      sample: () => Uint8Array.of(1, 2, 3, 4),
      mutate: mutateBytes,
      decode,
      refusal: only(WireError),
    }),
  });
  const failureOf = async (decode: (bytes: Uint8Array) => unknown) =>
    (await runTarget(planted(decode), { cases: 3_000, seed: 1 })).failure;

  it('finds an error without a name, and the case comes again from its seed', async () => {
    // A decoder that trusts a length: DataView throws its RangeError at the end of the bytes.
    const trusting = (bytes: Uint8Array) =>
      new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
    const found = await failureOf(trusting);
    expect(found).toMatchObject({ target: 'planted', seed: 1 });
    expect(found!.error).toMatch(/RangeError/);
    const again = await runTarget(planted(trusting), {
      cases: 1,
      seed: 1,
      from: found!.at as number,
    });
    expect(again.failure?.hex).toBe(found!.hex);
  });

  it('finds bytes that are accepted and do not encode to themselves', async () => {
    const lax = (bytes: Uint8Array) => {
      if (bytes.length < 4) throw new WireError('malformed', 0, 'short');
      sameBytes(bytes, bytes.slice(0, 4)); // Left-over bytes are dropped.
      return bytes;
    };
    expect((await failureOf(lax))?.error).toMatch(/encodes to other bytes/);
  });

  it('finds a case that takes too long, and a sample that is refused', async () => {
    const slow = (bytes: Uint8Array) => {
      const from = process.cpuUsage().user;
      while (bytes.length > 20 && process.cpuUsage().user < from + 120_000);
      return bytes;
    };
    const { failure } = await runTarget(
      { ...planted(slow), slowMs: 50 },
      { cases: 3_000, seed: 1 },
    );
    expect(failure?.error).toMatch(/took \d+ ms/);
    expect((await failureOf(decodePayload))?.error).toMatch(/a valid sample was refused/);
    expect(
      (
        await failureOf(() => {
          throw new Unfit('x');
        })
      )?.error,
    ).toMatch(/x/);
  });
});
