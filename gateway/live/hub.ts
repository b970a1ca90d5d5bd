/**
 * The live hub: what ingest, broker and registry tell of the ward, as the events of `feed.ts`.
 *
 * A page that connects gets the ward, every bed's numbers and its latest notices at once, then what
 * happens. Numbers of one bed go out at most once a second; a bed that changed in between is told
 * with the next beat.
 */
import type { Frame, WireErrorCode } from '@vitalshare/edge/wire';
import type { RefusalReason } from '../broker/refusal.ts';
import { endMsOf, type Placed, type PlacedSegment } from '../ingest/place.ts';
import { LIVE_BEAT_MS, LIVE_TRACE_AGE_MS_MAX } from '../limits.ts';
import type { NodeEntry } from '../registry/entry.ts';
import { Audience, eventText, type LivePage } from './audience.ts';
import { type Bed, Beds, type NodeState } from './beds.ts';
import type {
  LiveAlarms,
  LiveNews2,
  LiveNotice,
  LiveNumber,
  LiveNumbers,
  LiveWave,
} from './feed.ts';
import type { Fault } from './sensors/faults.ts';
import { SensorErrors } from './sensors/sensor-errors.ts';
import { type ExpectedNode, Silence } from './silence.ts';
import type { SteadyClock } from './steady-clock.ts';
import { faultText, refusalText, silenceText, statusText } from './words.ts';

type BedEvent = LiveAlarms | LiveNews2 | LiveNotice | LiveNumbers | LiveWave;

/** Who else is told of the ward: its alarms. Times are the wall's. */
export interface HubListener {
  frame(entry: NodeEntry, frame: Frame, placed: Placed, arrivedMs: number): void;
  /** `untilMs` is undefined while it lasts. */
  silent(entry: NodeEntry, sinceMs: number, untilMs: number | undefined): void;
  fault(bed: string, fault: Fault, untilMs: number | undefined): void;
  /** What to remember of a node that is expected to speak; undefined: nobody waits for it. */
  expected(node: string, expected: ExpectedNode | undefined): void;
  /** The node left its bed. */
  left(node: string, bed: string): void;
  /** What a page that connects is to know. */
  events(): Iterable<readonly [name: string, event: object]>;
}

export class Hub {
  readonly beds = new Beds();
  readonly audience = new Audience();
  readonly sensors = new SensorErrors((bed, fault, untilMs) => {
    this.#listener?.fault(bed, fault, untilMs);
    this.send('notice', faultNotice(bed, fault, untilMs));
  });
  readonly #silence = new Silence({
    told: (node, since, until) => this.#silent(node, since, until),
    noted: (node, expected) => this.#listener?.expected(node, expected && this.#onWall(expected)),
  });
  readonly #clock: SteadyClock;
  readonly #listener: HubListener | undefined;
  /** Told with the next beat, whatever happens until then: a ward that comes back changes 4,096 times. */
  #wardChanged = false;
  /** The beds of the ward last told. */
  #bedsTold: ReadonlySet<string> = new Set();

  constructor(clock: SteadyClock, listener?: HubListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  get nowMs(): number {
    return this.#clock.wallMs();
  }

  /** Nodes that say nothing while they should, and since when. */
  *silent(): Iterable<{ readonly node: string; readonly sinceMs: number }> {
    for (const { node, sinceMs } of this.#silence.lasting()) {
      yield { node, sinceMs: this.#clock.wallOf(sinceMs) };
    }
  }

  /** The gateway before this one expected the node to speak. */
  expect(node: string, expected: ExpectedNode): void {
    if (!this.beds.nodes.has(node)) return;
    const { nowMs, wallMs } = this.#clock;
    const { silentSinceMs } = expected;
    const since = silentSinceMs === undefined ? undefined : nowMs - (wallMs() - silentSinceMs);
    this.#silence.expect(
      node,
      { ...expected, ...(since !== undefined && { silentSinceMs: since }) },
      nowMs,
    );
  }

  /** Called every `LIVE_BEAT_MS`. */
  beat(): void {
    const gatewayTimeMs = this.nowMs;
    this.#silence.tick(this.#clock.nowMs);
    if (this.#wardChanged) this.#tellWard();
    for (const bed of this.beds.all) if (bed.untold) this.#tell(bed, gatewayTimeMs);
    this.audience.send('clock', { gatewayTimeMs });
  }

  /** False where too many watch already. */
  watch(page: LivePage): boolean {
    if (!this.audience.add(page)) return false;
    if (this.#wardChanged) this.#tellWard();
    else page.write(eventText('ward', this.#ward()));
    for (const { bed, numbers, notices } of this.beds.all) {
      if (numbers.size > 0)
        page.write(eventText('numbers', { bed, numbers: [...numbers.values()] }));
      for (const notice of notices) page.write(eventText('notice', notice));
    }
    for (const { bed, fault } of this.sensors.lasting()) {
      page.write(eventText('notice', faultNotice(bed, fault, undefined)));
    }
    for (const { node, sinceMs } of this.silent()) {
      const state = this.beds.nodes.get(node);
      if (state === undefined) continue;
      page.write(eventText('notice', silenceNotice(state, sinceMs, undefined)));
    }
    for (const [name, event] of this.#listener?.events() ?? []) page.write(eventText(name, event));
    page.write(eventText('clock', { gatewayTimeMs: this.nowMs }));
    return true;
  }

  enter(entry: NodeEntry): void {
    const stay = this.beds.nodes.get(entry.node)?.entry.stay;
    const isMoved = stay !== undefined && stay !== entry.stay;
    // What was found at one bed is not said at another.
    if (isMoved) {
      this.sensors.leave(entry.node);
      this.#listener?.left(entry.node, stay);
    }
    if (this.beds.enter(entry)) this.#wardChanged = true;
    // … but that it says nothing is so wherever it is.
    const silence = isMoved
      ? [...this.#silence.lasting()].find(({ node }) => node === entry.node)
      : undefined;
    if (silence !== undefined) this.#silent(entry.node, silence.sinceMs, undefined);
  }

  leave(node: string): void {
    const bed = this.beds.nodes.get(node)?.entry.stay;
    this.sensors.leave(node);
    this.#silence.leave(node, this.#clock.nowMs);
    if (bed !== undefined) this.#listener?.left(node, bed);
    this.beds.leave(node);
    this.#wardChanged = true;
  }

  connected(node: string, is: boolean): void {
    const state = this.beds.nodes.get(node);
    if (state === undefined || state.connected === is) return;
    state.connected = is;
    if (is) this.sensors.connected(node);
    if (is) this.#silence.connected(node, this.#clock.nowMs);
    this.#wardChanged = true;
    const text = is ? `${node} is connected` : `${node} is not connected`;
    this.#notice(state.entry, is ? 'connected' : 'silent', text);
  }

  frame(entry: NodeEntry, frame: Frame, placed: Placed, arrivedMs: number): void {
    this.enter(entry);
    const state = this.beds.nodes.get(entry.node)!;
    const bed = this.beds.bed(entry.stay);
    state.lastFrameMs = arrivedMs;
    this.#silence.came(entry.node, frame.deviceTimeUs, this.#clock.nowMs);
    this.#listener?.frame(entry, frame, placed, arrivedMs);
    if (frame.status !== undefined) this.#status(state, frame.status);
    for (const event of placed.events) {
      this.#notice(entry, event.name, 'The nurse was called', event.atMs);
    }
    if (this.beds.read(bed, placed.columns)) {
      bed.untold = true;
      if (arrivedMs - bed.toldMs >= LIVE_BEAT_MS) this.#tell(bed, arrivedMs);
    }
    this.sensors.frame(entry.node, entry.stay, frame, placed, arrivedMs);
    for (const segment of placed.segments) {
      if (endMsOf(segment) < arrivedMs - LIVE_TRACE_AGE_MS_MAX) continue;
      if (this.audience.size > 0) this.send('wave', waveOf(entry.stay, segment));
    }
  }

  /** Readings of no sensor; those that are older than what is there change nothing. */
  entered(name: string, numbers: readonly LiveNumber[]): void {
    const bed = this.beds.bed(name);
    const newer = numbers.filter(
      ({ vital, second }) => !((bed.numbers.get(vital)?.second ?? -Infinity) > second),
    );
    for (const number of newer) bed.numbers.set(number.vital, number);
    if (newer.length > 0) this.#tell(bed, this.nowMs);
  }

  /** Refused by ingest or by the broker; counted at the node and shown at its bed. */
  refused(
    entry: NodeEntry,
    reason: RefusalReason | WireErrorCode | 'far-future',
    detail?: string,
  ): void {
    this.enter(entry);
    const { refused } = this.beds.nodes.get(entry.node)!;
    const before = refused.get(reason)?.count ?? 0;
    refused.set(reason, { count: before + 1, lastMs: this.nowMs });
    this.#notice(entry, 'refused', refusalText(entry.node, reason, detail));
  }

  #silent(node: string, since: number, until: number | undefined): void {
    const state = this.beds.nodes.get(node);
    if (state === undefined) return;
    const sinceMs = this.#clock.wallOf(since);
    const untilMs = until === undefined ? undefined : this.#clock.wallOf(until);
    this.#listener?.silent(state.entry, sinceMs, untilMs);
    this.send('notice', silenceNotice(state, sinceMs, untilMs));
  }

  #onWall(expected: ExpectedNode): ExpectedNode {
    const { silentSinceMs: since } = expected;
    return since === undefined
      ? expected
      : { ...expected, silentSinceMs: this.#clock.wallOf(since) };
  }

  #status(state: NodeState, status: NonNullable<Frame['status']>): void {
    const before = state.status === undefined ? undefined : statusText(state.entry, state.status);
    state.status = status;
    const text = statusText(state.entry, status);
    if (text !== before) this.#notice(state.entry, 'status', text);
  }

  #notice(entry: NodeEntry, kind: LiveNotice['kind'], text: string, atMs = this.nowMs): void {
    const notice = { bed: entry.stay, node: entry.node, atMs: Math.round(atMs), kind, text };
    this.beds.note(notice);
    this.send('notice', notice);
  }

  #tell(bed: Bed, nowMs: number): void {
    bed.untold = false;
    bed.toldMs = nowMs;
    this.send('numbers', { bed: bed.bed, numbers: [...bed.numbers.values()] });
  }

  /** What is told of a bed that no page has seen yet would be lost: the ward goes before it. */
  send(name: string, event: BedEvent): void {
    if (this.#wardChanged && !this.#bedsTold.has(event.bed)) this.#tellWard();
    this.audience.send(name, event);
  }

  #tellWard(): void {
    if (this.audience.size === 0) return;
    const ward = this.#ward();
    this.#wardChanged = false;
    this.#bedsTold = new Set(ward.beds.map(({ bed }) => bed));
    this.audience.send('ward', ward);
  }

  #ward() {
    return { gatewayTimeMs: this.nowMs, beds: this.beds.ward() };
  }
}

function faultNotice(bed: string, fault: Fault, untilMs: number | undefined): LiveNotice {
  const { node, channel, other, kind, sinceMs } = fault;
  const lasts = untilMs === undefined;
  const both = other === undefined ? channel : `${node}.${channel} ${other.node}.${other.channel}`;
  return {
    ...{ bed, node, atMs: untilMs ?? sinceMs, kind: 'sensor', text: faultText(fault, lasts) },
    sensor: { channel: both, error: kind, lasts },
  };
}

/** It lasts, since `atMs`; or it is over, which a page takes as the node's coming back. */
function silenceNotice(
  { entry: { node, stay } }: NodeState,
  sinceMs: number,
  untilMs: number | undefined,
): LiveNotice {
  const lasts = untilMs === undefined;
  const [kind, atMs] = lasts ? (['silent', sinceMs] as const) : (['connected', untilMs] as const);
  return { bed: stay, node, atMs, kind, text: silenceText(node, lasts), ...(lasts && { lasts }) };
}

function waveOf(bed: string, segment: PlacedSegment): LiveWave {
  const { samples } = segment;
  const bytes = Buffer.alloc(2 * samples.length);
  for (let i = 0; i < samples.length; i++) bytes.writeInt16LE(samples[i]!, 2 * i);
  return {
    bed,
    channel: segment.waveform.name,
    lead: segment.lead,
    unit: segment.unit,
    startUs: segment.startMicros,
    rateMilliHz: segment.rateMilliHz,
    gain: segment.gain,
    baseline: segment.baseline,
    quality: segment.quality,
    leadOff: segment.leadOff,
    samples: bytes.toString('base64'),
  };
}
