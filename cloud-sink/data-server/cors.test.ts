import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { allowOrigins } from './cors.ts';

const PAGE = 'https://ward.example';

function server(origins: readonly string[]) {
  const app = fastify();
  allowOrigins(app, origins);
  app.post('/moments', () => 'asked');
  return (method: 'OPTIONS' | 'POST', headers: Record<string, string>) =>
    app.inject({ method, url: '/moments', headers });
}
const preflight = (origin: string) => ({
  origin,
  'access-control-request-method': 'POST',
  'access-control-request-headers':
    'content-digest,content-type,signature,signature-input,vitalshare-server',
});
const corsOf = (headers: object): string[] =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

describe('pages of other origins [PROTO-28]', () => {
  it('a listed origin may ask, with the headers of a signed question', async () => {
    const ask = server([PAGE]);
    const permission = await ask('OPTIONS', preflight(PAGE));
    expect(permission.statusCode).toBe(204);
    expect(permission.headers).toMatchObject({
      'access-control-allow-origin': 'https://ward.example',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers':
        'content-type, content-digest, vitalshare-server, signature-input, signature',
      vary: 'Origin',
    });
    const answer = await ask('POST', { origin: PAGE });
    expect([answer.statusCode, answer.body]).toEqual([200, 'asked']);
    expect(answer.headers['access-control-allow-origin']).toBe(PAGE);
    expect(corsOf(answer.headers)).toEqual(['access-control-allow-origin']);
  });

  it.each(['https://ward.example.evil', 'http://ward.example', 'https://ward.example:444', 'null'])(
    '%s is another origin',
    async (origin) => {
      const ask = server([PAGE]);
      const permission = await ask('OPTIONS', preflight(origin));
      expect([permission.statusCode, corsOf(permission.headers)]).toEqual([404, []]);
      const answer = await ask('POST', { origin });
      expect([corsOf(answer.headers), answer.headers.vary]).toEqual([[], 'Origin']);
    },
  );

  it('no origin is allowed where none is configured', async () => {
    const ask = server([]);
    const permission = await ask('OPTIONS', preflight(PAGE));
    expect([permission.statusCode, corsOf(permission.headers)]).toEqual([404, []]);
    const answer = await ask('POST', { origin: PAGE });
    expect([corsOf(answer.headers), answer.headers.vary]).toEqual([[], undefined]);
  });
});
