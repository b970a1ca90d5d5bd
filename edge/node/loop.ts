/** The door `@vitalshare/edge/loop`: a node's lifetime, its credential and what it keeps. */
export { bootOfClock } from './boot-clock.ts';
export {
  CREDENTIAL_ERRORS,
  CredentialError,
  formatCredential,
  parseCredential,
  type CredentialErrorCode,
  type NodeCredential,
} from './credential.ts';
export { DROP_REASONS, type DropReason, type Gap } from './gaps.ts';
export { memoryJournal, type Journal, type KeptBoot } from './memory-journal.ts';
export { Node } from './node.ts';
export type { NodeCounts, NodeOptions, Publish } from './node-options.ts';
export { systemTime, type Time } from './time.ts';
