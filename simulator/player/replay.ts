/**
 * Plays a recording to the ward as a node of it: on the recording's own timeline, paced or as fast as
 * the gateway settles, and exactly where an interrupted replay left off.
 */
import { UserError } from '@vitalshare/edge/command/node';
import type { Recording } from '@vitalshare/edge/formats';
import { Node, type Journal, type NodeCredential, type Time } from '@vitalshare/edge/loop';
import {
  FRAME_SPAN_MS_MAX,
  FRAME_SPAN_MS_MIN,
  FRAME_WAVE_BYTES_MAX,
  LIVE_LAG_MS_MAX,
} from '../limits.ts';
import { cutOf, frameOf, readingCount, sampleCount, type Cut } from './cut.ts';
import { playedBefore, ReplayJournal, unfinishedPlan, type Plan } from './progress.ts';
import type { ReadRecording } from './read-recording.ts';

export type Speed = number | 'max';

/** How long a frame spans: short at the bedside, long when hours are to arrive in seconds. */
export function spanOf(recording: Recording, speed: Speed): number {
  const bytesPerMs = recording.waveforms.reduce(
    (sum, w) => sum + (2 * w.sampleRateMilliHz) / 1e6,
    0,
  );
  const wanted =
    recording.waveforms.length === 0
      ? speed === 'max'
        ? FRAME_SPAN_MS_MAX
        : 1000 * Math.ceil(Math.min(speed, 60))
      : speed === 'max'
        ? 10_000
        : Math.min(100 * Math.max(1, speed), 10_000);
  const most = bytesPerMs > 0 ? FRAME_WAVE_BYTES_MAX / bytesPerMs : wanted;
  if (most < FRAME_SPAN_MS_MIN) {
    throw new UserError(
      `${recording.name} has ${Math.round(500 * bytesPerMs)} samples a second in all; a node carries at most ` +
        `${(500 * FRAME_WAVE_BYTES_MAX) / FRAME_SPAN_MS_MIN}.`,
    );
  }
  return Math.max(FRAME_SPAN_MS_MIN, Math.floor(Math.min(wanted, most)));
}

export interface ReplayOptions {
  readonly read: ReadRecording;
  readonly credential: NodeCredential;
  readonly folder: string;
  readonly journal: Journal;
  readonly startMs: number | undefined;
  readonly speed: Speed;
  /** Over what was played before. */
  readonly again: boolean;
  readonly time: Time;
  /** Connects the node; resolves once the broker has taken it. */
  readonly connect: (node: Node) => Promise<{ close(): Promise<void> }>;
  readonly progress: (placed: number, frames: number) => void;
}

export interface ReplayReport {
  readonly node: string;
  readonly frames: number;
  readonly readings: number;
  readonly waveformSamples: number;
  readonly from: string;
  readonly to: string;
}

/** Resolves when every frame is settled. Throws UserError where the gateway refused some for good. */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const { recording, digest } = options.read;
  const plan = planOf(options, recording, digest);
  const cut = cutOf(recording, plan.spanMs);
  const journal = await ReplayJournal.open(options.journal, options.folder, plan);
  const node = new Node({ credential: options.credential, journal, ...options.time });
  const connection = await options.connect(node);
  try {
    await offerAll(options, node, journal, cut, plan);
    await node.drained();
  } finally {
    await node.close();
    await connection.close();
  }
  journal.finish();
  const { refused } = node.counts;
  if (refused > 0) {
    throw new UserError(
      `the gateway refused ${refused} of ${cut.frameCount} frames for good; its page says why at ${options.credential.node}.`,
    );
  }
  return {
    node: options.credential.node,
    frames: cut.frameCount,
    readings: readingCount(recording),
    waveformSamples: sampleCount(recording),
    from: new Date(plan.startMs).toISOString(),
    to: new Date(plan.startMs + cut.durationMs).toISOString(),
  };
}

/** The plan of an interrupted replay of this recording, or a new one. */
function planOf(options: ReplayOptions, recording: Recording, digest: string): Plan {
  const unfinished = unfinishedPlan(options.folder);
  const { startMs, speed, time, credential } = options;
  if (unfinished) {
    const since = new Date(unfinished.startMs).toISOString();
    if (unfinished.recording !== digest) {
      throw new UserError(
        `${credential.node} is in the middle of another recording (from ${since}); finish that one first, or use another --node.`,
      );
    }
    if (startMs !== undefined && startMs !== unfinished.startMs) {
      throw new UserError(
        `${credential.node} is in the middle of this recording with --start ${since}; run it again without --start to finish it.`,
      );
    }
    return unfinished;
  }
  const spanMs = spanOf(recording, speed);
  const { durationMs } = cutOf(recording, spanMs);
  const nowMs = time.clock();
  // At the bedside's own pace it begins now, or the ward would see it as long past.
  const beganMs = speed === 1 ? nowMs : nowMs - durationMs;
  const start = startMs ?? 1000 * Math.floor(beganMs / 1000);
  const paceFactor = speed === 'max' ? Infinity : speed;
  if (start > nowMs || (paceFactor > 1 && start + durationMs > nowMs + 1000)) {
    throw new UserError(
      `a recording of ${Math.round(durationMs / 1000)} s from ${new Date(start).toISOString()} reaches into the future; choose an earlier --start.`,
    );
  }
  refuseOverlap(options, start, start + durationMs);
  return { recording: digest, startMs: start, spanMs, endMs: start + durationMs };
}

/** Two recordings on one stay at one time would be read as one patient's. */
function refuseOverlap(
  { folder, credential, again }: ReplayOptions,
  from: number,
  to: number,
): void {
  if (again) return;
  const before = playedBefore(folder).find((each) => each.startMs < to && each.endMs > from);
  if (before === undefined) return;
  const [start, end] = [before.startMs, before.endMs].map((ms) => new Date(ms).toISOString());
  throw new UserError(
    `${credential.node} has played a recording from ${start} to ${end}; this one would lie over it. Choose another --start or --node, or --again to play it all the same.`,
  );
}

/** What starts live stays live: the seconds that starting took are caught up. */
function beginOf(plan: Plan, first: number, speed: Speed, nowMs: number): number {
  const dueMs = plan.startMs + first * plan.spanMs;
  return speed === 1 && nowMs - dueMs < LIVE_LAG_MS_MAX ? Math.min(dueMs, nowMs) : nowMs;
}

/** What the bed is told of a node that is no sensor. */
const firmwareOf = ({ spo2Curve }: ReadRecording): string | undefined =>
  spo2Curve === undefined
    ? undefined
    : `vitalshare replay, SpO2 by curve ${spo2Curve}`.slice(0, 255);

async function offerAll(
  { read, speed, time, progress }: ReplayOptions,
  node: Node,
  journal: ReplayJournal,
  cut: Cut,
  plan: Plan,
): Promise<void> {
  const first = journal.nextPlace;
  const beganMs = beginOf(plan, first, speed, time.clock());
  for (let place = first; place < cut.frameCount; place++) {
    if (speed !== 'max') {
      const dueMs = beganMs + ((place + 1 - first) * cut.spanMs) / speed;
      const waitMs = dueMs - time.clock();
      if (waitMs > 0) await new Promise<void>((resolve) => time.setTimer(resolve, waitMs));
    }
    journal.nextPlace = place;
    const kept = await node.offer(
      frameOf(read.recording, cut, place, plan.startMs, firmwareOf(read)),
    );
    if (!kept) {
      throw new UserError(
        'the journal of this node could not keep a frame; is the disk full? Run the same command again to go on.',
      );
    }
    progress(place + 1, cut.frameCount);
  }
}
