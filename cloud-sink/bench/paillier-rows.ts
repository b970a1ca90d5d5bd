/**
 * Paillier of this house beside paillier-bigint, 2,048 bits, CPU time of one thread, in turns: how many times
 * as fast. Each with a key of its own making.
 */
import type { Arithmetic } from '../paillier/arithmetic.ts';
import { fixedBase, ownFixedBase } from '../paillier/fixed-base.ts';
import { generateKey } from '../paillier/generate.ts';
import { MultiPower } from '../paillier/multi-power.ts';
import { nodeArithmetic } from '../paillier/node.ts';
import { PrivateKey } from '../paillier/private-key.ts';
import { paillierPeer, type PaillierPeer } from './peers/paillier.ts';
import type { Row } from './table.ts';
import { cpuClock, mediansMs } from './timing.ts';

const BITS = 2048;
const TERMS = 1_000;
const SHARE = 0x123456789abcdefn;

export async function paillierRows(rows: number): Promise<Row[]> {
  const arithmetic = nodeArithmetic();
  const peer = await paillierPeer(BITS);
  const key = await generateKey(arithmetic, BITS);
  const short = fixedBase(arithmetic, key.public);
  const own = ownFixedBase(arithmetic, key);
  const ours = key.public.encrypt(SHARE);
  const theirs = peer.publicKey.encrypt(SHARE);
  checkAlike(arithmetic, peer, theirs);
  const many = Array.from({ length: TERMS }, () => key.public.encrypt(SHARE, own));
  const [fixed, ownKey, full, encrypt, decrypted, decrypt, together, oneByOne] = await mediansMs(
    [
      times(8, () => key.public.encrypt(SHARE, short)),
      times(8, () => key.public.encrypt(SHARE, own)),
      () => key.public.encrypt(SHARE),
      () => peer.publicKey.encrypt(SHARE),
      times(8, () => key.decrypt(ours)),
      () => peer.privateKey.decrypt(theirs),
      () => productOf(key.public.nSquare, many),
      times(4, () => peer.publicKey.multiply(theirs, SHARE)),
    ],
    rows >= 1_000_000 ? 21 : 5,
    cpuClock,
  );
  const row = (what: string, ms: number, peerMs: number, least?: number): Row => ({
    what: `Paillier, 2,048 bits: ${what}, times as fast as paillier-bigint`,
    measured: `${ms.toFixed(3)} ms`,
    peer: `paillier-bigint ${peerMs.toFixed(2)} ms`,
    figure: peerMs / ms,
    ...(least === undefined ? {} : { target: { least } }),
  });
  return [
    row('encrypt, fixed base', fixed! / 8, encrypt!, 40),
    row("encrypt, the key's holder", ownKey! / 8, encrypt!),
    row('encrypt, full width', full!, encrypt!, 6),
    row('decrypt', decrypted! / 8, decrypt!, 15),
    row('a term of a product of 61-bit powers', together! / TERMS, oneByOne! / 4),
  ];
}

/**
 * Each opens what the other made, under the peer's key. Its primes have 1,025 and 1,023 bits, so it is not the key to
 * measure with: squares of 2,050 bits leave OpenSSL's fast path.
 */
function checkAlike(arithmetic: Arithmetic, peer: PaillierPeer, theirs: bigint): void {
  const { _p: p, _q: q } = peer.privateKey;
  const key = new PrivateKey(arithmetic, p, q);
  const made = key.public.encrypt(SHARE);
  if (key.decrypt(theirs) === SHARE && peer.privateKey.decrypt(made) === SHARE) return;
  throw new Error('paillier-bigint and ours do not open one another');
}

const times = (count: number, work: () => unknown) => (): void => {
  for (let i = 0; i < count; i++) work();
};

function productOf(modulus: bigint, ciphertexts: readonly bigint[]): bigint {
  const product = new MultiPower(modulus, 61, ciphertexts.length);
  for (const each of ciphertexts) product.add(each, SHARE);
  return product.product();
}
