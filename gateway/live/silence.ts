/**
 * Nodes that say nothing while they should: the technical event a silent sensor raises.
 *
 *   silent: now − its last new frame > max(10 s, 3 · its usual step)
 *
 * The usual step is the median of the last nine steps of the node's own time, so neither one outage nor
 * the burst in which a node empties its memory changes it. An open connection is no sign of life: a node
 * that is connected and never spoke, or spoke once, is silent after a minute. One that never connected
 * since the gateway started is not known to be in use, and one that was revoked has left.
 */
import { NODES_MAX, SILENCE_FIRST_MS, SILENCE_MS_MIN } from '../limits.ts';

const USUAL_TIMES = 3;
const STEPS_KEPT = 9;

/** `untilMs` is undefined while it lasts. */
export type TellSilence = (node: string, sinceMs: number, untilMs: number | undefined) => void;

interface Voice {
  /** Its last new frame, or when it first connected. */
  cameMs: number;
  deviceUs: number;
  readonly stepsUs: number[];
  isSilent: boolean;
}

export class Silence {
  readonly #tell: TellSilence;
  readonly #voices = new Map<string, Voice>();

  constructor(tell: TellSilence) {
    this.#tell = tell;
  }

  *lasting(): Iterable<{ readonly node: string; readonly sinceMs: number }> {
    for (const [node, { isSilent, cameMs }] of this.#voices) {
      if (isSilent) yield { node, sinceMs: cameMs };
    }
  }

  /** A frame that was not known before, closed at `deviceUs` of the node's time. */
  came(node: string, deviceUs: number, nowMs: number): void {
    const voice = this.#voice(node, nowMs);
    if (voice === undefined) return;
    const stepUs = deviceUs - voice.deviceUs;
    // A new boot begins anew; what is older comes from the node's memory.
    if (stepUs > 0) voice.stepsUs.push(stepUs);
    if (voice.stepsUs.length > STEPS_KEPT) voice.stepsUs.shift();
    voice.deviceUs = deviceUs;
    if (voice.isSilent) this.#tell(node, voice.cameMs, nowMs);
    voice.isSilent = false;
    voice.cameMs = nowMs;
  }

  connected(node: string, nowMs: number): void {
    this.#voice(node, nowMs);
  }

  /** It is revoked or gone: nobody waits for it. */
  leave(node: string, nowMs: number): void {
    const voice = this.#voices.get(node);
    this.#voices.delete(node);
    if (voice?.isSilent === true) this.#tell(node, voice.cameMs, nowMs);
  }

  tick(nowMs: number): void {
    for (const [node, voice] of this.#voices) {
      if (voice.isSilent || nowMs - voice.cameMs <= patienceMs(voice)) continue;
      voice.isSilent = true;
      this.#tell(node, voice.cameMs, undefined);
    }
  }

  #voice(node: string, nowMs: number): Voice | undefined {
    const known = this.#voices.get(node);
    if (known !== undefined || this.#voices.size >= NODES_MAX) return known;
    const voice = { cameMs: nowMs, deviceUs: Infinity, stepsUs: [], isSilent: false };
    this.#voices.set(node, voice);
    return voice;
  }
}

function patienceMs({ stepsUs }: Voice): number {
  if (stepsUs.length === 0) return SILENCE_FIRST_MS;
  const usualUs = stepsUs.toSorted((a, b) => a - b)[stepsUs.length >> 1]!;
  return Math.max(SILENCE_MS_MIN, (USUAL_TIMES * usualUs) / 1000);
}
