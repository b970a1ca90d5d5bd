/** The alarms of a ward on a disk in memory, for tests of what stands around them. */
import type { SteadyClock } from '../live/steady-clock.ts';
import { MemoryDisk } from '../log/memory-disk.fixture.ts';
import { Journal } from './journal.ts';
import { WardAlarms, type WardAlarmsParts } from './ward-alarms.ts';

export async function wardAlarms(
  clock: SteadyClock,
  send: WardAlarmsParts['send'],
  disk = new MemoryDisk(),
): Promise<{
  readonly alarms: WardAlarms;
  readonly journal: Journal;
  readonly said: string[];
  readonly failures: unknown[];
}> {
  const said: string[] = [];
  const failures: unknown[] = [];
  const say = (sentence: string): number => said.push(sentence);
  const journal = await Journal.open(disk, say);
  const failed = (error: unknown): number => failures.push(error);
  const alarms = new WardAlarms({ journal, clock, send, say, failed });
  return { alarms, journal, said, failures };
}
