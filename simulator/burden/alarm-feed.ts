/**
 * What a bed's alarms are told in a second of virtual time, as a gateway tells them: the numbers of the
 * bed's detectors, its rhythm, its sensors, its node; and the one nurse of this ward.
 *
 *   numbers    each with its bars; without one, with the reason
 *   off        lead-off, no-finger, probe-off as the segments say
 *   status     battery and link, every 10 s
 *   silent     nothing of it is told; after SILENT_S the gateway says so
 *   nurse      acknowledges what has sounded for NURSE_S
 */
import {
  BATTERY_EMPTY_PERCENT,
  BATTERY_LOW_PERCENT,
  type BedAlarms,
  LINK_WEAK_DBM,
  type Problem,
} from '@vitalshare/edge/alarms';
import { RHYTHMS } from '@vitalshare/edge/vital';
import type { BodySlice } from '../bodies/bodies.ts';
import { NURSE_S } from '../limits.ts';
import type { NodeState } from '../scenarios/node-state.ts';
import type { PlannedObservation } from '../scenarios/scenario.ts';
import type { BedSlice } from '../world/bed-signals.ts';

const NODE = 'bed';
const STATUS_S = 10;
/** The shortest silence a gateway speaks of. */
const SILENT_S = 10;
const OFF_PROBLEM: Readonly<Record<string, Problem>> = {
  ecg: 'lead-off',
  pleth: 'no-finger',
  'skin-probe': 'probe-off',
};

export class AlarmFeed {
  readonly #alarms: BedAlarms;
  #silentSinceS: number | undefined;
  readonly #soundsSinceS = new Map<number, number>();

  constructor(alarms: BedAlarms) {
    this.#alarms = alarms;
  }

  /** Second `second` is over; `nowMs` is its end. */
  second(
    second: number,
    nowMs: number,
    told: BedSlice & Pick<BodySlice, 'readings'>,
    node: NodeState,
  ): void {
    this.#alarms.tick(nowMs);
    this.#silence(second, node.isSilent);
    if (!node.isSilent) {
      this.#numbers(told, nowMs);
      this.#sensors(told);
      if (second % STATUS_S === 0) this.#status(node);
    }
    this.#nurse(second, nowMs);
  }

  observe({ vital, value, by }: PlannedObservation, nowMs: number): void {
    this.#alarms.observation({ vital, value, atMs: nowMs, by }, nowMs);
  }

  #numbers({ numbers, readings }: BedSlice & Pick<BodySlice, 'readings'>, nowMs: number): void {
    for (const { vital, estimate } of numbers) {
      const { value, bars } = estimate;
      if (vital === 'rhythm') {
        this.#alarms.rhythm(value === null ? null : (RHYTHMS[value] ?? null), nowMs);
      } else if (value === null) {
        this.#alarms.number(vital, null, nowMs, bars, estimate.reason);
      } else this.#alarms.number(vital, value, nowMs, bars);
    }
    for (const { vital, value } of readings) {
      this.#alarms.number(vital.name, value, nowMs, QUALITY_OWN);
    }
  }

  #sensors({ segments }: BedSlice): void {
    for (const { waveform, leadOff } of segments) {
      const problem = OFF_PROBLEM[waveform.name];
      if (problem !== undefined) this.#tell(problem, leadOff, `${NODE} ${waveform.name}`);
    }
  }

  #status({ batteryPercent, linkDbm }: NodeState): void {
    const isEmpty = batteryPercent <= BATTERY_EMPTY_PERCENT;
    this.#tell('battery-empty', isEmpty);
    this.#tell('battery-low', !isEmpty && batteryPercent <= BATTERY_LOW_PERCENT);
    this.#tell('link-weak', linkDbm < LINK_WEAK_DBM);
  }

  #silence(second: number, isSilent: boolean): void {
    if (!isSilent) this.#silentSinceS = undefined;
    else this.#silentSinceS ??= second;
    const sinceS = this.#silentSinceS;
    const vitals = ['heart-rate', 'spo2', 'respiratory-rate'];
    const lasts = sinceS !== undefined && second - sinceS >= SILENT_S;
    this.#alarms.technical({ problem: 'silent', source: NODE, vitals }, lasts);
  }

  #nurse(second: number, nowMs: number): void {
    for (const { id, isAudible } of this.#alarms.alarms) {
      const sinceS = this.#soundsSinceS.get(id);
      if (!isAudible) this.#soundsSinceS.delete(id);
      else if (sinceS === undefined) this.#soundsSinceS.set(id, second);
      else if (second - sinceS >= NURSE_S) this.#alarms.acknowledge(id, 'nurse', nowMs);
    }
  }

  #tell(problem: Problem, lasts: boolean, source = NODE): void {
    this.#alarms.technical({ problem, source }, lasts);
  }
}

/** The sensor cannot tell. */
const QUALITY_OWN = 255;
