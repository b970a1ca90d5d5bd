/**
 * What the gateway tells a ward page over `GET /live` (Server-Sent Events, one JSON object an event).
 * Types only: the hub writes them, the page reads them.
 *
 *   event: ward     once on connect and whenever a bed comes, goes or is relabelled
 *   event: numbers  at most once a second per bed: the newest reading of each vital sign
 *   event: wave     every waveform segment as it arrives; left out for a client that reads too slowly
 *   event: notice   something to show at a bed: refused frames, lead off, nurse call, node gone or back,
 *                   what is wrong with a sensor and when it no longer is
 *   event: alarms   of one bed, whenever they change: what stands, what is paused, off or in standby
 *   event: news2    of one bed, whenever it changes
 *   event: clock    once a second: the gateway is alive, and what time it has
 */
import type {
  Alarm,
  AlarmOff,
  AudioPause,
  BedNews2,
  Priority,
  Standby,
} from '@vitalshare/edge/alarms';
import type { StreamErrorKind } from '@vitalshare/edge/signals';

export interface LiveBed {
  /** The stay's name. */
  readonly bed: string;
  readonly nodes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly connected: boolean;
}

export interface LiveWard {
  readonly gatewayTimeMs: number;
  readonly beds: readonly LiveBed[];
}

export interface LiveNumber {
  /** Name in edge/vital. */
  readonly vital: string;
  /** In the vital sign's unit. */
  readonly value: number;
  /** UTC second of the reading. */
  readonly second: number;
  /** 0 to 4 bars, 255 not known. */
  readonly quality: number;
  /** Who entered it, where no sensor measured it. */
  readonly enteredBy?: string;
}

export interface LiveNumbers {
  readonly bed: string;
  readonly numbers: readonly LiveNumber[];
}

export interface LiveWave {
  readonly bed: string;
  readonly channel: string;
  readonly lead: string;
  readonly unit: string;
  /** UTC, microseconds, of the first sample. */
  readonly startUs: number;
  readonly rateMilliHz: number;
  readonly gain: number;
  readonly baseline: number;
  readonly quality: number;
  readonly leadOff: boolean;
  /** i16 little-endian, base64; −32768 is missing. */
  readonly samples: string;
}

export interface LiveNotice {
  readonly bed: string;
  readonly node: string;
  readonly atMs: number;
  readonly kind: 'refused' | 'nurse-call' | 'connected' | 'silent' | 'status' | 'sensor';
  /** One short sentence for the bed. */
  readonly text: string;
  /** With kind `silent`: it has sent nothing since `atMs`, told to every page that connects. */
  readonly lasts?: true;
  /** With kind `sensor`. What lasts is told to every page that connects; what ended is told once. */
  readonly sensor?: LiveSensor;
}

export interface LiveSensor {
  /** `ecg.II`, `heart-rate`; of two that disagree both, each with its node. */
  readonly channel: string;
  readonly error: StreamErrorKind;
  /** True: since `atMs`. False: until `atMs`. */
  readonly lasts: boolean;
}

export interface LiveAlarms {
  readonly bed: string;
  /** Highest priority first, then the newest. */
  readonly alarms: readonly Alarm[];
  /** The highest that is to be heard now. */
  readonly sounds: Priority | null;
  readonly audioPause: AudioPause | null;
  readonly off: readonly AlarmOff[];
  readonly standby: LiveStandby | null;
}

export interface LiveStandby extends Standby {
  /** Then the bed is watched again. */
  readonly untilMs: number;
}

export interface LiveNews2 {
  readonly bed: string;
  /** Null: it is not made for this patient. */
  readonly news2: BedNews2 | null;
}

export interface LiveClock {
  readonly gatewayTimeMs: number;
}
