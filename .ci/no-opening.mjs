/**
 * Loaded with `NODE_OPTIONS=--import` into every process of an end-to-end test: a gateway or data
 * server that ever loads the opening door stops at once, however it got there (a worker URL escapes
 * the import graph). Readers and `up` may open. A worker of such a process has hooks of its own, so it
 * is told by its file, and stops the whole process.
 */
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const role = process.argv.find((word) => word === 'gateway' || word === 'data-server');
const file = process.argv[1] ?? '';
const alone = /(gateway|data-server)\/start\.ts$/.test(file);
const worker = !isMainThread && /\/(gateway|cloud-sink\/data-server)\//.test(file);
if (role !== undefined || alone || worker) {
  const stop = isMainThread ? 'process.exit(97)' : "process.kill(process.pid, 'SIGKILL')";
  const hook = `
    import { writeSync } from 'node:fs';
    export async function resolve(specifier, context, next) {
      const result = await next(specifier, context);
      if (/\\/edge\\/sharing\\/open\\.ts(\\?|$)/.test(result.url)) {
        writeSync(2, 'a server loaded the opening door from ' + context.parentURL + '\\n');
        ${stop};
      }
      return result;
    }`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
}
