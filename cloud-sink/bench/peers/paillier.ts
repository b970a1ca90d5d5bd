/** paillier-bigint: the cryptosystem as it is written down, in BigInt, of one key. */
import { peer } from './peer.ts';

interface PublicKey {
  readonly n: bigint;
  encrypt(message: bigint): bigint;
  addition(...ciphertexts: bigint[]): bigint;
  multiply(ciphertext: bigint, factor: bigint): bigint;
}
export interface PaillierPeer {
  readonly publicKey: PublicKey;
  readonly privateKey: {
    readonly _p: bigint;
    readonly _q: bigint;
    decrypt(ciphertext: bigint): bigint;
  };
}

interface Module {
  generateRandomKeys(bits: number, simpleVariant: boolean): Promise<PaillierPeer>;
}

/** With g = 1 + N, as ours: its default, a random g, is a few per cent slower and no other key. */
export const paillierPeer = (bits: number): Promise<PaillierPeer> =>
  (peer('paillier-bigint') as Module).generateRandomKeys(bits, true);
