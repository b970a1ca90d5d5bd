/**
 * Heart rates of many nodes at 1 Hz, a few of them faulty, from a seed.
 *
 *   sound     mean 75 ± 12 /min; beat by beat an AR(1) around it, standard deviation 3, whole numbers
 *   stuck     one value from some moment on
 *   spiking   a reading 60 /min off, about once in 20 s
 *   losing    one reading in ten does not come
 *   offset    30 /min added: plausible, and no check of one channel alone can know
 */
import type { Random } from '../bodies/random.ts';

export const FAULTS = ['stuck', 'spiking', 'losing', 'offset'] as const;
export type Fault = (typeof FAULTS)[number];

export interface Readings {
  readonly seconds: number;
  /** Node after node; NaN where none came. */
  readonly values: Float32Array;
  readonly faulty: ReadonlyMap<number, Fault>;
}

const PERSISTENCE = 0.95;
const SPREAD = 3;

export function makeReadings(
  nodes: number,
  seconds: number,
  faults: number,
  random: Random,
): Readings {
  const faulty = new Map<number, Fault>();
  while (faulty.size < faults) {
    const node = Math.floor(random.uniform() * nodes);
    if (!faulty.has(node)) faulty.set(node, FAULTS[faulty.size % FAULTS.length]!);
  }
  const values = new Float32Array(nodes * seconds);
  for (let node = 0; node < nodes; node++) {
    const own = values.subarray(node * seconds, (node + 1) * seconds);
    fillSound(own, random);
    const fault = faulty.get(node);
    if (fault !== undefined) spoil(own, fault, random);
  }
  return { seconds, values, faulty };
}

function fillSound(own: Float32Array, random: Random): void {
  const mean = 75 + 12 * random.normal();
  const step = SPREAD * Math.sqrt(1 - PERSISTENCE ** 2);
  let off = SPREAD * random.normal();
  for (let second = 0; second < own.length; second++) {
    off = PERSISTENCE * off + step * random.normal();
    own[second] = Math.round(Math.max(30, mean + off));
  }
}

function spoil(own: Float32Array, fault: Fault, random: Random): void {
  const from = Math.floor(random.uniform() * 0.2 * own.length);
  const stuck = own[from]!;
  for (let second = from; second < own.length; second++) {
    const draw = random.uniform();
    if (fault === 'stuck') own[second] = stuck;
    else if (fault === 'offset') own[second]! += 30;
    else if (fault === 'losing' && draw < 0.1) own[second] = NaN;
    else if (fault === 'spiking' && draw < 0.05) own[second]! += 60;
  }
}
