/** The door `@vitalshare/edge/seal`: sealing, key derivation and spellings of bytes. */
export { openAead, sealAead } from './aead.ts';
export {
  concatBytes,
  EncodingError,
  fromBase64,
  fromBase64Url,
  fromHex,
  toBase64,
  toBase64Url,
  toHex,
  utf8,
} from './bytes.ts';
export { withoutSum, withSum } from './checked-json.ts';
export { sharedPoint } from './dh.ts';
export { constantTimeEqual, hkdfExpand, hkdfExtract, hmacSha256, sha256 } from './hkdf.ts';
export { hpkeOpen, hpkeSeal } from './hpke.ts';
export { openX, sealX } from './xaead.ts';
