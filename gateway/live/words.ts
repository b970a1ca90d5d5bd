/** What a bed is told, in one short sentence each. Never a reading, a key or the bytes refused. */
import type { StreamErrorKind } from '@vitalshare/edge/signals';
import { findVital, findWaveform } from '@vitalshare/edge/vital';
import type { Status } from '@vitalshare/edge/wire';
import type { NodeEntry } from '../registry/entry.ts';
import type { Fault, FaultPlace } from './sensors/faults.ts';

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
  'bad-packet': 'bytes that are not MQTT 3.1.1',
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

/** While it lasts the page adds since when. */
export const silenceText = (node: string, lasts: boolean): string =>
  lasts ? `${node} has sent nothing` : `${node} sends again`;

/** While it lasts (the page adds since when), and when it is over. */
const FAULTS: Readonly<Record<StreamErrorKind, readonly [lasts: string, over: string]>> = {
  'flat-line': ['stands still', 'moves again'],
  'out-of-bounds': ['is out of range', 'is in range again'],
  'data-lost': ['does not come', 'comes again'],
  spike: ['has spikes', 'has no more spikes'],
  drift: ['has drifted off', 'is back in place'],
  disagreement: ['do not agree', 'agree again'],
};

export function faultText({ kind, other, ...place }: Fault, lasts: boolean): string {
  const what = FAULTS[kind][lasts ? 0 : 1];
  const first = `${place.node}: ${channelText(place)}`;
  if (other === undefined) return `${first} ${what}`;
  return `${first} and ${other.node}: ${channelText(other)} ${what}`;
}

/** `ecg.II` is ECG II. */
function channelText({ channel }: Pick<FaultPlace, 'channel'>): string {
  const [name = '', lead = ''] = channel.split('.');
  const label = findVital(name)?.label ?? findWaveform(name)?.label ?? name;
  return lead === '' ? label : `${label} ${lead}`;
}
