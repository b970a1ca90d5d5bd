/** A server that has not allowed joint answers refuses before it looks at anything [PROTO-66]. */
import { describe, expect, it } from 'vitest';
import type { PublicIdentity } from '@vitalshare/edge/identity';
import { addJoint } from './routes.ts';

type Answer = (asked: { body: Uint8Array; asker: PublicIdentity }) => Promise<Uint8Array>;

function routes(desk: Parameters<typeof addJoint>[2]) {
  const paths = new Map<string, Answer>();
  let reached = 0;
  const reach = (): Promise<void> => {
    reached++;
    return Promise.resolve();
  };
  addJoint((path, _roles, answer) => void paths.set(path, answer), 2, desk, reach);
  const asker = {} as PublicIdentity;
  const ask = (path: string, body: Uint8Array) =>
    paths.get(path)!({ body, asker }).then(
      () => undefined,
      (error: unknown) => error,
    );
  return { ask, reached: () => reached };
}

const FORMLESS = new Uint8Array([0xff]);

describe.each(['/joint', '/joint/rows'])('%s', (path) => {
  it('off: refused, whatever the body is, and no log is waited for', async () => {
    const { ask, reached } = routes(undefined);
    expect(await ask(path, FORMLESS)).toMatchObject({
      ...{ code: 'joint-off', status: 403, numbers: { server: 2 } },
      message: expect.stringMatching(/its administrator has not allowed joint answers/) as string,
    });
    expect(reached()).toBe(0);
  });

  it('on: the body is read', async () => {
    const never = () => Promise.reject(new Error('not asked'));
    const { ask } = routes({ answer: never, take: never });
    expect(await ask(path, FORMLESS)).toMatchObject({ code: 'bad-request' });
  });
});
