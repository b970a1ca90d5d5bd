/**
 * `vitalshare data-server alarms --dir <party folder> [--acknowledge <id>|all]`: what this server has
 * against its log, gateway or another server, and that its operator has dealt with it [PROTO-42]. An
 * alarm that was acknowledged stays, with its evidence; `doctor` calls it no problem any more.
 */
import { dirname } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';
import { type Alarm, ALARM_REMEDIES } from '../messages/alarms.ts';
import { StoreDamage } from './checked-store.ts';
import { readAcknowledged, writeAcknowledged } from './heads/acknowledged.ts';
import { Alarms, idOf, isOpen } from './heads/alarms.ts';
import { type LookOptions, needStore, openForLooking } from './look.ts';

/** Returns the exit code: 1 where an alarm lasts that nobody has dealt with. */
export function alarmsCommand(options: LookOptions, acknowledge?: string): number {
  const { folder, json, out, clock } = options;
  needStore(folder);
  const party = dirname(folder);
  const known = listOrExplain(options);
  const acknowledged = new Map(readAcknowledged(party));
  if (acknowledge !== undefined) {
    for (const id of asked(known, acknowledge)) {
      if (!acknowledged.has(id)) acknowledged.set(id, clock());
    }
    const ids = new Set(known.map(idOf));
    writeAcknowledged(party, new Map([...acknowledged].filter(([id]) => ids.has(id))));
  }
  const alarms = known.map((alarm) => {
    const time = alarm.acknowledged ?? acknowledged.get(idOf(alarm));
    return { id: idOf(alarm), ...alarm, ...(time === undefined ? {} : { acknowledged: time }) };
  });
  const open = alarms.filter(isOpen).length;
  if (json) out(JSON.stringify({ open, alarms }));
  else out(alarmsText(alarms));
  return open === 0 ? 0 : 1;
}

/** Throws UserError where there is none of that id. */
function asked(known: readonly Alarm[], acknowledge: string): string[] {
  const ids = known.map(idOf);
  if (acknowledge === 'all') return ids;
  if (ids.includes(acknowledge)) return [acknowledge];
  throw new UserError(
    `there is no alarm ${JSON.stringify(acknowledge)} here; give one of ${ids.join(', ') || '(none)'}, or all.`,
    2,
  );
}

function listOrExplain({ folder, clock }: LookOptions): readonly Alarm[] {
  try {
    return new Alarms(openForLooking(folder), clock, () => undefined).list;
  } catch (error) {
    if (!(error instanceof StoreDamage)) throw error;
    throw new UserError(
      `what is known of alarms in ${folder} is damaged; start the data server, which makes its store again from the log.`,
    );
  }
}

export function alarmsText(alarms: readonly (Alarm & { readonly id: string })[]): string {
  if (alarms.length === 0) return 'no alarms';
  const lines = alarms.flatMap((alarm) => {
    const { id, kind, since, detail } = alarm;
    const remedy = isOpen(alarm) ? [`          ${ALARM_REMEDIES[kind]}`] : [];
    return [
      `${id}  ${kind} since ${utc(since)}, ${stateOf(alarm)}`,
      `          ${detail}`,
      ...remedy,
    ];
  });
  const next = alarms.some(isOpen)
    ? [
        'When one has been dealt with: --acknowledge <id>, or all. It stays here, with its evidence.',
      ]
    : [];
  return [...lines, ...next].join('\n');
}

function stateOf({ until, acknowledged }: Alarm): string {
  const states = [
    ...(until === undefined ? [] : [`over since ${utc(until)}`]),
    ...(acknowledged === undefined ? [] : [`acknowledged ${utc(acknowledged)}`]),
  ];
  return states.join(', ') || 'it lasts';
}

const utc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
