/**
 * From the words of other people's files to the vocabulary: signal descriptions, column heads, units.
 *
 * Names are compared without case. The spellings are those of PhysioNet's MIT-BIH, MIMIC, BIDMC and
 * Challenge records; a vital sign's or waveform's own name is always understood.
 */
import { LEADS, VITALS, WAVEFORMS, findVital } from '../vital/vital.ts';
import type { Lead, Vital, WaveformUnit } from '../vital/vital.ts';

const VITAL_OF_NAME: Readonly<Record<string, string>> = {
  hr: 'heart-rate',
  'heart rate': 'heart-rate',
  pulse: 'pulse-rate',
  resp: 'respiratory-rate',
  spo2: 'spo2',
  nbpsys: 'systolic-pressure',
  nbpdias: 'diastolic-pressure',
};

const CHANNEL_OF_NAME: Readonly<Record<string, string>> = {
  ppg: 'pleth',
  art: 'abp',
  bvp: 'pleth',
  rsp: 'resp',
  'skin temperature': 'skin-probe',
  'skin-temperature': 'skin-probe',
};

const UNIT_OF_NAME: Readonly<Record<string, WaveformUnit>> = {
  mv: 'mV',
  uv: 'uV',
  nu: '1',
  '1': '1',
  mmhg: 'mm[Hg]',
  'mm[hg]': 'mm[Hg]',
  ohm: 'Ohm',
  '%': '%',
  cel: 'Cel',
  degc: 'Cel',
};

/** How other systems spell our UCUM units; all of them are understood above. */
const NAME_OF_UNIT: Readonly<Record<string, string>> = {
  '1': 'NU',
  'mm[Hg]': 'mmHg',
  Cel: 'degC',
  '/min': 'bpm',
};

const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

const leadOfName = new Map<string, Lead>(
  LEADS.filter((lead) => lead !== '').map((lead) => [lead.toLowerCase(), lead]),
);
const vitalNames = new Set(VITALS.map((vital) => vital.name));
const channelNames = new Set(WAVEFORMS.map((waveform) => waveform.name));

/** Lead names outside our list that still say "this is an ECG": MCL1, mod.V1, D3, CS12, E-S. */
const OTHER_LEAD =
  /^(?:mod\.?\s?v[1-9]|m?cl[1-6]|mv[1-6]|v[1-9]r?|d[1-4]|c[mcs]\d{1,2}|[eas]-[si])$/;

export function vitalOfName(name: string): Vital | undefined {
  const key = name.trim().toLowerCase();
  return findVital(vitalNames.has(key) ? key : (own(VITAL_OF_NAME, key) ?? ''));
}

/** The channel and lead a signal description names, or undefined. `leadKnown` false: see `lead` ''. */
export function channelOfName(
  name: string,
): { channel: string; lead: Lead; leadKnown: boolean } | undefined {
  const key = name.trim().toLowerCase();
  if (channelNames.has(key) && key !== 'ecg') return { channel: key, lead: '', leadKnown: true };
  const channel = own(CHANNEL_OF_NAME, key);
  if (channel !== undefined) return { channel, lead: '', leadKnown: true };
  // EDF+ says what is measured, then where: `Resp chest`, `ECG V2`.
  if (/^resp(?:iration)?[\s_-]/.test(key)) return { channel: 'resp', lead: '', leadKnown: true };
  const bare = key.replace(/^(?:e[ck]g|lead|ecg lead)[\s_-]+/, '');
  const lead = leadOfName.get(bare);
  if (lead !== undefined) return { channel: 'ecg', lead, leadKnown: true };
  if (/^e[ck]g(?![a-z])/.test(key) || OTHER_LEAD.test(bare)) {
    return { channel: 'ecg', lead: '', leadKnown: false };
  }
  return undefined;
}

export const unitOfName = (name: string): WaveformUnit | undefined =>
  own(UNIT_OF_NAME, name.trim().toLowerCase());

/** A unit as a WFDB or EDF header spells it. */
export const nameOfUnit = (unit: string): string => own(NAME_OF_UNIT, unit) ?? unit;

/** What a header calls a waveform; `channelOfName` reads it back. */
export const nameOfChannel = (channel: string, lead: string): string =>
  channel === 'ecg' && lead !== ''
    ? lead
    : channelNames.has(channel)
      ? channel.toUpperCase()
      : channel;
