/**
 * What a command does when the program at the other end of a pipe is gone.
 *
 *   stdout closed (`vitalshare stats | head`)      stop without a word
 *   stdout cannot be written for another reason    go on without it
 *   stdin closed, where PARENT_PIPE is set         the parent is gone, even by kill -9: stop
 *   the parent gone, where npm or npx started us   a SIGTERM to npm ends npm and its shell only: stop
 *
 * To stop is what SIGTERM does: a command that must put things away listens to that signal.
 */

/** Set by a parent that holds the child's stdin open for as long as the parent lives. */
export const PARENT_PIPE = 'VITALSHARE_PARENT_PIPE';

/** A command that does not stop in this time is ended: nobody is left who could. */
const STOP_MS_MAX = 10_000;

/** Within the second in which a command takes a Ctrl-C that reaches it twice for one. */
const PARENT_WATCH_MS = 250;

export function stopOnClosedPipes(): void {
  // A full disk under a redirected output is no reason to stop a ward: what is said is lost, no more.
  const closed = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') stop();
  };
  process.stdout.on('error', closed);
  process.stderr.on('error', closed);
  if (process.env['npm_command'] !== undefined) stopWithParent(process.ppid);
  if (process.env[PARENT_PIPE] !== '1') return;
  // A child of this one has another parent.
  Reflect.deleteProperty(process.env, PARENT_PIPE);
  process.stdin.on('error', stop).on('end', stop).on('close', stop).resume();
}

/** A command that listens to no SIGTERM is short, or stopping already: it ends by itself. */
function stopWithParent(parent: number): void {
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    if (process.listenerCount('SIGTERM') > 0) stop();
  }, PARENT_WATCH_MS).unref();
}

let stopping = false;

function stop(): void {
  if (stopping) return;
  stopping = true;
  if (process.listenerCount('SIGTERM') === 0) process.exit(0);
  setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
  process.emit('SIGTERM', 'SIGTERM');
}
