/**
 * Nodes that say nothing while they should: the technical event a silent sensor raises.
 *
 *   silent: now − its last new frame > max(10 s, 3 · its usual step)
 *
 * The usual step is the median of the last nine steps of the node's own time, so neither one outage nor
 * the burst in which a node empties its memory changes it. An open connection is no sign of life: a node
 * that is connected and never spoke, or spoke once, is silent after a minute. One that never connected
 * is not known to be in use, and one that was revoked has left.
 *
 * What is expected outlives the gateway: `noted` hears what to remember of a node, `expect` takes it at
 * the next start. A node that was silent still is; one that spoke has 30 s more to take up its connection.
 *
 * Times are those of a clock that only rises: a wall clock set back would hide every silence as long.
 */
import { NODES_MAX, SILENCE_FIRST_MS, SILENCE_MS_MIN, SILENCE_RETURN_MS } from '../limits.ts';

const USUAL_TIMES = 3;
const STEPS_KEPT = 9;
/** A usual step that differs by so much from the one noted is noted again. */
const STEP_NOTED_TIMES = 2;

/** What outlives the gateway of a node that is expected to speak. */
export interface ExpectedNode {
  /** Undefined while it is not known. */
  readonly stepMs?: number;
  /** Since when it is silent; undefined where it is not. */
  readonly silentSinceMs?: number;
}

export interface SilenceListener {
  /** `untilMs` is undefined while it lasts. */
  told(node: string, sinceMs: number, untilMs: number | undefined): void;
  /** What to remember of it; undefined: nobody waits for it any more. */
  noted?(node: string, expected: ExpectedNode | undefined): void;
}

interface Voice {
  /** Its last new frame, or when it first connected. */
  cameMs: number;
  deviceUs: number;
  readonly stepsUs: number[];
  isSilent: boolean;
  /** Beside its patience, until it has spoken since this gateway began. */
  graceMs: number;
  notedStepMs: number | undefined;
}

export class Silence {
  readonly #listener: SilenceListener;
  readonly #voices = new Map<string, Voice>();

  constructor(listener: SilenceListener) {
    this.#listener = listener;
  }

  *lasting(): Iterable<{ readonly node: string; readonly sinceMs: number }> {
    for (const [node, { isSilent, cameMs }] of this.#voices) {
      if (isSilent) yield { node, sinceMs: cameMs };
    }
  }

  /** It was expected by the gateway before this one, which began at `nowMs`. */
  expect(node: string, { stepMs, silentSinceMs }: ExpectedNode, nowMs: number): void {
    const voice = this.#voice(node, nowMs);
    if (voice === undefined) return;
    if (stepMs !== undefined) voice.stepsUs.push(1000 * stepMs);
    voice.notedStepMs = stepMs;
    voice.graceMs = SILENCE_RETURN_MS;
    if (silentSinceMs === undefined) return;
    voice.cameMs = Math.min(silentSinceMs, nowMs);
    voice.isSilent = true;
    this.#listener.told(node, voice.cameMs, undefined);
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
    const { isSilent, cameMs } = voice;
    voice.isSilent = false;
    voice.graceMs = 0;
    voice.cameMs = nowMs;
    if (isSilent) this.#listener.told(node, cameMs, nowMs);
    if (isSilent || isNews(voice)) this.#note(node, voice);
  }

  connected(node: string, nowMs: number): void {
    if (this.#voices.has(node)) return;
    const voice = this.#voice(node, nowMs);
    if (voice !== undefined) this.#note(node, voice);
  }

  /** It is revoked or gone: nobody waits for it. */
  leave(node: string, nowMs: number): void {
    const voice = this.#voices.get(node);
    if (voice === undefined) return;
    this.#voices.delete(node);
    if (voice.isSilent) this.#listener.told(node, voice.cameMs, nowMs);
    this.#listener.noted?.(node, undefined);
  }

  tick(nowMs: number): void {
    for (const [node, voice] of this.#voices) {
      if (voice.isSilent || nowMs - voice.cameMs <= patienceMs(voice)) continue;
      voice.isSilent = true;
      this.#listener.told(node, voice.cameMs, undefined);
      this.#note(node, voice);
    }
  }

  #note(node: string, voice: Voice): void {
    voice.notedStepMs = usualStepMs(voice);
    this.#listener.noted?.(node, {
      ...(voice.notedStepMs !== undefined && { stepMs: voice.notedStepMs }),
      ...(voice.isSilent && { silentSinceMs: voice.cameMs }),
    });
  }

  #voice(node: string, nowMs: number): Voice | undefined {
    const known = this.#voices.get(node);
    if (known !== undefined || this.#voices.size >= NODES_MAX) return known;
    const voice = {
      ...{ cameMs: nowMs, deviceUs: Infinity, stepsUs: [], isSilent: false },
      ...{ graceMs: 0, notedStepMs: undefined },
    };
    this.#voices.set(node, voice);
    return voice;
  }
}

function patienceMs(voice: Voice): number {
  const stepMs = usualStepMs(voice);
  if (stepMs === undefined) return Math.max(SILENCE_FIRST_MS, voice.graceMs);
  return Math.max(SILENCE_MS_MIN, USUAL_TIMES * stepMs) + voice.graceMs;
}

function usualStepMs({ stepsUs }: Voice): number | undefined {
  if (stepsUs.length === 0) return undefined;
  return stepsUs.toSorted((a, b) => a - b)[stepsUs.length >> 1]! / 1000;
}

/** Its usual step became known, or another. */
function isNews(voice: Voice): boolean {
  const stepMs = usualStepMs(voice);
  const noted = voice.notedStepMs;
  if (stepMs === undefined) return false;
  if (noted === undefined) return true;
  return stepMs > STEP_NOTED_TIMES * noted || STEP_NOTED_TIMES * stepMs < noted;
}
