import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

const COMMANDS = ['up', 'keys', 'enroll', 'replay', 'stats', 'open', 'doctor', 'data-server'];

it.each([
  ['pu', 'up'],
  ['stat', 'stats'],
  ['enrol', 'enroll'],
  ['dataserver', 'data-server'],
  ['DOCTOR', 'doctor'],
  ['rpelay', 'replay'],
])('%s is close to %s', (typed, meant) => {
  expect(nearest(typed, COMMANDS)).toBe(meant);
});

it.each(['', 'frobnicate', 'x'.repeat(100_000), 'gateway'])(
  'nothing is close to %.12s',
  (typed) => {
    expect(nearest(typed, COMMANDS)).toBeUndefined();
  },
);
