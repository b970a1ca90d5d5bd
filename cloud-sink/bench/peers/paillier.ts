/** paillier-bigint, 2,048 bits: encrypt a column under one key and add it up. */
import { peer } from './peer.ts';

interface PublicKey {
  encrypt(message: bigint): bigint;
  addition(...ciphertexts: bigint[]): bigint;
}
interface Module {
  generateRandomKeys(
    bits: number,
  ): Promise<{ publicKey: PublicKey; privateKey: { decrypt(ciphertext: bigint): bigint } }>;
}

/** Nanoseconds an element for encrypting and for adding, over `elements` of them. */
export async function paillierSum(elements: number): Promise<{ encryptNs: number; addNs: number }> {
  const { publicKey, privateKey } = await (peer('paillier-bigint') as Module).generateRandomKeys(
    2048,
  );
  const values = Array.from({ length: elements }, (_, i) => BigInt(600 + (i % 400)));
  const start = process.hrtime.bigint();
  const ciphertexts = values.map((value) => publicKey.encrypt(value));
  const encrypted = process.hrtime.bigint();
  let sum = ciphertexts[0]!;
  for (const ciphertext of ciphertexts.slice(1)) sum = publicKey.addition(sum, ciphertext);
  const added = process.hrtime.bigint();
  if (privateKey.decrypt(sum) !== values.reduce((a, b) => a + b, 0n)) {
    throw new Error('paillier-bigint: the sum is wrong');
  }
  return {
    encryptNs: Number(encrypted - start) / elements,
    addNs: Number(added - encrypted) / (elements - 1),
  };
}
