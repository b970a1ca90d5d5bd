/** The one error of this folder: what came from outside and is not what it must be. */
export const ELGAMAL_ERRORS = {
  point: 'not a canonical ristretto255 encoding, or the identity where that means nothing',
  scalar: 'not a canonical number below the order of the group',
  proof: 'a proof does not hold for what it stands beside',
  share: 'a share of the key does not fit what its dealer committed to',
  dealing: 'a dealing has a wrong form, or is not what its dealer committed to before',
  'too-few': 'fewer partial decryptions than the key needs, or one twice',
  bound: 'the plaintext is no number within the bound',
} as const;
export type ElgamalFault = keyof typeof ELGAMAL_ERRORS;

/** Names servers, never a number of a key, a share or a plaintext. */
export class ElgamalError extends Error {
  override readonly name = 'ElgamalError';
  readonly code: ElgamalFault;
  /** Indices from 1 of who is shown to be at fault; empty where nobody is. */
  readonly servers: readonly number[];
  constructor(code: ElgamalFault, message: string, servers: readonly number[] = []) {
    super(message);
    this.code = code;
    this.servers = servers;
  }
}
