/**
 * What is wrong with a sensor between two moments; the patient is as before. Each takes a second's
 * waves and spoils its part of them, in the order of BODY_ARTEFACTS.
 *
 *   motion of the hand   swings of 12 % of the light, of four pulses in the pleth; red not quite as infrared
 *   motion of the chest  swings of 0.25 mV, and of two breaths in the impedance
 *   lead-off             the amplifier at its end
 *   no-finger            low light, noise, no pulse
 *   mains-hum            0.1 mV, in lead I 0.6 of it
 *   drift                1 mV at 0.12 and 0.31 Hz
 *   saturation           ECG and light pushed to the converter's end, half of a pulse beyond it
 *
 * Low perfusion takes the pulse away before there is light (`pulseLeft`), and a probe that is off
 * follows the room (body.ts). Numbers chosen by eye.
 */
import type { BodyArtefact, PlannedArtefact } from './plan.ts';
import type { Random } from './random.ts';
import { rangeIn, RATES_HZ, type SecondChannel, type SecondWaves } from './second.ts';

const RAIL_MV = 5;
const RAIL_COUNTS = 32_767;
const DARK_COUNTS = 400;
const DARK_NOISE_COUNTS = 3;
const NO_PULSE_NOISE = 0.01;
const LOW_PERFUSION_PART = 0.1;
const HAND_LIGHT_PART = 0.12;
const HAND_PULSES = 4;
const HAND_MEMORY_S = 0.25;
const RED_ALIKE = 0.9;
const CHEST_MV = 0.25;
const CHEST_MV_MEMORY_S = 0.08;
const CHEST_BREATHS = 2;
const CHEST_BREATHS_MEMORY_S = 0.5;
const HUM_MV = 0.1;
const HUM_SHARE_I = 0.6;
/** Part of the light that saturation lifts, beyond its level: half of a usual pulse. */
const SATURATED_LIGHT_PART = 0.01;

/** The part of the pulse that a sensor with this artefact still sees. */
export const pulseLeft = (kind: BodyArtefact): number =>
  kind === 'no-finger' ? 0 : kind === 'low-perfusion' ? LOW_PERFUSION_PART : 1;

export class Artefact {
  readonly kind: BodyArtefact;
  readonly fromMs: number;
  readonly toMs: number;
  readonly #spoil: Spoil;

  constructor(planned: PlannedArtefact, random: Random) {
    this.kind = planned.kind;
    this.fromMs = planned.fromS * 1000;
    this.toMs = (planned.toS ?? Infinity) * 1000;
    this.#spoil = makeSpoil(planned, random);
  }

  touches(fromMs: number, toMs: number): boolean {
    return this.fromMs < toMs && this.toMs > fromMs;
  }

  /** Of the second that begins at `secondMs`; once for each, in order. */
  spoil(waves: SecondWaves, secondMs: number): void {
    this.#spoil(waves, secondMs, (channel) =>
      rangeIn(secondMs, this.fromMs, this.toMs, RATES_HZ[channel]),
    );
  }
}

type Spoil = (
  waves: SecondWaves,
  secondMs: number,
  range: (channel: SecondChannel) => readonly [from: number, to: number],
) => void;

function makeSpoil(planned: PlannedArtefact, random: Random): Spoil {
  const { kind, site = 'hand', hz = 50, strength = 1 } = planned;
  switch (kind) {
    case 'motion':
      return site === 'hand' ? handMotion(strength, random) : chestMotion(strength, random);
    case 'lead-off':
      return (waves, _, range) => {
        const [from, to] = range('ecg');
        waves.ecg.fill(RAIL_MV, from, to);
        waves.ecgI.fill(RAIL_MV, from, to);
      };
    case 'no-finger':
      return noFinger(random);
    case 'mains-hum':
      return wander([[hz, HUM_MV * strength]], HUM_SHARE_I, random);
    case 'drift':
      return wander(
        [
          [0.12, 0.7 * strength],
          [0.31, 0.3 * strength],
        ],
        0.5,
        random,
      );
    case 'saturation':
      return saturation;
    case 'low-perfusion':
    case 'probe-off':
      return () => undefined;
  }
}

/** Noise of deviation 1 that remembers for so long. */
function makeSwing(rateHz: number, memoryS: number, random: Random): () => number {
  const keep = Math.exp(-1 / (rateHz * memoryS));
  const fresh = Math.sqrt(1 - keep * keep);
  let value = 0;
  return () => (value = keep * value + fresh * random.normal());
}

function handMotion(strength: number, random: Random): Spoil {
  const hand = makeSwing(RATES_HZ.pleth, HAND_MEMORY_S, random);
  const other = makeSwing(RATES_HZ.pleth, HAND_MEMORY_S, random);
  const apart = Math.sqrt(1 - RED_ALIKE * RED_ALIKE);
  return ({ pleth, red, infrared }, _, range) => {
    const [from, to] = range('pleth');
    for (let i = from; i < to; i++) {
      const [mine, yours] = [strength * hand(), strength * other()];
      pleth[i]! += HAND_PULSES * mine;
      infrared[i]! *= 1 + HAND_LIGHT_PART * mine;
      red[i]! *= 1 + HAND_LIGHT_PART * (RED_ALIKE * mine + apart * yours);
    }
  };
}

function chestMotion(strength: number, random: Random): Spoil {
  const arm = makeSwing(RATES_HZ.ecg, CHEST_MV_MEMORY_S, random);
  const leg = makeSwing(RATES_HZ.ecg, CHEST_MV_MEMORY_S, random);
  const chest = makeSwing(RATES_HZ.resp, CHEST_BREATHS_MEMORY_S, random);
  return ({ ecg, ecgI, resp }, _, range) => {
    const [from, to] = range('ecg');
    for (let i = from; i < to; i++) {
      ecg[i]! += CHEST_MV * strength * leg();
      ecgI[i]! += CHEST_MV * strength * arm();
    }
    const [first, end] = range('resp');
    for (let i = first; i < end; i++) resp[i]! += CHEST_BREATHS * strength * chest();
  };
}

function noFinger(random: Random): Spoil {
  return ({ pleth, red, infrared }, _, range) => {
    const [from, to] = range('pleth');
    for (let i = from; i < to; i++) {
      pleth[i] = NO_PULSE_NOISE * random.normal();
      red[i] = DARK_COUNTS + DARK_NOISE_COUNTS * random.normal();
      infrared[i] = DARK_COUNTS + DARK_NOISE_COUNTS * random.normal();
    }
  };
}

/** Sines of frequency and height in the ECG, of which lead I has a share. */
function wander(
  sines: readonly (readonly [hz: number, mV: number])[],
  shareI: number,
  random: Random,
): Spoil {
  const phases = sines.map(() => random.uniform());
  return ({ ecg, ecgI }, secondMs, range) => {
    const [from, to] = range('ecg');
    sines.forEach(([hz, mV], k) => {
      for (let i = from; i < to; i++) {
        const turns = hz * (secondMs / 1000 + i / RATES_HZ.ecg) + phases[k]!;
        const height = mV * Math.sin(2 * Math.PI * (turns % 1));
        ecg[i]! += height;
        ecgI[i]! += shareI * height;
      }
    });
  };
}

const saturation: Spoil = ({ ecg, ecgI, red, infrared }, _, range) => {
  const [from, to] = range('ecg');
  for (let i = from; i < to; i++) {
    ecg[i] = Math.min(RAIL_MV, RAIL_MV + ecg[i]!);
    ecgI[i] = Math.min(RAIL_MV, RAIL_MV + ecgI[i]!);
  }
  const [first, end] = range('red');
  for (const light of [red, infrared]) {
    let level = 0;
    for (let i = first; i < end; i++) level = Math.max(level, light[i]!);
    const lift = RAIL_COUNTS - level * (1 - SATURATED_LIGHT_PART);
    for (let i = first; i < end; i++) light[i] = Math.min(RAIL_COUNTS, light[i]! + lift);
  }
};
