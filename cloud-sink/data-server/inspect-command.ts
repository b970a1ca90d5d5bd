/** `vitalshare data-server inspect --dir <party folder>`: what do I hold, in words or as JSON. */
import { readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';
import { StoreDamage } from './checked-store.ts';
import { placeText } from './damage-text.ts';
import { type Disk, type Held, inspect } from './inspect.ts';
import { type LookOptions, needStore, openForLooking } from './look.ts';

/** Stays listed in words; JSON has all. */
const STAYS_SAID = 20;

/** Returns the exit code: 1 where something is damaged. */
export function inspectCommand({ folder, json, out }: LookOptions): number {
  needStore(folder);
  const held = inspectOrExplain(folder);
  out(json ? JSON.stringify(held) : heldText(held));
  return held.damages.length === 0 ? 0 : 1;
}

function inspectOrExplain(folder: string): Held {
  try {
    return inspect(openForLooking(folder), diskOf(folder));
  } catch (error) {
    if (!(error instanceof StoreDamage)) throw error;
    throw new UserError(
      `the books in ${folder} are damaged; start the data server, which makes its store again from the log.`,
    );
  }
}

function diskOf(folder: string): Disk {
  const files = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  const { bavail, bsize } = statfsSync(folder);
  return { storeBytes: files.reduce((sum, size) => sum + size, 0), freeBytes: bavail * bsize };
}

export function heldText({ logs, stays, vitals, waveforms, disk, damages }: Held): string {
  const lines = [
    `${counted(stays.length, 'stay')}, ${counted(logs.length, 'log')}, ${mega(disk.storeBytes)} on disk, ${mega(disk.freeBytes)} free`,
    disk.growthBytesADay === undefined
      ? 'growth: less than an hour of readings, too early to say'
      : `growth: ${mega(disk.growthBytesADay)} a day of readings; at that rate full in ${disk.daysUntilFull!} days`,
    '',
    ...logs.map(
      ({ log, position, run, epoch, counters }) =>
        `log ${log.slice(0, 8)}  position ${position}, run ${run}, epoch ${epoch}; ${passed(counters)}`,
    ),
    '',
    ...Object.entries(vitals).map(
      ([name, { stays: of, rows, from, to }]) =>
        `${name.padEnd(24)} ${counted(of, 'stay')}, ${rows} rows, ${utc(from)} to ${utc(to)}`,
    ),
    ...Object.entries(waveforms).map(
      ([name, { stays: of, from, to }]) =>
        `${name.padEnd(24)} ${counted(of, 'stay')}, ${utc(from)} to ${utc(to)}`,
    ),
    '',
    ...stays.slice(0, STAYS_SAID).map(({ stay, rows, from, to }) => {
      const when = from === undefined || to === undefined ? '' : `, ${utc(from)} to ${utc(to)}`;
      return `stay ${stay.padEnd(19)} ${rows} rows${when}`;
    }),
    ...(stays.length > STAYS_SAID ? [`… ${stays.length - STAYS_SAID} more (--json has all)`] : []),
    '',
    ...(damages.length === 0
      ? ['no damage known']
      : damages.map((each) => `damaged: ${placeText(each)}`)),
  ];
  return lines.filter((line, i) => line !== '' || lines[i - 1] !== '').join('\n');
}

const passed = (counters: Readonly<Record<string, number>>): string =>
  Object.entries(counters)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'empty';

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;
const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const utc = (second: number): string => `${new Date(1_000 * second).toISOString().slice(0, 19)}Z`;
