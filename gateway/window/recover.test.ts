/** Data servers that lie while a gateway starts: what they tell must end, and fill no memory [S1]. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fetchTagsOfAll, type TagAsker } from './recover.ts';
import { NodesNamed, Tags } from './tag.ts';

const LOG = 'ab'.repeat(16);
const unknown = [1, 2, 3].map((server) => ({ server, log: LOG, from: 7 }));

describe('tags of frames that this gateway does not know', () => {
  it('are taken from all servers, but for one that never comes to an end', async () => {
    const slept: number[] = [];
    let pages = 0;
    const servers: TagAsker = {
      tags: async (server, _log, from, signal) => {
        await new Promise((turn) => setTimeout(turn, 1));
        signal.throwIfAborted();
        if (server === 3) pages += 1;
        const next = server === 3 || from === 7 ? from + 1 : from;
        return { next, tags: [new Uint8Array(16).fill(server)] };
      },
    };
    const told = new Map<number, number>();
    const all: number[] = [];
    const stopped = new AbortController();
    await fetchTagsOfAll(
      servers,
      [1, 2, 3],
      unknown,
      (tags, server) => void told.set(server, (told.get(server) ?? 0) + tags.length),
      {
        enough: 2,
        told: (server) => all.push(server),
        stopped: stopped.signal,
        sleep: (ms) => {
          slept.push(ms);
          return new Promise((resolve) => setTimeout(resolve, 20));
        },
      },
    );
    expect(all).toEqual([1, 2]);
    expect(slept).toEqual([60_000]);
    expect([told.get(1), told.get(2)]).toEqual([2, 2]);
    // It goes on beside, in case it knows what the others do not, until the gateway stops.
    const before = pages;
    await new Promise((later) => setTimeout(later, 20));
    expect(pages).toBeGreaterThan(before);
    stopped.abort();
    await new Promise((later) => setTimeout(later, 20));
    const after = pages;
    await new Promise((later) => setTimeout(later, 20));
    expect(pages).toBe(after);
  });

  it('that name more nodes than there can be are none', () => {
    const tags = new Tags(randomBytes(32));
    const named = new NodesNamed();
    const page = () => [...tags.read(randomBytes(16 * 65_536))];
    named.add(3, page());
    expect(() => named.add(3, page())).toThrow('server 3 tells tags that are none');
    expect(() => named.add(2, page())).not.toThrow();
  });
});
