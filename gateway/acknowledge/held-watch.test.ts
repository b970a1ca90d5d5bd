import { expect, it } from 'vitest';
import { missingOf } from '../operations/readiness.ts';
import { HeldWatch } from './held-watch.ts';

it('says once that too few data servers hold what waits, is not ready, and says when enough do', () => {
  const said: (string | undefined)[] = [];
  let [nowMs, position] = [0, 5];
  const held = { waiting: 3, positionOf: () => position };
  const watch = new HeldWatch({
    ...{ held, log: 'ab', needed: 2, nowMs: () => nowMs },
    say: (_sentence, about) => said.push(about?.event),
  });
  const tick = (ms: number): void => {
    nowMs += ms;
    watch.tick();
  };
  tick(1_000);
  tick(9_000);
  expect(said).toEqual([]); // Ten seconds may pass.
  tick(2_000);
  tick(60_000);
  expect(said).toEqual(['held-still']);
  const ready = { log: { failing: undefined, full: false }, isBrokerListening: true };
  const rest = { answered: 3, needed: 2, isClosing: false, isHeldStill: watch.isStill };
  expect(missingOf({ ...ready, ...rest })).toMatchObject([{ what: 'data-servers' }]);
  position = 6;
  tick(1_000);
  expect([watch.isStill, said]).toEqual([false, ['held-still', 'held-well']]);
  held.waiting = 0;
  tick(60_000);
  expect(said).toHaveLength(2); // A quiet ward waits for nothing.
});
