/** Paillier's cryptosystem, for browsers too; `node.ts` adds OpenSSL's arithmetic. */
export type { Arithmetic, Power } from './arithmetic.ts';
export { PAILLIER_FAULTS, PaillierError, type PaillierFault } from './errors.ts';
export { fixedBase, ownFixedBase } from './fixed-base.ts';
export { generateKey, type KeyProgress } from './generate.ts';
export { MaskPool } from './mask-pool.ts';
export { MultiPower } from './multi-power.ts';
export { portableArithmetic } from './portable.ts';
export { PrivateKey } from './private-key.ts';
export { type Masks, PublicKey } from './public-key.ts';
export { acceptKey, publishKey, type PublishedKey } from './published-key.ts';
export { pack, type Slots, slotsIn, unpack } from './slots.ts';
