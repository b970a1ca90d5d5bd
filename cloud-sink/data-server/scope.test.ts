import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { scoped } from './scope.ts';

it('passes an abort on, before and while it runs, and leaves nothing at the long-lived signal', async () => {
  const life = new AbortController();
  for (const act of [() => Promise.resolve('done'), () => Promise.reject(new Error('failed'))]) {
    let own: AbortSignal | undefined;
    await scoped(life.signal, ({ signal }) => {
      own = signal;
      expect(signal.aborted).toBe(false);
      return act();
    }).catch(() => undefined);
    expect(own?.aborted).toBe(true);
    expect(getEventListeners(life.signal, 'abort')).toEqual([]);
  }
  const reasons = await scoped(life.signal, async ({ signal }) => {
    life.abort('stopped');
    const during: unknown = signal.reason;
    const after = await scoped(life.signal, (late) =>
      Promise.resolve(late.signal.reason as unknown),
    );
    return [during, after];
  });
  expect(reasons).toEqual(['stopped', 'stopped']);
});
