/**
 * Finds the faulty node: every live reading of the ward under the classifiers of edge/signals/errors.
 *
 *   frame ─► per node and channel: NumberChannel, WaveChannel ─► Faults of the node ─┐
 *       └──► per bed: BedRates, heart rate against pulse rate ─► Faults of the bed ──┴─► told
 *
 * Time is the readings' own. A frame closed more than LIVE_TRACE_AGE_MS_MAX before it came is from a
 * node's memory and is not judged; nothing is changed, and nothing refused, because of what is found.
 * What is kept goes when its node leaves, and is bounded while it stays.
 */
import { STREAM_ERRORS, type StreamErrorKind } from '@vitalshare/edge/signals';
import type { Frame } from '@vitalshare/edge/wire';
import type { Placed } from '../../ingest/place.ts';
import { LIVE_TRACE_AGE_MS_MAX, SENSOR_CHANNELS_MAX } from '../../limits.ts';
import { BedRates, isRate } from './bed-rates.ts';
import { isJudged, isJudgedWave, NumberChannel, WaveChannel } from './channels.ts';
import { type Fault, Faults } from './faults.ts';

/** `untilMs` is undefined while the fault lasts. */
export type TellSensor = (bed: string, fault: Fault, untilMs: number | undefined) => void;

interface Node {
  readonly bed: string;
  readonly faults: Faults;
  readonly numbers: Map<string, NumberChannel>;
  readonly waves: Map<string, WaveChannel>;
  /** The newest time of its own it spoke of. */
  nowUs: number;
  /** It was away: no channel is silent since. */
  isBack: boolean;
}

export class SensorErrors {
  readonly #tell: TellSensor;
  readonly #nodes = new Map<string, Node>();
  readonly #beds = new Map<string, BedRates>();
  /** Faults that began, by kind. */
  readonly counts = Object.fromEntries(STREAM_ERRORS.map((kind) => [kind, 0])) as Record<
    StreamErrorKind,
    number
  >;

  constructor(tell: TellSensor) {
    this.#tell = tell;
  }

  /** What lasts now, with the bed it is told at. */
  *lasting(): Iterable<{ readonly bed: string; readonly fault: Fault }> {
    for (const { bed, faults } of this.#nodes.values()) {
      for (const fault of faults.lasting()) yield { bed, fault };
    }
    for (const [bed, { faults }] of this.#beds) {
      for (const fault of faults.lasting()) yield { bed, fault };
    }
  }

  frame(node: string, bed: string, frame: Frame, placed: Placed, arrivedMs: number): void {
    const closedMs = placed.anchorMs + frame.deviceTimeUs / 1000;
    if (closedMs < arrivedMs - LIVE_TRACE_AGE_MS_MAX) return;
    const state = this.#node(node, bed);
    this.#advance(state, 1000 * closedMs);
    this.#columns(node, state, frame, placed.anchorMs);
    this.#segments(node, state, placed);
    for (const channel of channelsOf(state)) channel.tick(state.nowUs);
    state.faults.settle(state.nowUs);
    this.#beds.get(bed)?.settle(state.nowUs);
  }

  connected(node: string): void {
    const state = this.#nodes.get(node);
    if (state !== undefined) state.isBack = true;
  }

  leave(node: string): void {
    const state = this.#nodes.get(node);
    if (state === undefined) return;
    this.#nodes.delete(node);
    state.faults.drop(() => true, state.nowUs);
    const rates = this.#beds.get(state.bed);
    rates?.leave(node, state.nowUs);
    if (rates?.isEmpty === true) this.#beds.delete(state.bed);
  }

  #node(node: string, bed: string): Node {
    const known = this.#nodes.get(node);
    if (known !== undefined) return known;
    const faults = new Faults((fault, untilMs) => this.#told(bed, fault, untilMs));
    const state: Node = {
      ...{ bed, faults, numbers: new Map(), waves: new Map() },
      ...{ nowUs: -Infinity, isBack: false },
    };
    this.#nodes.set(node, state);
    return state;
  }

  #rates(bed: string): BedRates {
    const known = this.#beds.get(bed);
    if (known !== undefined) return known;
    const rates = new BedRates((fault, untilMs) => this.#told(bed, fault, untilMs));
    this.#beds.set(bed, rates);
    return rates;
  }

  #told(bed: string, fault: Fault, untilMs: number | undefined): void {
    if (untilMs === undefined) this.counts[fault.kind] += 1;
    this.#tell(bed, fault, untilMs);
  }

  #advance(state: Node, nowUs: number): void {
    if (nowUs <= state.nowUs) return;
    if (state.isBack || nowUs - state.nowUs > 1000 * LIVE_TRACE_AGE_MS_MAX) {
      for (const channel of channelsOf(state)) channel.resume(nowUs);
    }
    state.isBack = false;
    state.nowUs = nowUs;
  }

  /** As the node sent them: what is out of range has no place in a row, and is what is looked for. */
  #columns(node: string, state: Node, frame: Frame, anchorMs: number): void {
    const anchorSecond = Math.floor(anchorMs / 1000);
    for (const column of frame.columns) {
      if (!isJudged(column)) continue;
      const { name } = column.vital;
      const place = { node, channel: name };
      const channel = channelOf(state, state.numbers, name, () => {
        return new NumberChannel((error) => state.faults.note(place, error));
      });
      channel?.take(column, anchorSecond, state.nowUs, {
        read: (second, value) => {
          if (isRate(name)) this.#rates(state.bed).read(node, name, second, value);
        },
        anew: () => state.faults.drop((fault) => fault.channel === name, state.nowUs),
      });
    }
  }

  #segments(node: string, state: Node, placed: Placed): void {
    for (const segment of placed.segments) {
      if (!isJudgedWave(segment)) continue;
      const { waveform, lead } = segment;
      const name = lead === '' ? waveform.name : `${waveform.name}.${lead}`;
      const place = { node, channel: name };
      const channel = channelOf(state, state.waves, name, () => {
        return new WaveChannel(segment, (error) => state.faults.note(place, error));
      });
      channel?.take(segment, state.nowUs);
    }
  }
}

function* channelsOf({ numbers, waves }: Node): Iterable<NumberChannel | WaveChannel> {
  yield* numbers.values();
  yield* waves.values();
}

/** Undefined where the node has too many already. */
function channelOf<T>(
  { numbers, waves }: Node,
  channels: Map<string, T>,
  name: string,
  make: () => T,
): T | undefined {
  const known = channels.get(name);
  if (known !== undefined) return known;
  if (numbers.size + waves.size >= SENSOR_CHANNELS_MAX) return undefined;
  const made = make();
  channels.set(name, made);
  return made;
}
