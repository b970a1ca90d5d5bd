#!/usr/bin/env node
/**
 * What `npx vitalshare` runs: `vitalshare.ts`, with tsx in this process. The tsx command would be a
 * second process in between, which costs a third of the start and keeps a signal to npx from us.
 */
const tsx = await import('tsx/esm/api').catch(() => null);
if (tsx === null) {
  process.stderr.write(
    'vitalshare: nothing is installed yet; run `npm ci` (or `npm start`) first.\n',
  );
  process.exit(1);
}
tsx.register();
await import('../vitalshare.ts');
