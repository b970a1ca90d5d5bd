/**
 * Loaded with `NODE_OPTIONS=--import` into every process of an end-to-end test: a gateway or data
 * server that ever loads the opening door stops at once, however it got there (a worker URL escapes
 * the import graph). Readers and `up` may open.
 */
import { register } from 'node:module';

const role = process.argv.find((word) => word === 'gateway' || word === 'data-server');
const alone = /(gateway|data-server)\/start\.ts$/.test(process.argv[1] ?? '');
if (role !== undefined || alone) {
  const hook = `
    export async function resolve(specifier, context, next) {
      const result = await next(specifier, context);
      if (/\\/edge\\/sharing\\/open\\.ts(\\?|$)/.test(result.url)) {
        process.stderr.write('a server loaded the opening door from ' + context.parentURL + '\\n');
        process.exit(97);
      }
      return result;
    }`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
}
