/**
 * When the pulses of one burst begin, from its start. A burst of ten is twice five, with the rhythm of
 * IEC 60601-1-8: three, then two.
 *
 *   high     ▪ ▪ ▪   ▪ ▪        ▪ ▪ ▪   ▪ ▪        x between pulses, 2x + a pulse between the third
 *                                                    and the fourth, half a burst's pause in the middle
 *   medium   ▬ ▬ ▬                                  y between pulses
 *   low      ▬
 */
import type { Priority } from './alarm.ts';
import { HALF_BURST_PAUSE_MS, SIGNALS } from './constants.ts';

/** Milliseconds; each pulse lasts `SIGNALS[priority].pulseMs.ours`. */
export function burstMs(priority: Priority): number[] {
  const { burstPulses, pulseMs, spacingMs } = SIGNALS[priority];
  const starts: number[] = [];
  let atMs = 0;
  for (let pulse = 1; pulse <= burstPulses; pulse++) {
    starts.push(atMs);
    atMs += pulseMs.ours + pauseAfterMs(pulse, burstPulses, pulseMs.ours, spacingMs.ours);
  }
  return starts;
}

function pauseAfterMs(pulse: number, pulses: number, pulseMs: number, xMs: number): number {
  if (pulses < 10) return xMs;
  if (pulse === 5) return HALF_BURST_PAUSE_MS.ours;
  return pulse % 5 === 3 ? 2 * xMs + pulseMs : xMs;
}
