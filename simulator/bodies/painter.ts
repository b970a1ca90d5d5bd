/**
 * A body's channels, a second at a time: beats are drawn on canvases as they are made, then a second is
 * put together, spoilt by artefacts and given to the converters.
 *
 *   beats ─► ecg II, I    waves of the form, heights swaying with breath ─┐
 *        ├─► pulse        at the finger, 1 at rest                        ├─► + breath + noise ─► artefacts ─► steps
 *        ├─► abp          systolic over diastolic pressure                │
 *        └─► resp         the heart in the impedance                     ─┘
 *
 * The chest is asked for every 40 ms and taken as straight between. Everything here runs for every sample
 * of a ward: no closure a sample, no array a beat (bench/bodies.ts).
 */
import type { Artefact } from './artefacts.ts';
import { pulseLeft } from './artefacts.ts';
import { Canvas } from './canvas.ts';
import type { Flutter } from './flutter.ts';
import type { Heart, HeartBeat } from './heart.ts';
import { ratioOfSpo2 } from './light.ts';
import type { Lungs } from './lungs.ts';
import { Noise } from './noise.ts';
import type { Patient } from './patient.ts';
import type { Random } from './random.ts';
import { makeSecondWaves, rangeIn, RATES_HZ, type SecondWaves } from './second.ts';
import { type BeatForm, CARDIOGENIC, ECG_SHAPES, PULSE, shareOfLeadI, SPIKE } from './shapes.ts';
import { BODY_WAVEFORMS, type BodyWaveform, type ExtraWaveform } from './slice.ts';

/** Beats so far ahead already draw in this second: P of a slow beat. */
export const AHEAD_MS = 700;
const CHEST_HZ = 25;
const BREATH_MV = 0.05;
const BREATH_MV_SHARE_I = 0.4;
const BREATH_OF_R = 0.04;
const BREATH_OF_PULSE = 0.05;
/** A pleth of 1 is a pulse at this perfusion, %. */
const PLETH_PERFUSION = 3;
/** The pulse passes the wrist's artery before the finger. */
const WRIST_MS = 30;
/** The top of a pulse and what the dicrotic wave adds to it. */
const PULSE_TOP = 1.02;
const FLUTTER_SHARE_I = 0.45;
const ROOM_C = 22;
const PROBE_S = 20;
const NOISE = {
  ecg: 0.01,
  ecgI: 0.01,
  pleth: 0.004,
  red: 1.2,
  infrared: 1.2,
  resp: 0.01,
  abp: 0.3,
  skin: 0.02,
} as const satisfies Record<keyof SecondWaves, number>;
/** One more than what a 16-bit converter of WFDB says for missing. */
const STEPS_MAX = 32_767;

export class Painter {
  readonly #patient: Patient;
  readonly #heart: Heart;
  readonly #lungs: Lungs;
  readonly #artefacts: readonly Artefact[];
  readonly #flutters: readonly { fromMs: number; toMs: number; flutter: Flutter }[];
  readonly #extra: ReadonlySet<ExtraWaveform>;
  readonly #hasLeadI: boolean;
  readonly #waves: SecondWaves = makeSecondWaves();
  readonly #chest = new Float64Array(CHEST_HZ + 1);
  readonly #ecg = new Canvas(RATES_HZ.ecg);
  readonly #ecgI = new Canvas(RATES_HZ.ecg);
  readonly #pulse = new Canvas(RATES_HZ.pleth);
  readonly #abp = new Canvas(RATES_HZ.abp);
  readonly #resp = new Canvas(RATES_HZ.resp);
  readonly #noise: Readonly<Record<keyof SecondWaves, Noise>>;
  readonly #shares: Readonly<Record<BeatForm, readonly number[]>>;
  readonly #spikeShare: number;
  #probeC = NaN;

  constructor(
    of: {
      readonly patient: Patient;
      readonly heart: Heart;
      readonly lungs: Lungs;
      readonly artefacts: readonly Artefact[];
      readonly flutters: readonly { fromMs: number; toMs: number; flutter: Flutter }[];
    },
    extra: readonly ExtraWaveform[],
    random: (use: number) => Random,
  ) {
    this.#patient = of.patient;
    this.#heart = of.heart;
    this.#lungs = of.lungs;
    this.#artefacts = of.artefacts;
    this.#flutters = of.flutters;
    this.#extra = new Set(extra);
    this.#hasLeadI = this.#extra.has('ecgI') || this.#extra.has('ecgIII');
    const noises = Object.keys(NOISE).map((name, use) => [name, new Noise(random(use))]);
    this.#noise = Object.fromEntries(noises) as Record<keyof SecondWaves, Noise>;
    const { axisDeg } = of.patient;
    const forms = Object.entries(ECG_SHAPES).map(([form, waves]) => [
      form,
      waves.map((wave) => shareOfLeadI(wave.axisDeg + axisDeg)),
    ]);
    this.#shares = Object.fromEntries(forms) as Record<BeatForm, readonly number[]>;
    this.#spikeShare = shareOfLeadI(SPIKE.axisDeg + axisDeg);
  }

  /** Draws a beat; `secondMs` is the start of the second that is put together next. */
  draw(beat: HeartBeat, secondMs: number): void {
    const { form, rrMs, strength } = beat;
    const markMs = beat.atMs - secondMs;
    const mV = this.#patient.ecgMv * (1 + BREATH_OF_R * this.#lungs.chest(beat.atMs));
    const waves = ECG_SHAPES[form];
    this.#ecg.draw(waves, markMs, rrMs, mV);
    if (this.#hasLeadI) this.#ecgI.draw(waves, markMs, rrMs, mV, this.#shares[form]);
    if (form === 'paced') this.#spike(markMs);
    this.#resp.draw(CARDIOGENIC, markMs, rrMs, strength);
    if (strength === 0) return;
    const pulseMs = beat.arrivesMs - secondMs;
    this.#pulse.draw(PULSE, pulseMs, rrMs, strength);
    if (!this.#extra.has('abp')) return;
    const height = (beat.systolic - beat.diastolic) / PULSE_TOP;
    this.#abp.draw(PULSE, pulseMs - WRIST_MS, rrMs, height);
  }

  #spike(markMs: number): void {
    const index = Math.round(((markMs - SPIKE.beforeMs) * RATES_HZ.ecg) / 1000);
    if (index < 0) return;
    this.#ecg.samples[index]! -= SPIKE.heightMv;
    this.#ecgI.samples[index]! -= SPIKE.heightMv * this.#spikeShare;
  }

  /** Puts a second together; once for each, in order, when its beats are drawn. */
  second(second: number): Readonly<Record<BodyWaveform, Int16Array>> {
    const secondMs = second * 1000;
    const endMs = secondMs + 1000;
    const artefacts = this.#artefacts.filter((one) => one.touches(secondMs, endMs));
    for (let i = 0; i <= CHEST_HZ; i++) {
      this.#chest[i] = this.#lungs.chest(secondMs + (i * 1000) / CHEST_HZ);
    }
    this.#paintEcg(second);
    this.#paintFinger(second, artefacts);
    this.#paintChest();
    if (this.#extra.has('abp')) this.#paintPressure(secondMs);
    this.#paintSkin(second, artefacts);
    for (const artefact of artefacts) artefact.spoil(this.#waves, secondMs);
    for (const canvas of [this.#ecg, this.#ecgI, this.#pulse, this.#abp, this.#resp]) canvas.turn();
    return this.#converted();
  }

  #paintEcg(second: number): void {
    const { ecg, ecgI } = this.#waves;
    this.#paintLead(ecg, this.#ecg, BREATH_MV, 'ecg');
    if (this.#hasLeadI) this.#paintLead(ecgI, this.#ecgI, BREATH_MV * BREATH_MV_SHARE_I, 'ecgI');
    for (const { fromMs, toMs, flutter } of this.#flutters) {
      const [from, to] = rangeIn(second * 1000, fromMs, toMs, RATES_HZ.ecg);
      if (from < to)
        flutter.addTo(ecg, this.#hasLeadI ? ecgI : null, FLUTTER_SHARE_I, from, to, second);
    }
  }

  #paintLead(lead: Float64Array, canvas: Canvas, breathMv: number, name: 'ecg' | 'ecgI'): void {
    const { samples } = canvas;
    const each = RATES_HZ.ecg / CHEST_HZ;
    for (let k = 0; k < CHEST_HZ; k++) {
      const low = this.#chest[k]!;
      const rise = (this.#chest[k + 1]! - low) / each;
      for (let j = 0, i = k * each; j < each; j++, i++) {
        lead[i] = samples[i]! + breathMv * (low + rise * j);
      }
    }
    this.#noise[name].addTo(lead, 0, lead.length, NOISE[name]);
  }

  #paintFinger(second: number, artefacts: readonly Artefact[]): void {
    const { pleth, red, infrared } = this.#waves;
    const pulse = this.#pulse.samples;
    const patient = this.#patient;
    const perfusion = patient.number('perfusion', second);
    const perfusionRise = (patient.number('perfusion', second + 1) - perfusion) / RATES_HZ.pleth;
    const ratio = ratioOfSpo2(patient.number('spo2', second));
    const ratioRise = (ratioOfSpo2(patient.number('spo2', second + 1)) - ratio) / RATES_HZ.pleth;
    for (const { kind, fromMs, toMs } of artefacts) {
      const left = pulseLeft(kind);
      const [from, to] = left === 1 ? [0, 0] : rangeIn(second * 1000, fromMs, toMs, RATES_HZ.pleth);
      for (let i = from; i < to; i++) pulse[i]! *= left;
    }
    const each = RATES_HZ.pleth / CHEST_HZ;
    for (let k = 0; k < CHEST_HZ; k++) {
      const low = this.#chest[k]!;
      const rise = (this.#chest[k + 1]! - low) / each;
      for (let j = 0, i = k * each; j < each; j++, i++) {
        const percent =
          (perfusion + perfusionRise * i) * pulse[i]! * (1 + BREATH_OF_PULSE * (low + rise * j));
        pleth[i] = percent / PLETH_PERFUSION;
        infrared[i] = patient.infraredLevel * (1 - percent / 100);
        red[i] = patient.redLevel * (1 - ((ratio + ratioRise * i) * percent) / 100);
      }
    }
    this.#noise.pleth.addTo(pleth, 0, pleth.length, NOISE.pleth);
    this.#noise.red.addTo(red, 0, red.length, NOISE.red);
    this.#noise.infrared.addTo(infrared, 0, infrared.length, NOISE.infrared);
  }

  #paintChest(): void {
    const { resp } = this.#waves;
    for (let i = 0; i < resp.length; i++) resp[i] = this.#chest[i]! + this.#resp.samples[i]!;
    this.#noise.resp.addTo(resp, 0, resp.length, NOISE.resp);
  }

  #paintPressure(secondMs: number): void {
    const { abp } = this.#waves;
    const low = this.#heart.pressure(secondMs).diastolic;
    const rise = (this.#heart.pressure(secondMs + 1000).diastolic - low) / abp.length;
    for (let i = 0; i < abp.length; i++) abp[i] = low + rise * i + this.#abp.samples[i]!;
    this.#noise.abp.addTo(abp, 0, abp.length, NOISE.abp);
  }

  /** The probe follows what it lies on, the skin or the room, with its time constant. */
  #paintSkin(second: number, artefacts: readonly Artefact[]): void {
    const { skin } = this.#waves;
    const isOff = artefacts.some(
      ({ kind, fromMs }) => kind === 'probe-off' && fromMs <= second * 1000,
    );
    const skinC = this.#patient.number('skin-temperature', second);
    if (Number.isNaN(this.#probeC)) this.#probeC = skinC;
    this.#probeC += ((isOff ? ROOM_C : skinC) - this.#probeC) * (1 - Math.exp(-1 / PROBE_S));
    skin[0] = this.#probeC;
    this.#noise.skin.addTo(skin, 0, 1, NOISE.skin);
  }

  #converted(): Readonly<Record<BodyWaveform, Int16Array>> {
    const { ecg, ecgI, pleth, red, infrared, resp, abp, skin } = this.#waves;
    const none = new Int16Array(0);
    const wants = this.#extra;
    return {
      ecg: steps('ecg', ecg),
      ecgI: wants.has('ecgI') ? steps('ecgI', ecgI) : none,
      ecgIII: wants.has('ecgIII') ? steps('ecgIII', difference(ecg, ecgI)) : none,
      pleth: steps('pleth', pleth),
      red: steps('red', red),
      infrared: steps('infrared', infrared),
      resp: steps('resp', resp),
      abp: wants.has('abp') ? steps('abp', abp) : none,
      skin: steps('skin', skin),
    };
  }
}

function steps(name: BodyWaveform, values: Float64Array): Int16Array {
  const { gain } = BODY_WAVEFORMS[name];
  const out = new Int16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const step = Math.round(gain * values[i]!);
    out[i] = step > STEPS_MAX ? STEPS_MAX : step < -STEPS_MAX ? -STEPS_MAX : step;
  }
  return out;
}

function difference(one: Float64Array, other: Float64Array): Float64Array {
  const out = new Float64Array(one.length);
  for (let i = 0; i < one.length; i++) out[i] = one[i]! - other[i]!;
  return out;
}
