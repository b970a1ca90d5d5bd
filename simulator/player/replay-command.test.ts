import { describe, expect, it } from 'vitest';
import { command } from './replay-command.ts';

describe('replay --start', () => {
  const start = (text: string) =>
    command.run({ values: { node: 'bed-01', start: text }, positionals: ['nowhere.csv'] });

  it.each(['2026-02-30', '2026-02-30T08:00:00Z', 'soon', ''])('refuses %j', async (text) => {
    await expect(start(text)).rejects.toThrow(/^--start must be a UTC time .*, got /);
  });

  it.each(['2026-02-28', '2026-02-28T08:00', '2026-02-28 08:00:00.000001Z', '1h'])(
    'takes %s',
    async (text) => {
      await expect(start(text)).rejects.toThrow('there is no file nowhere.csv.');
    },
  );
});
