// Started from a file that Node can read by itself; from here on tsx reads TypeScript.
import { register } from 'tsx/esm/api';

register();
const { faultOfPages } = await import('./page-check.ts');
const folder = process.argv[2];
// An error is a fault of the pages too: the store is what it was given to look at.
let fault;
try {
  fault = faultOfPages(folder);
} catch (error) {
  fault = `cannot be read (${error instanceof Error ? error.message : String(error)})`;
}
process.send(fault ?? 'well', () => process.exit(0));
