import { expect, it } from 'vitest';
import { waitForStop } from './stop.ts';

it('takes one Ctrl-C that arrives twice for one, and a later one for "at once"', async () => {
  let nowMs = 1_000_000;
  let atOnce = 0;
  const stop = waitForStop(() => nowMs);
  stop.onSecond(() => (atOnce += 1));
  expect(stop.signal.aborted).toBe(false);
  process.emit('SIGINT', 'SIGINT');
  nowMs += 300;
  process.emit('SIGINT', 'SIGINT');
  await stop.asked;
  expect([stop.signal.aborted, atOnce]).toEqual([true, 0]);
  nowMs += 2_000;
  process.emit('SIGTERM', 'SIGTERM');
  expect(atOnce).toBe(1);
  stop.end();
  expect(process.listeners('SIGHUP')).toEqual([]);
});
