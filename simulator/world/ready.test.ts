import { expect, it } from 'vitest';
import { untilReady, type Waiting } from './ready.ts';

/** A party that answers after `readyMs`, and a clock that only waiting moves. */
function party(readyMs: number, endedMs = Infinity, stoppedMs = Infinity) {
  let nowMs = 1_000_000;
  const endMs = (afterMs: number): boolean => nowMs - 1_000_000 >= afterMs;
  const said: string[] = [];
  const stop = new AbortController();
  const starting = {
    child: {
      plan: { name: 'gateway', starting: 'the gateway is reading its log', args: [] },
      get ended() {
        return endMs(endedMs) ? 'exit code 1' : undefined;
      },
      complaint: 'its log is damaged',
      commandLine: 'npx vitalshare gateway',
    },
    url: 'http://gateway.test',
  };
  const waiting: Waiting = {
    answers: () => Promise.resolve(endMs(readyMs)),
    tools: {
      clock: () => nowMs,
      sleep: (ms) => {
        nowMs += ms;
        if (endMs(stoppedMs)) stop.abort();
        return Promise.resolve();
      },
    },
    teller: { say: (sentence) => said.push(sentence) },
    signal: stop.signal,
  };
  return { said, done: untilReady(starting, waiting) };
}

it('waits for an hour where it must, and says once after 15 s what for', async () => {
  const { said, done } = party(3_600_000);
  await done;
  expect(said).toEqual(['Still waiting: the gateway is reading its log. Ctrl-C stops it.']);
});

it('says nothing of a start within 15 s', async () => {
  const { said, done } = party(14_900);
  await done;
  expect(said).toEqual([]);
});

it('gives up with what the party said when its process ends, whenever that is', async () => {
  await expect(party(Infinity, 100_000).done).rejects.toThrow(
    'gateway did not start (exit code 1): its log is damaged\nStart it alone to see more: npx vitalshare gateway',
  );
});

it('waits no longer when it is stopped', async () => {
  await expect(party(Infinity, Infinity, 100_000).done).resolves.toBeUndefined();
});
