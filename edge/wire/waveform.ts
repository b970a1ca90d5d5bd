/**
 * Block 2, a waveform segment [WIRE-9]:
 *
 *   channel u8 ‖ lead u8 ‖ unit u8 ‖ flags u8 ‖ quality u8 ‖ start u64 ‖ rate u32
 *   ‖ gain f64 ‖ baseline i32 ‖ count u16 ‖ sample i16 × count
 *
 * Flag bit 0: lead off; bit 1: saturated; others zero.
 */
import { SAMPLES_IN_SEGMENT_MAX, SAMPLE_RATE_MILLIHZ_MAX } from '../limits.ts';
import { LEADS, WAVEFORM_UNITS, waveformOfCode } from '../vital/vital.ts';
import type { ByteReader, ByteWriter } from './cursor.ts';
import type { WaveformSegment } from './frame.ts';
import { readQuality, writeQuality } from './quality.ts';

const LEAD_OFF = 1;
const SATURATED = 2;
const isGain = (gain: number) => Number.isFinite(gain) && gain !== 0;

export function readSegment(reader: ByteReader): WaveformSegment {
  const waveform = waveformOfCode(reader.u8('channel'));
  if (waveform === undefined) reader.fail('unknown-vital', 'channel: not a known waveform', 1);
  const lead = LEADS[reader.u8('lead')];
  if (lead === undefined) reader.fail('unknown-vital', 'lead: not a known lead', 1);
  const unit = WAVEFORM_UNITS[reader.u8('unit')];
  if (unit === undefined) reader.fail('unknown-vital', 'unit: not a known waveform unit', 1);
  const flags = reader.u8('flags', 0, LEAD_OFF | SATURATED);
  const quality = readQuality(reader);
  const startUs = reader.u64('start');
  const rateMilliHz = reader.u32('rate', 1, SAMPLE_RATE_MILLIHZ_MAX);
  const gain = reader.f64('gain');
  if (!isGain(gain)) reader.fail('malformed', 'gain: expected a finite number other than 0', 8);
  const baseline = reader.i32('baseline');
  const samples = reader.i16s('samples', reader.u16('count', 1, SAMPLES_IN_SEGMENT_MAX));
  const leadOff = (flags & LEAD_OFF) !== 0;
  const saturated = (flags & SATURATED) !== 0;
  return {
    ...{ waveform, lead, unit, leadOff, saturated, quality },
    ...{ startUs, rateMilliHz, gain, baseline, samples },
  };
}

export function writeSegment(writer: ByteWriter, segment: WaveformSegment): void {
  writer.u8('channel', segment.waveform.code);
  writer.u8('lead', LEADS.indexOf(segment.lead));
  writer.u8('unit', WAVEFORM_UNITS.indexOf(segment.unit));
  writer.u8('flags', (segment.leadOff ? LEAD_OFF : 0) | (segment.saturated ? SATURATED : 0));
  writeQuality(writer, segment.quality);
  writer.u64('start', segment.startUs);
  writer.u32('rate', segment.rateMilliHz, 1, SAMPLE_RATE_MILLIHZ_MAX);
  if (!isGain(segment.gain)) throw new RangeError('gain: expected a finite number other than 0');
  writer.f64(segment.gain);
  writer.i32('baseline', segment.baseline);
  writer.u16('count', segment.samples.length, 1, SAMPLES_IN_SEGMENT_MAX);
  writer.i16s(segment.samples);
}
