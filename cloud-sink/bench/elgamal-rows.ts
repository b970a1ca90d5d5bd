/** Encrypted sums: what a key, a ciphertext, a partial and a whole decryption cost, one core. */
import { randomBytes } from 'node:crypto';
import { utf8 } from '@vitalshare/edge/seal';
import {
  addCiphertexts,
  checkPartial,
  decryptPartially,
  encryptProven,
  Logarithms,
  makeBabySteps,
  openPoint,
  verifyEncryption,
} from '../elgamal/elgamal.ts';
import { deal } from '../elgamal/deal.fixture.ts';
import type { Row } from './table.ts';
import { medianMs } from './timing.ts';

const random = (n: number) => new Uint8Array(randomBytes(n));
const CONTEXT = utf8('a context');
const TABLE_BITS = 20;
const RANGE = { low: 0n, high: 2n ** 32n };
const MULTIPLE = 2n ** 61n - 1n;

const ms = (time: number): string => `${time.toFixed(time < 10 ? 1 : 0)} ms`;

export async function elgamalRows(): Promise<Row[]> {
  const started = performance.now();
  const logarithms = new Logarithms(makeBabySteps(TABLE_BITS));
  const tableMs = performance.now() - started;
  const { key, shares } = deal(3, 1);
  const dealMs = await medianMs(() => deal(3, 1));
  const made = encryptProven(key.publicKey, 700n, CONTEXT, random);
  const encryptMs = await medianMs(() => encryptProven(key.publicKey, 700n, CONTEXT, random));
  const verifyMs = await medianMs(() => verifyEncryption(key.publicKey, made, CONTEXT));
  // The largest sum, in the last of the ranges that a set of two servers leaves.
  const parts = [MULTIPLE - 5n, 2n ** 32n + 5n];
  const sum = addCiphertexts(
    parts.map((m) => encryptProven(key.publicKey, m, CONTEXT, random).ciphertext),
  );
  const partials = [0, 1].map((i) =>
    decryptPartially(key, i + 1, shares[i]!, sum, CONTEXT, random),
  );
  const partialMs = await medianMs(() =>
    decryptPartially(key, 1, shares[0]!, sum, CONTEXT, random),
  );
  const ranges = [1n, 0n].map((k) => ({
    low: k * MULTIPLE + RANGE.low,
    high: k * MULTIPLE + RANGE.high,
  }));
  const searchMs = await medianMs(() => {
    const points = partials.map((partial) => ({
      server: partial.server,
      point: checkPartial(key, partial, sum, CONTEXT),
    }));
    const found = logarithms.of(openPoint(key, sum, points), ranges);
    if (found !== MULTIPLE + 2n ** 32n) throw new Error('the wrong number was opened');
  });
  return [
    {
      what: 'threshold ElGamal, (3,1): a sum up to 2^32 decrypted of two partials, proofs checked',
      measured: ms(searchMs),
      figure: searchMs,
      target: { most: 50 },
    },
    {
      what: `table of 2^${TABLE_BITS} baby steps, once, s`,
      measured: ms(tableMs),
      figure: tableMs / 1_000,
      target: { most: 10 },
    },
    {
      what: 'one number: encrypted and proven; the proof checked; a partial decryption with its proof',
      measured: `${ms(encryptMs)}; ${ms(verifyMs)}; ${ms(partialMs)}`,
    },
    { what: 'three servers make a key without a dealer, arithmetic of all', measured: ms(dealMs) },
  ];
}
