/**
 * What a simulated bed's node makes of its body: waveforms as on the wire, and the numbers of exactly
 * those samples, by the detectors that are scored. The body's own numbers are never looked at.
 *
 *   body ─► integer samples ─► segments ─► BedNumbers ─► numbers, each with bars, or a reason
 *                                 │                        │
 *                                 └── flags, quality ◄─────┘
 *
 * The amplifier knows of a lead that is off and of a converter at its end, the clip that its light is
 * dark; that the probe fell off is what the detector found. A sensor is said to be off once: of the
 * clip's channels on the pleth, of the electrodes on the ECG. Pleth and light are sent both: SpO₂
 * comes from light, and a page sweeps a pleth; infrared upside down would be one to the eye and not to
 * a reader who looks for the channel.
 */
import { findWaveform, type Waveform } from '@vitalshare/edge/vital';
import { BedNumbers, type Estimate, type Reason } from '@vitalshare/edge/signals';
import { QUALITY_UNKNOWN, type WaveformSegment } from '@vitalshare/edge/wire';
import {
  BODY_WAVEFORMS,
  type BodyArtefact,
  type BodySlice,
  type BodyWaveform,
} from '../bodies/bodies.ts';

interface Channel {
  readonly name: BodyWaveform;
  /** Whose bars are the channel's quality. */
  readonly vital: string;
  /** What the amplifier says of an electrode. */
  readonly offBy?: BodyArtefact;
  /** What the clip itself can tell. */
  readonly isDark?: (slice: BodySlice) => boolean;
  /** What the detector says of a sensor that is off. */
  readonly offReason?: Reason;
  readonly saturates?: boolean;
}

/** Through a finger come some 24,000 counts of infrared; of the room's light a clip lets in far less. */
const DARK_COUNTS_MAX = 2_000;

function clipIsDark({ infrared }: BodySlice): boolean {
  return infrared.reduce((sum, counts) => sum + counts, 0) < DARK_COUNTS_MAX * infrared.length;
}

const CHANNELS: readonly Channel[] = [
  { name: 'ecg', vital: 'heart-rate', offBy: 'lead-off', saturates: true },
  { name: 'pleth', vital: 'pulse-rate', isDark: clipIsDark },
  { name: 'red', vital: 'spo2', saturates: true },
  { name: 'infrared', vital: 'spo2', saturates: true },
  { name: 'resp', vital: 'respiratory-rate' },
  { name: 'skin', vital: 'skin-temperature', offReason: 'probe-off' },
];

export interface BedNumber {
  readonly vital: string;
  readonly estimate: Estimate;
}

export interface BedSlice {
  /** Of each channel that has samples in this slice, in the order of CHANNELS. */
  readonly segments: readonly WaveformSegment[];
  /** A second each, in the order they became known. */
  readonly numbers: readonly BedNumber[];
}

export class BedSignals {
  readonly #numbers: BedNumbers;
  readonly #last = new Map<string, Estimate>();
  #told: BedNumber[] = [];

  constructor() {
    this.#numbers = new BedNumbers(
      CHANNELS.map(({ name }) => BODY_WAVEFORMS[name]),
      {
        onNumber: (vital, estimate) => {
          this.#last.set(vital, estimate);
          this.#told.push({ vital, estimate });
        },
      },
    );
  }

  /** `aheadMs`: device time minus body time. */
  take(slice: BodySlice, aheadMs: number): BedSlice {
    const pushed = CHANNELS.flatMap((channel) => {
      const segment = rawSegment(channel, slice, aheadMs);
      return segment === undefined ? [] : [{ channel, segment }];
    });
    for (const { channel, segment } of pushed) {
      this.#numbers.push(BODY_WAVEFORMS[channel.name], segment);
    }
    const numbers = this.#told;
    this.#told = [];
    return { segments: pushed.map((each) => this.#judged(each.channel, each.segment)), numbers };
  }

  #judged({ vital, offReason }: Channel, segment: WaveformSegment): WaveformSegment {
    const last = this.#last.get(vital);
    if (last === undefined) return segment;
    const isOff = last.value === null && last.reason === offReason;
    return { ...segment, quality: last.bars, leadOff: segment.leadOff || isOff };
  }
}

function rawSegment(
  { name, offBy, isDark, saturates = false }: Channel,
  slice: BodySlice,
  aheadMs: number,
): WaveformSegment | undefined {
  const samples = slice[name];
  if (samples.length === 0) return undefined;
  const { channel, lead, unit, sampleRateMilliHz, gain, baseline } = BODY_WAVEFORMS[name];
  const periodMs = 1e6 / sampleRateMilliHz;
  const firstMs = Math.ceil(slice.fromMs / periodMs) * periodMs;
  const has = (kind: BodyArtefact): boolean =>
    slice.truth.artefacts.some((artefact) => artefact.kind === kind);
  return {
    waveform: waveformNamed(channel),
    ...{ lead, unit },
    leadOff: (offBy !== undefined && has(offBy)) || isDark?.(slice) === true,
    saturated: saturates && has('saturation'),
    quality: QUALITY_UNKNOWN,
    startUs: (firstMs + aheadMs) * 1000,
    rateMilliHz: sampleRateMilliHz,
    ...{ gain, baseline, samples },
  };
}

function waveformNamed(name: string): Waveform {
  const waveform = findWaveform(name);
  if (waveform === undefined) throw new TypeError(`expected a waveform, got ${name}`);
  return waveform;
}
