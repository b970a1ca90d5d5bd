/**
 * A signal for one request under one that lives as long as the process. `AbortSignal.any` would leave
 * an entry at the long-lived one for every request ever made; here nothing stays.
 */

/** Runs `act` with a controller that aborts with `signal`, and in any case when `act` is over. */
export async function scoped<Result>(
  signal: AbortSignal,
  act: (scope: AbortController) => Promise<Result>,
): Promise<Result> {
  const scope = new AbortController();
  const pass = (): void => scope.abort(signal.reason);
  if (signal.aborted) pass();
  signal.addEventListener('abort', pass, { once: true });
  try {
    return await act(scope);
  } finally {
    signal.removeEventListener('abort', pass);
    scope.abort();
  }
}

/** As a function: it changes while one awaits, which the compiler does not believe of a property. */
export const isAborted = (signal: AbortSignal): boolean => signal.aborted;
