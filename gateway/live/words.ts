/** What a bed is told, in one short sentence each. Never a reading, a key or the bytes refused. */
import type { Status } from '@vitalshare/edge/wire';
import type { NodeEntry } from '../registry/entry.ts';

const REASONS: Readonly<Record<string, string>> = {
  'unknown-version': 'a frame in a form this gateway does not know',
  'unknown-vital': 'a vital sign or channel this gateway does not know',
  malformed: 'a frame that is not well formed',
  'far-future': 'a frame from the future',
  'bad-seal': 'a frame that does not open under its key',
  'wrong-epoch': 'a frame under a key the gateway does not hold',
  'wrong-topic': 'a topic that is not its own',
  'bad-credentials': 'a name or password that is not enrolled',
  'too-large': 'a packet that is too large',
  unsettled: 'a frame that could not be stored; the sensor keeps it',
  internal: 'a frame, by an error of the gateway; the sensor keeps it',
};

export function refusalText(node: string, reason: string, detail?: string): string {
  const what = REASONS[reason] ?? reason;
  return `Refused from ${node}: ${what}${detail === undefined ? '' : ` (${detail})`}`;
}

export function statusText({ node }: NodeEntry, status: Status): string {
  const { batteryPercent, resetCause, firmware } = status;
  const parts = [
    batteryPercent === null ? '' : `battery ${batteryPercent} %`,
    firmware === '' ? '' : `firmware ${firmware}`,
    resetCause === 'unknown' || resetCause === 'power-on' ? '' : `last start: ${resetCause}`,
  ];
  return `${node}: ${parts.filter((part) => part !== '').join(', ') || 'running'}`;
}
