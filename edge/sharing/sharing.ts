/**
 * What splitting, deriving and opening have in common (SHARING.md): the configuration, the sets and
 * their polynomials, the key of every keystream, and keystreams read as field elements.
 *
 * Doors: `sharing/split` (gateway), `sharing/derive`, `sharing/zero`, `sharing/random` and
 * `sharing/repair` (data servers), `sharing/open` (readers only).
 */
export {
  SETS_MAX,
  SharingError,
  checkConfig,
  fOfSet,
  indicesOf,
  setsOf,
  setsOfServer,
  type SharingConfig,
} from './sets.ts';
export { MaskKeys, USE, maskRoot, type StreamContext, type Use } from './keys.ts';
export { ELEMENTS_MAX, streamBytes, streamElements } from './stream.ts';
