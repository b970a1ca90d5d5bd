import { expect, it } from 'vitest';
import { makeTeller } from './status-line.ts';

function screen(tty: { isTTY?: boolean; columns?: number }) {
  const written: string[] = [];
  return { ...tty, written, write: (text: string) => written.push(text) };
}

it('rewrites one line on a terminal and puts sentences above it', () => {
  const tty = screen({ isTTY: true, columns: 20 });
  const teller = makeTeller(tty, false);
  teller.say('hello', { event: 'hello' });
  teller.status('1 frame a second and more', { event: 'status' });
  teller.say('a sentence', { event: 'x' });
  teller.status('2', { event: 'status' });
  teller.end();
  teller.say('bye', { event: 'x' });
  expect(tty.written).toEqual([
    'hello\n',
    '\r\x1b[2K1 frame a second an',
    '\r\x1b[2Ka sentence\n1 frame a second an',
    '\r\x1b[2K2',
    '\r\x1b[2K',
    'bye\n',
  ]);
});

it('writes a status line after 10 s and then each minute where there is no terminal', () => {
  const file = screen({});
  const teller = makeTeller(file, false);
  for (let second = 1; second <= 120; second++) teller.status(`${second}`, { event: 'status' });
  expect(file.written).toEqual(['10\n', '60\n', '120\n']);
});

it('writes nothing but JSON lines with --json, even on a terminal', () => {
  const tty = screen({ isTTY: true });
  const teller = makeTeller(tty, true);
  teller.say('hello', { event: 'ready', servers: 3 });
  for (let second = 1; second <= 10; second++) teller.status('x', { event: 'status', beds: 6 });
  expect(tty.written).toEqual(['{"event":"ready","servers":3}\n', '{"event":"status","beds":6}\n']);
});
