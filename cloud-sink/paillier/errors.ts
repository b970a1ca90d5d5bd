/**
 * What is wrong with a key, a proof or a ciphertext that somebody sent. A caller's own bug is a
 * RangeError. Messages carry sizes and places, never a key's secret, a plaintext or a ciphertext.
 */
export const PAILLIER_FAULTS = [
  'key-too-small',
  'malformed-key',
  'wrong-proof',
  'not-the-askers-key',
  'ciphertext-range',
  'ciphertext-not-invertible',
  'plaintext-range',
] as const;
export type PaillierFault = (typeof PAILLIER_FAULTS)[number];

export class PaillierError extends Error {
  override readonly name = 'PaillierError';
  readonly code: PaillierFault;
  constructor(code: PaillierFault, message: string) {
    super(message);
    this.code = code;
  }
}
