/**
 * One second of a body's channels, in their units, before a converter: what artefacts spoil.
 * Samples of channel c at index i are of the time `second` + i / rate.
 */
export const RATES_HZ = {
  ecg: 250,
  ecgI: 250,
  pleth: 125,
  red: 125,
  infrared: 125,
  resp: 25,
  abp: 125,
  skin: 1,
} as const;
export type SecondChannel = keyof typeof RATES_HZ;

/** Lead III is no channel: it is II less I. */
export type SecondWaves = Readonly<Record<SecondChannel, Float64Array>>;

export const makeSecondWaves = (): SecondWaves => {
  const of = (channel: SecondChannel) => new Float64Array(RATES_HZ[channel]);
  return {
    ecg: of('ecg'),
    ecgI: of('ecgI'),
    pleth: of('pleth'),
    red: of('red'),
    infrared: of('infrared'),
    resp: of('resp'),
    abp: of('abp'),
    skin: of('skin'),
  };
};

/** Of the samples at `rateHz` in the second from `secondMs`, those whose time lies in [fromMs, toMs). */
export function rangeIn(
  secondMs: number,
  fromMs: number,
  toMs: number,
  rateHz: number,
): readonly [from: number, to: number] {
  const index = (atMs: number): number =>
    Math.min(rateHz, Math.max(0, Math.ceil(((atMs - secondMs) * rateHz) / 1000)));
  return [index(fromMs), index(toMs)];
}
