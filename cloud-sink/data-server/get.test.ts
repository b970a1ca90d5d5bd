import { describe, expect, it } from 'vitest';
import { bounded, get, ReplyError } from './get.ts';
import { connectionTrouble, hostTrouble } from './trouble.ts';

const { signal } = new AbortController();
const asked = { who: 'the log host', address: 'http://a.test/', path: '/logs?x=1', msMax: 20 };
const answering = (response: Response) => ({ fetch: () => Promise.resolve(response), signal });
const refused = (error: unknown): unknown => error;

describe('a GET of another party', () => {
  it('joins address and path, follows no redirect and gives the reply', async () => {
    const seen: unknown[] = [];
    const fetch: typeof globalThis.fetch = (url, init) => {
      seen.push(url, init?.redirect);
      return Promise.resolve(new Response('here'));
    };
    expect(await get({ fetch, signal }, asked, (response) => response.text())).toBe('here');
    expect(seen).toEqual(['http://a.test/logs?x=1', 'error']);
  });

  it('is a ReplyError that names who and what, never the query, where the status is not 200', async () => {
    const error = await get(answering(new Response('', { status: 503 })), asked, (response) =>
      response.text(),
    ).catch(refused);
    expect(error).toBeInstanceOf(ReplyError);
    expect(error).toMatchObject({
      status: 503,
      message: 'the log host answered 503 to /logs',
    });
    expect(hostTrouble(error)).toBe('the log host answered 503 to /logs');
  });

  it('is read no further than it may be', async () => {
    const read = async (bytesMax: number): Promise<number> => {
      let length = 0;
      for await (const chunk of bounded(new Response('12345'), bytesMax)) length += chunk.length;
      return length;
    };
    expect(await read(5)).toBe(5);
    await expect(read(4)).rejects.toThrow('more than 4 bytes in one reply');
  });

  it('is given up when it is late', async () => {
    const fetch: typeof globalThis.fetch = (_url, init) =>
      new Promise((_resolve, reject) => {
        init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason as Error));
      });
    const error = await get({ fetch, signal }, asked, (response) => response.text()).catch(refused);
    expect(connectionTrouble(error)).toBe('no answer in time');
  });
});

describe('a trouble that passes', () => {
  it('is a connection that failed, by its cause, and no bug of this server', () => {
    const cause = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
    const failed = new TypeError('fetch failed', { cause });
    expect(connectionTrouble(failed)).toBe('no connection (ECONNREFUSED)');
    const bug = new TypeError('undefined is not a function');
    expect([connectionTrouble(bug), hostTrouble(bug)]).toEqual([null, null]);
  });
});
