/** What a command prints of words that are not ours. */
import { afterEach, expect, it, vi } from 'vitest';
import { UserError, printable, runCommand } from './command.ts';

afterEach(() => vi.restoreAllMocks());

it('prints a UserError without what would steer a terminal', async () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const run = () =>
    Promise.reject(
      new UserError('a.edf: \u001b[2J\u009b31m\u0007label\r\u202e \u00b5V, \u2265 1.'),
    );
  expect(await runCommand('replay', { help: '', options: {}, run }, [])).toBe(1);
  expect(write.mock.calls).toEqual([
    ['vitalshare replay: a.edf: ?[2J?31m?label?? \u00b5V, \u2265 1.\n'],
  ]);
});

it('leaves letters of every script and line ends', () => {
  const words = 'Größe 体温 ﷺ –\nnext';
  expect(printable(words)).toBe(words);
});
