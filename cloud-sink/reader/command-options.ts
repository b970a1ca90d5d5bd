/**
 * What `vitalshare stats` and `vitalshare open` share: whose folder, which times, how failures read.
 *
 * Node only; the one place where the reader takes clock, randomness and network from the machine.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Call,
  nearest,
  textOption,
  timeOption,
  UserError,
} from '@vitalshare/edge/command/node';
import { sign, verify } from '@vitalshare/edge/identity/node';
import { loadParty } from '@vitalshare/edge/keys/node';
import { ReaderError } from './errors.ts';
import type { ReaderParty } from './party.ts';
import { StatisticError } from './statistics.ts';
import { platform, type Surroundings } from './surroundings.ts';

export const machine: Surroundings = { ...platform, sign, verify };

/** `--dir` is a world's folder, which holds `role`'s, or that folder itself. */
export function partyOf(call: Call, role: 'researcher' | 'physician'): ReaderParty {
  const dir = textOption(call, 'dir', '.vitalshare');
  const own = existsSync(join(dir, 'identity.json'));
  const folder = own ? dir : join(dir, role);
  if (!own && !existsSync(folder)) {
    throw new UserError(
      `${folder} does not exist; start a world with \`vitalshare up\`, or give its folder with --dir.`,
    );
  }
  const party = loadParty(folder);
  if (party.identity.role === role) return party;
  throw new UserError(
    `${folder} holds the key of a ${party.identity.role}; this needs that of a ${role}.`,
  );
}

/** `from ≤ time < to`. Throws UserError 2 where that is no time at all. */
export function rangeOptions(
  call: Call,
  nowMs: number,
): { readonly from: number | undefined; readonly to: number | undefined } {
  const from = timeOption(call, 'from', nowMs);
  const to = timeOption(call, 'to', nowMs);
  if (from === undefined || to === undefined || from < to) return { from, to };
  throw new UserError('--from must be before --to; a range ends just before --to.', 2);
}

/** A name of a vocabulary, or UserError 2 that suggests the nearest one. */
export function namedOne<T>(
  kind: string,
  typed: string,
  find: (name: string) => T | undefined,
  all: readonly string[],
): T {
  const found = find(typed);
  if (found !== undefined) return found;
  const near = nearest(typed, all);
  const hint = near === undefined ? `Known: ${all.join(', ')}.` : `Did you mean ${near}?`;
  throw new UserError(`There is no ${kind} called ${typed}. ${hint}`, 2);
}

/** Failures of a question become one sentence and exit code 1. */
export async function asUserError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ReaderError || error instanceof StatisticError) {
      const isTooFew = error instanceof ReaderError && error.code === 'too-few';
      const cure = isTooFew ? ' `vitalshare doctor` says how to start what is missing.' : '';
      throw new UserError(`${error.message}${cure}`);
    }
    throw error;
  }
}

export function tell(command: string, notes: readonly string[]): void {
  for (const note of notes) process.stderr.write(`vitalshare ${command}: ${note}\n`);
}
