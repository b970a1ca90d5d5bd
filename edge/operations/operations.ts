/**
 * The door `@vitalshare/edge/operations`: what every process that serves says of itself, and how it
 * bounds what strangers ask. Pure: clocks and outputs are arguments.
 */
export { type About, type Level, LEVELS, logSay, type Say } from './log-lines.ts';
export { isLocalName } from './local-name.ts';
export { type Missing, readiness, type Readiness } from './readiness.ts';
export { Buckets, TokenBucket, type Rate } from './token-bucket.ts';
export { Addresses } from './addresses.ts';
