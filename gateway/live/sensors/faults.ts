/**
 * What is wrong with the sensors of one node (or with two rates of one bed) right now.
 *
 *   note ──► wait for the end of the frame ──► told ──── ended ──► HOLD_MS without another ──► told, gone
 *              data lost that came by then: gone, untold
 *
 * At most one of each kind and channel at a time: what comes back before HOLD_MS have passed is the
 * same one, so that a cable that rattles is one notice and not fifty.
 */
import type { StreamError, StreamErrorKind } from '@vitalshare/edge/signals';
import { SENSOR_FAULTS_MAX } from '../../limits.ts';

export interface FaultPlace {
  readonly node: string;
  /** `ecg.II`, `heart-rate`. */
  readonly channel: string;
  /** The other of two that disagree. */
  readonly other?: { readonly node: string; readonly channel: string };
}

export interface Fault extends FaultPlace {
  readonly kind: StreamErrorKind;
  readonly sinceMs: number;
}

/** `untilMs` is undefined while the fault lasts. */
export type TellFault = (fault: Fault, untilMs: number | undefined) => void;

const HOLD_MS = 10_000;
/** A spike is over as soon as it is known, and seldom the last. */
const SPIKE_HOLD_MS = 60_000;
const holdUs = (kind: StreamErrorKind): number =>
  1_000 * (kind === 'spike' ? SPIKE_HOLD_MS : HOLD_MS);

interface Noted {
  readonly fault: Fault;
  readonly key: string;
  error: StreamError;
  told: boolean;
}

export class Faults {
  readonly #tell: TellFault;
  readonly #noted = new Map<string, Noted>();

  constructor(tell: TellFault) {
    this.#tell = tell;
  }

  /** Those that were told and have not ended. */
  *lasting(): Iterable<Fault> {
    for (const { fault, told } of this.#noted.values()) if (told) yield fault;
  }

  note(place: FaultPlace, error: StreamError): void {
    const { node, channel, other } = place;
    const key = `${node} ${channel} ${other?.node ?? ''} ${error.kind}`;
    const known = this.#noted.get(key);
    if (known !== undefined) known.error = error;
    else if (this.#noted.size < SENSOR_FAULTS_MAX) {
      const fault = { ...place, kind: error.kind, sinceMs: Math.round(error.fromUs / 1000) };
      this.#noted.set(key, { fault, key, error, told: false });
    }
  }

  /** It is `nowUs` of the node's time. */
  settle(nowUs: number): void {
    for (const noted of this.#noted.values()) {
      const { toUs, kind } = noted.error;
      if (!noted.told && kind === 'data-lost' && toUs !== undefined) {
        this.#noted.delete(noted.key);
      } else if (!noted.told) {
        noted.told = true;
        this.#tell(noted.fault, undefined);
      } else if (toUs !== undefined && nowUs - toUs >= holdUs(kind)) this.#end(noted, toUs);
    }
  }

  /** Ends those of which `is` holds: their channel is judged no more, or anew. */
  drop(is: (place: FaultPlace) => boolean, atUs: number): void {
    for (const noted of this.#noted.values()) if (is(noted.fault)) this.#end(noted, atUs);
  }

  #end({ fault, key, told }: Noted, toUs: number): void {
    this.#noted.delete(key);
    if (told) this.#tell(fault, Math.round(toUs / 1000));
  }
}
