import { describe, expect, it } from 'vitest';
import { followFeed, type FeedListener } from './feed-client.ts';

/** A feed under a hand-turned clock. */
function follow() {
  let nowMs = 1_000_000;
  const heard: string[] = [];
  const sources: { say: (type: string, data: unknown) => void; closed: boolean }[] = [];
  let poll = (): void => undefined;
  const note = (type: string) => () => void heard.push(type);
  const listener: FeedListener = {
    ...{ ward: note('ward'), numbers: note('numbers'), wave: note('wave') },
    ...{ notice: note('notice'), alarms: note('alarms'), news2: note('news2') },
    clock: note('clock'),
    live: (live, heardMs) => heard.push(`${live ? 'live' : 'lost'} ${heardMs - 1_000_000}`),
  };
  followFeed(listener, {
    open: () => {
      const listeners = new Map<string, (event: { data?: unknown }) => void>();
      const source = {
        closed: false,
        say: (type: string, data: unknown) => listeners.get(type)?.({ data }),
      };
      sources.push(source);
      return {
        addEventListener: (type, run) => void listeners.set(type, run),
        close: () => (source.closed = true),
      };
    },
    now: () => nowMs,
    every: (_, run) => (poll = run),
  });
  const pass = (ms: number) => {
    for (let left = ms; left > 0; left -= 250) {
      nowMs += 250;
      poll();
    }
  };
  return { heard, sources, pass };
}

describe('the feed', () => {
  it('is live with the first event and lost within 3 s of silence', () => {
    const { heard, sources, pass } = follow();
    pass(1_000);
    sources[0]!.say('clock', '{"gatewayTimeMs":1}');
    pass(2_500);
    expect(heard).toEqual(['clock', 'live 1000']);
    pass(500);
    expect(heard).toEqual(['clock', 'live 1000', 'lost 1000']);
  });

  it('is lost if it never spoke', () => {
    const { heard, pass } = follow();
    pass(3_000);
    expect(heard).toEqual(['lost 0']);
  });

  it('is opened anew, often at first and every 5 s later, and never twice at once', () => {
    const { sources, pass } = follow();
    pass(10_000);
    const soon = sources.length;
    expect(soon).toBeGreaterThanOrEqual(4);
    pass(50_000);
    expect(sources.length - soon).toBe(10);
    expect(sources.filter(({ closed }) => !closed).length).toBe(1);
  });

  it('is live again when the new one speaks; the old one is not listened to', () => {
    const { heard, sources, pass } = follow();
    sources[0]!.say('clock', '{}');
    pass(3_000);
    expect(sources.length).toBe(2);
    sources[0]!.say('clock', '{}');
    expect(heard.at(-1)).toBe('lost 0');
    sources[1]!.say('clock', '{}');
    expect(heard.at(-1)).toBe('live 3000');
  });

  it.each(['', 'null', '7', '{"half":', undefined, 5])('takes %j for no sign of life', (data) => {
    const { heard, sources } = follow();
    sources[0]!.say('clock', data);
    expect(heard).toEqual([]);
  });
});
