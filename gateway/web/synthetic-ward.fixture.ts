/**
 * A ward for the page's tests: the real hub behind the real HTTP server, told once a second what
 * beds with simple shapes would measure. Its clock can jump, its voice can be taken away.
 */
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { findWaveform } from '@vitalshare/edge/vital';
import type { WaveformSegment } from '@vitalshare/edge/wire';
import type { Alarm } from '@vitalshare/edge/alarms';
import { wardAlarms } from '../alarms/quiet-ward.fixture.ts';
import { makeHttp } from '../http.ts';
import { CountedCells } from '../ingest/counted-cells.ts';
import { Observations } from '../observations/observations.ts';
import { placeFrame } from '../ingest/place.ts';
import type { LivePage } from '../live/audience.ts';
import type { LiveAlarms, LiveNews2, LiveNotice, LiveNumber } from '../live/feed.ts';
import { Hub } from '../live/hub.ts';
import { SteadyClock } from '../live/steady-clock.ts';
import { SignedHeads } from '../log/signed-heads.ts';
import { Metrics } from '../operations/metrics.ts';
import { pageOf } from '../page.ts';
import type { NodeEntry } from '../registry/entry.ts';

export interface SyntheticBed {
  readonly numbers?: Readonly<Record<string, readonly [value: number, quality: number]>>;
  readonly channel?: 'ecg' | 'pleth' | 'none';
  readonly leadOff?: boolean;
  readonly ecgMillivolts?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

const NUMBERS = {
  'heart-rate': [72.4, 4],
  'pulse-rate': [72, 4],
  spo2: [97.2, 4],
  'respiratory-rate': [14, 255],
  'body-temperature': [36.7, 4],
  'systolic-pressure': [128, 4],
  'diastolic-pressure': [74, 4],
} as const;
const RATE_HZ = 250;

/** A hub that can be struck dumb: it takes new listeners and tells them nothing. */
class MutableHub extends Hub {
  readonly #isMute: () => boolean;

  constructor(clock: () => number, isMute: () => boolean) {
    super(new SteadyClock(clock));
    this.#isMute = isMute;
  }

  override watch(page: LivePage): boolean {
    return this.#isMute() ? this.audience.add(page) : super.watch(page);
  }
}

export class SyntheticWard {
  origin = '';
  readonly #beds: ReadonlyMap<string, SyntheticBed>;
  readonly #entries = new Map<string, NodeEntry>();
  readonly #page = pageOf(fileURLToPath(new URL('.', import.meta.url)));
  readonly #timer: NodeJS.Timeout;
  #aheadMs = 0;
  #hub = this.#newHub();
  #http: FastifyInstance | null = null;
  #port = 0;
  #running: ReadonlySet<string> = new Set();
  #mute = false;
  #still: ReadonlySet<string> = new Set();

  constructor(beds: Readonly<Record<string, SyntheticBed>>) {
    this.#beds = new Map(Object.entries(beds));
    this.#timer = setInterval(() => this.#beat(), 1_000);
  }

  get nowMs(): number {
    return Date.now() + this.#aheadMs;
  }

  async listen(): Promise<string> {
    this.#hub = this.#newHub();
    for (const [bed, { labels = {} }] of this.#beds) {
      const key = new Uint8Array(32);
      const entry = {
        ...{ node: bed, id: 1n, passwordHash: key, keyEpoch: 1, upKey: key, downKey: key },
        ...{ labels, stay: bed, tag: bed, admitted: true, revoked: false },
      };
      this.#entries.set(bed, entry);
      this.#hub.enter(entry);
      this.#hub.connected(bed, true);
    }
    const hub = this.#hub;
    const { alarms } = await wardAlarms(new SteadyClock(() => this.nowMs), () => undefined);
    const frames = { known: () => undefined, append: () => Promise.resolve(1) };
    const clock = (): number => this.nowMs;
    const observations = new Observations({
      alarms,
      frames,
      hub,
      clock,
      cells: new CountedCells(),
    });
    this.#http = makeHttp({
      ward: { alarms, observations, clock },
      ...{ hub, logs: new Map(), status: () => ({}), page: this.#page },
      failed: () => undefined,
      heads: new SignedHeads('', { clock: () => this.nowMs, sign: () => new Uint8Array(64) }),
      ...{ missing: () => [], metrics: new Metrics(() => performance.now()) },
      sleep: () => Promise.resolve(),
    });
    this.origin = await this.#http.listen({ host: '127.0.0.1', port: this.#port });
    this.#port = Number(new URL(this.origin).port);
    return this.origin;
  }

  /** These beds measure from now on, the others do not. */
  run(beds: readonly string[]): void {
    this.#running = new Set(beds);
    this.#mute = false;
    this.#beat();
  }

  /** The converters of these beds are stuck from now on, those of the others are not. */
  stick(beds: readonly string[]): void {
    this.#still = new Set(beds);
  }

  /** The sockets stay open and say nothing. */
  mute(): void {
    this.#mute = true;
  }

  /** The gateway's clock goes on by so much at once: what it has grows old. */
  skip(ms: number): void {
    this.#aheadMs += ms;
    this.#beat();
  }

  notice(bed: string, kind: LiveNotice['kind'], text: string): void {
    const notice: LiveNotice = { bed, node: bed, atMs: this.nowMs, kind, text };
    this.#hub.audience.send('notice', notice);
  }

  /** What stands at a bed, as the gateway would tell it. */
  alarms(bed: string, alarms: readonly Alarm[], more: Partial<LiveAlarms> = {}): void {
    const nothing = { sounds: null, audioPause: null, off: [], standby: null };
    this.#hub.send('alarms', { bed, alarms, ...nothing, ...more });
  }

  news2(bed: string, news2: LiveNews2['news2']): void {
    this.#hub.send('news2', { bed, news2 });
  }

  async stop(): Promise<void> {
    this.#hub.audience.close();
    await this.#http?.close();
    this.#http = null;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.stop();
  }

  #newHub(): Hub {
    return new MutableHub(
      () => this.nowMs,
      () => this.#mute,
    );
  }

  #beat(): void {
    if (this.#mute) return;
    const second = Math.floor(this.nowMs / 1000) - 1;
    for (const [bed, shape] of this.#beds) {
      if (!this.#running.has(bed)) continue;
      const numbers: LiveNumber[] = Object.entries({ ...NUMBERS, ...shape.numbers })
        .filter(([, [value]]) => Number.isFinite(value))
        .map(([vital, [value, quality]]) => ({ vital, value, second, quality }));
      this.#hub.audience.send('numbers', { bed, numbers });
      const { channel = 'ecg' } = shape;
      if (channel === 'none') continue;
      const segment = segmentOf(channel, shape, second);
      if (this.#still.has(bed)) segment.samples.fill(0);
      const deviceTimeUs = 1e6 * (second + 1);
      const frame = { deviceTimeUs, columns: [], segments: [segment], events: [] };
      this.#hub.frame(this.#entries.get(bed)!, frame, placeFrame(frame, 0), this.nowMs);
    }
    this.#hub.beat();
  }
}

/** One second: a bump a beat. */
function segmentOf(
  channel: 'ecg' | 'pleth',
  { numbers, leadOff = false, ecgMillivolts = 1 }: SyntheticBed,
  second: number,
): WaveformSegment {
  const beatS = 60 / (numbers?.['pulse-rate']?.[0] ?? NUMBERS['pulse-rate'][0]);
  const at = channel === 'ecg' ? ecgAt : plethAt;
  const samples = Int16Array.from({ length: RATE_HZ }, (_, i) => {
    const t = second + i / RATE_HZ;
    return Math.round(200 * ecgMillivolts * at((t % beatS) / beatS));
  });
  const isEcg = channel === 'ecg';
  return {
    ...{ waveform: findWaveform(channel)!, lead: isEcg ? 'II' : '', unit: isEcg ? 'mV' : '1' },
    ...{ startUs: second * 1e6, rateMilliHz: RATE_HZ * 1000, gain: 200, baseline: 0 },
    ...{ quality: 4, leadOff, saturated: false, samples },
  };
}

const bump = (phase: number, at: number, width: number): number =>
  Math.exp(-(((phase - at) / width) ** 2));
const ecgAt = (phase: number): number =>
  0.12 * bump(phase, 0.2, 0.035) -
  0.1 * bump(phase, 0.345, 0.01) +
  1.05 * bump(phase, 0.37, 0.012) -
  0.2 * bump(phase, 0.395, 0.012) +
  0.28 * bump(phase, 0.62, 0.06);
const plethAt = (phase: number): number => bump(phase, 0.25, 0.11) + 0.45 * bump(phase, 0.52, 0.14);
