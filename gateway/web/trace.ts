/**
 * One waveform channel of a bed: its samples in their unit, which moment of it is drawn now, and
 * where it stands in its box. The place is taken anew once a sweep, or at once when the wave leaves
 * its box, so that a trace does not creep up and down while it is being read.
 */
import type { Place, WaveBox } from '@vitalshare/cloud-sink/drawing';
import { Playhead, Sweep, fitWave, placeWave } from '@vitalshare/cloud-sink/drawing';
import type { LiveWave } from '../live/feed.ts';

const MISSING_SAMPLE = -32_768;
/** Channels drawn at a calibrated gain carry one of these units; millivolts in each. */
const MILLIVOLTS: Readonly<Record<string, number>> = { mV: 1, uV: 1e-3 };

export class Trace {
  readonly sweep = new Sweep();
  readonly playhead = new Playhead();
  lead = '';
  leadOff = false;
  /** When its newest sample was taken, by the gateway's clock; never later than it came. */
  dataMs = -Infinity;
  /** Up to where it has been drawn; a sample that comes for an earlier moment calls for all of it. */
  drawnMs = -Infinity;
  #millivolts = false;
  #place: Place | null = null;
  #placedMs = -Infinity;

  add(wave: LiveWave, nowMs: number): void {
    const millivolts = MILLIVOLTS[wave.unit];
    const rateHz = wave.rateMilliHz / 1000;
    const startMs = wave.startUs / 1000;
    const values = decodeSamples(wave.samples, wave, millivolts ?? 1);
    this.lead = wave.lead;
    this.leadOff = wave.leadOff;
    this.#millivolts = millivolts !== undefined;
    const endMs = startMs + values.length / (rateHz / 1000);
    this.dataMs = Math.max(this.dataMs, Math.min(endMs, nowMs));
    this.playhead.arrived(startMs, nowMs);
    // With an electrode off, what the amplifier gives is not the heart.
    if (wave.leadOff) return;
    this.sweep.add({ startMs, rateHz, values });
    if (startMs < this.drawnMs) this.drawnMs = -Infinity;
  }

  /** Where the wave stands now; `null` while there is nothing to place. */
  placeAt(playheadMs: number, sweepMs: number, box: WaveBox, pxPerMillivolt: number): Place | null {
    const extent = this.sweep.extent(playheadMs - sweepMs, playheadMs);
    if (extent === null) return this.#place;
    const place = this.#place;
    const yOf = (value: number) => (place?.baselinePx ?? 0) - value * (place?.pxPerUnit ?? 0);
    const outside = yOf(extent.hi) < 1 || yOf(extent.lo) > box.heightPx - 1;
    const turned = Math.floor(playheadMs / sweepMs) !== Math.floor(this.#placedMs / sweepMs);
    if (place === null || outside || turned) {
      this.#place = this.#millivolts
        ? placeWave(extent, box, pxPerMillivolt)
        : fitWave(extent, box);
      this.#placedMs = playheadMs;
      this.drawnMs = -Infinity;
    }
    return this.#place;
  }

  /** The box has changed its size, or what was drawn is gone. */
  forgetPlace(): void {
    this.#place = null;
    this.drawnMs = -Infinity;
  }
}

/** base64 of i16 little-endian → the channel's unit; −32768 → NaN. An odd last byte is left out. */
export function decodeSamples(
  base64: string,
  { gain, baseline }: { readonly gain: number; readonly baseline: number },
  unitsPerUnit = 1,
): Float32Array {
  const text = atob(base64);
  const values = new Float32Array(text.length >> 1);
  for (let index = 0; index < values.length; index++) {
    const word = text.charCodeAt(2 * index) | (text.charCodeAt(2 * index + 1) << 8);
    const sample = (word << 16) >> 16;
    values[index] = sample === MISSING_SAMPLE ? NaN : ((sample - baseline) / gain) * unitsPerUnit;
  }
  return values;
}
