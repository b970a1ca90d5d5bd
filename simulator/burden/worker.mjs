// A worker is started from a file that Node can read by itself; from here on tsx reads TypeScript.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
