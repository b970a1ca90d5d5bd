#!/usr/bin/env node
/**
 * What `npx vitalshare` runs: `vitalshare.ts`, with tsx in this process. The tsx command would be a
 * second process in between, which costs a third of the start and keeps a signal to npx from us.
 */
import { register } from 'tsx/esm/api';

register();
await import('../vitalshare.ts');
