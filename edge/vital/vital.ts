/**
 * The vocabulary: every vital sign, observation and waveform the system speaks of.
 *
 * A reading is a fixed-point integer: `round(value × scale)` in the unit of its vital sign, so that
 * sums over shares are exact. `min` and `max` are the plausible range in the unit; the gateway lets
 * nothing outside it pass, which is what the overflow bounds of a query rest on.
 *
 * `code` is the byte on the wire and in the log; it is never reused.
 * LOINC codes: FHIR R4 vital-signs profile; SDNN as HealthKitOnFHIR maps it, rhythm as HL7's C-CDA
 * examples; RMSSD has none. Units: UCUM. Waveform MDC codes: ISO/IEEE 11073-10101.
 */

export interface Vital {
  readonly code: number;
  readonly name: string;
  /** What a page or a sentence calls it. */
  readonly label: string;
  /** '' where LOINC has no code. */
  readonly loinc: string;
  /** UCUM. */
  readonly unit: string;
  /** Fixed-point steps per unit. */
  readonly scale: number;
  /** Plausible range in the unit, both ends included. */
  readonly min: number;
  readonly max: number;
}

const row = (
  code: number,
  name: string,
  label: string,
  loinc: string,
  unit: string,
  scale: number,
  min: number,
  max: number,
): Vital => ({ code, name, label, loinc, unit, scale, min, max });

/** Adding a vital sign is one line here: the next free code, and everything else follows. */
export const VITALS: readonly Vital[] = [
  row(1, 'heart-rate', 'Heart rate', '8867-4', '/min', 10, 0, 350),
  row(2, 'pulse-rate', 'Pulse rate', '8889-8', '/min', 10, 0, 350),
  row(3, 'spo2', 'SpO₂', '59408-5', '%', 10, 0, 100),
  row(4, 'respiratory-rate', 'Respiratory rate', '9279-1', '/min', 10, 0, 150),
  row(5, 'body-temperature', 'Body temperature', '8310-5', 'Cel', 1000, 20, 46),
  row(6, 'skin-temperature', 'Skin temperature', '39106-0', 'Cel', 1000, -20, 60),
  row(7, 'systolic-pressure', 'Systolic pressure', '8480-6', 'mm[Hg]', 10, 0, 350),
  row(8, 'diastolic-pressure', 'Diastolic pressure', '8462-4', 'mm[Hg]', 10, 0, 300),
  // Observations: entered or switched, not measured. ACVPU: 0 alert, 1 new confusion, 2 voice, 3 pain, 4 unresponsive.
  row(9, 'consciousness', 'Consciousness (ACVPU)', '67775-7', '1', 1, 0, 4),
  row(10, 'oxygen', 'Oxygen given', '3151-8', 'L/min', 10, 0, 100),
  // 11 is none: the frozen vectors of WIRE.md refuse it. 12 is an index of RHYTHMS.
  row(12, 'rhythm', 'Rhythm flags', '8884-9', '1', 1, 0, 8),
  row(13, 'hrv-sdnn', 'Heart rate variability (SDNN)', '80404-7', 'ms', 10, 0, 1000),
  row(14, 'hrv-rmssd', 'Heart rate variability (RMSSD)', '', 'ms', 10, 0, 1000),
];

/** What the ECG detectors can say of a rhythm; `edge/signals` defines when. */
export const RHYTHM_FLAGS = ['asystole', 'vf', 'vt', 'bradycardia', 'tachycardia', 'af'] as const;
export type RhythmFlag = (typeof RHYTHM_FLAGS)[number];

/**
 * The flags that stand together, by the value of a `rhythm` reading; never renumbered. 0 says that the
 * ECG was good enough to judge and raised none, not that the rhythm is a normal one.
 */
export const RHYTHMS: readonly (readonly RhythmFlag[])[] = [
  [],
  ['asystole'],
  ['vf'],
  ['vt'],
  ['bradycardia'],
  ['tachycardia'],
  ['af'],
  ['bradycardia', 'af'],
  ['tachycardia', 'af'],
];

export interface Waveform {
  readonly code: number;
  readonly name: string;
  readonly label: string;
  /** ISO/IEEE 11073-10101 code, or undefined where the standard has none. */
  readonly mdc: number | undefined;
}

export const WAVEFORMS: readonly Waveform[] = [
  { code: 64, name: 'ecg', label: 'ECG', mdc: 131328 },
  { code: 65, name: 'pleth', label: 'Pleth', mdc: 150452 },
  { code: 66, name: 'resp', label: 'Respiration', mdc: 151562 },
  { code: 67, name: 'red', label: 'Red light', mdc: undefined },
  { code: 68, name: 'infrared', label: 'Infrared light', mdc: undefined },
  // 69 is none: the frozen vectors of WIRE.md refuse it.
  { code: 70, name: 'abp', label: 'Arterial pressure', mdc: 150036 },
  // The raw probe; what it says of the skin is the vital sign `skin-temperature`.
  { code: 71, name: 'skin-probe', label: 'Skin probe', mdc: 150388 },
];

/** Leads an ECG segment can name; the index is the byte on the wire. 0 means not stated. */
export const LEADS = [
  '',
  'I',
  'II',
  'III',
  'aVR',
  'aVL',
  'aVF',
  'V1',
  'V2',
  'V3',
  'V4',
  'V5',
  'V6',
  'MLII',
  'V',
  'MLI',
  'MLIII',
  'CM5',
  'ECG1',
  'ECG2',
] as const;
export type Lead = (typeof LEADS)[number];

/** Units a waveform can carry (UCUM; `1` is a dimensionless monitor unit); the index is the byte on the wire. */
export const WAVEFORM_UNITS = ['1', 'mV', 'uV', 'mm[Hg]', 'Ohm', '%', 'Cel'] as const;
export type WaveformUnit = (typeof WAVEFORM_UNITS)[number];

/** What WFDB calls a missing sample of 16 bits; here too. */
export const MISSING_SAMPLE = -32768;

const vitalByName = new Map(VITALS.map((vital) => [vital.name, vital]));
const vitalByCode = new Map(VITALS.map((vital) => [vital.code, vital]));
const waveformByName = new Map(WAVEFORMS.map((waveform) => [waveform.name, waveform]));
const waveformByCode = new Map(WAVEFORMS.map((waveform) => [waveform.code, waveform]));

export const findVital = (name: string): Vital | undefined => vitalByName.get(name);
export const vitalOfCode = (code: number): Vital | undefined => vitalByCode.get(code);
export const findWaveform = (name: string): Waveform | undefined => waveformByName.get(name);
export const waveformOfCode = (code: number): Waveform | undefined => waveformByCode.get(code);

/** A value in the vital's unit as its fixed-point integer. Throws RangeError on a value that is not finite. */
export function toFixedPoint(vital: Vital, value: number): number {
  if (!Number.isFinite(value)) {
    throw new RangeError(`${vital.name}: a reading must be a finite number`);
  }
  return Math.round(value * vital.scale);
}

export const fromFixedPoint = (vital: Vital, fixed: number): number => fixed / vital.scale;

/** Whether a fixed-point integer lies in the plausible range of its vital sign. */
export const inRange = (vital: Vital, fixed: number): boolean =>
  Number.isInteger(fixed) && fixed >= vital.min * vital.scale && fixed <= vital.max * vital.scale;

/** The largest magnitude a fixed-point reading of this vital sign can have. */
export const magnitudeMax = (vital: Vital): number =>
  Math.max(Math.abs(vital.min), Math.abs(vital.max)) * vital.scale;
