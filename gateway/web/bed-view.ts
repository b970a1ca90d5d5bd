/**
 * What a bed's tile says now, as plain words and states: a pure function of the bed, the gateway's
 * time and whether the feed is live. The painting is in `bed-tile.ts`.
 *
 *   tile    waiting → live → ageing (3 s) → stale (10 s) → silent (30 s);  lost while the feed is
 *   number  has the age of its own reading, so one silent sensor shows in one place
 */
import { formatAge, formatClock } from '@vitalshare/cloud-sink/drawing';
import { stateOfAge, type AgeState } from './ages.ts';
import {
  alarmOf,
  type AlarmView,
  news2Of,
  type News2View,
  offOf,
  standbyOf,
} from './alarm-view.ts';
import type { Bed } from './bed.ts';
import { noticeOf, statusOf } from './bed-notice.ts';
import { numbersOf, type NumberView } from './number-view.ts';
import { rhythmOf, variabilityOf } from './rhythm-view.ts';
import { spotsOf, type SpotView } from './spot-view.ts';
import type { Trace } from './trace.ts';
import { words } from './words.ts';

export interface BedView {
  readonly state: 'waiting' | AgeState | 'lost';
  readonly name: string;
  /** The stay's labels, without their keys. */
  readonly meta: string;
  /** A technical condition of this bed, with how long it lasts. */
  readonly pill: { readonly text: string; readonly age: string } | null;
  /** The highest alarm; in the place of the pill and of all else in the strip. */
  readonly alarm: AlarmView | null;
  readonly news2: News2View | null;
  /** The patient is away: why, by whom, until when; nothing where not. */
  readonly standby: string;
  readonly notice: string;
  /** How its devices are; shown on request. */
  readonly status: string;
  readonly trace: TraceView;
  /** Flags of the ECG's rhythm that stand; nothing where none does. */
  readonly rhythm: string;
  readonly variability: string;
  readonly numbers: readonly NumberView[];
  /** The last values in one line, for a silent bed where there is no room for more. */
  readonly lastLine: string;
  readonly spots: readonly SpotView[];
  /** `live`, or how it is not. */
  readonly foot: string;
  /** What a list says under the name: nothing while all is live. */
  readonly remark: string;
  readonly spoken: string;
}

export interface TraceView {
  readonly trace: Trace | null;
  readonly hue: 'ecg' | 'pleth';
  readonly label: string;
  /** Why there is no trace; `null` while there is one. */
  readonly hatch: string | null;
}

export interface Moment {
  readonly nowMs: number;
  /** When the feed was last heard, if it is lost. */
  readonly lostMs: number | null;
  readonly zone?: string | undefined;
}

export function viewOf(bed: Bed, moment: Moment): BedView {
  const { nowMs, lostMs } = moment;
  const { dataMs, announced } = bed;
  const clock = (ms: number) => formatClock(ms, { nowMs, zone: moment.zone });
  const waiting = dataMs === -Infinity;
  // A bed that was silent before the feed was lost stays a silent bed.
  const ofData = stateOfAge((lostMs ?? nowMs) - dataMs);
  const ofFeed = lostMs !== null && ofData !== 'silent' ? 'lost' : ofData;
  const state: BedView['state'] = waiting ? 'waiting' : ofFeed;
  const age = waiting ? '' : bare(formatAge(nowMs - dataMs) ?? words.since(clock(dataMs)));
  const leadOff = isLeadOff(bed, nowMs);
  const quiet = state === 'silent' || state === 'waiting';
  const numbers = numbersOf(bed, { ...moment, quiet, leadOff, clock });
  const lasts = numbers.filter(({ last }) => last !== '');
  const foot = waiting ? linkOf(bed) : footOf(state, age);
  const view = {
    state,
    name: announced.bed,
    meta: metaOf(announced.labels),
    pill: pillOf(bed, state, age, leadOff),
    alarm: alarmOf(bed, nowMs, clock),
    news2: news2Of(bed),
    standby: standbyOf(bed, clock),
    notice: offOf(bed, clock) || noticeOf(bed, nowMs, state, clock),
    status: statusOf(bed),
    trace: traceOf(bed, moment, state, leadOff, clock),
    rhythm: rhythmOf(bed, moment),
    variability: variabilityOf(bed, moment),
    numbers,
    lastLine:
      state === 'silent' && lasts.length > 0
        ? words.lastLine(lasts.map(({ last }) => last).join(', '), clock(dataMs))
        : '',
    spots: spotsOf(bed, { nowMs, clock, shown: numbers }),
    foot,
    remark: state === 'live' ? remarksOf(numbers) : foot,
  };
  return { ...view, spoken: spokenOf(view) };
}

/** An electrode is off as long as the ECG says so and still comes. */
function isLeadOff(bed: Bed, nowMs: number): boolean {
  const ecg = bed.traces.get('ecg');
  return ecg?.leadOff === true && stateOfAge(nowMs - ecg.dataMs) !== 'silent';
}

function footOf(state: BedView['state'], age: string): string {
  if (state === 'live') return words.tileLive;
  return state === 'lost' ? words.notLive : words.notLiveFor(age);
}

/** Nothing has come yet: is there at least somebody who could send it? */
const linkOf = (bed: Bed): string =>
  bed.announced.connected ? words.connected : words.notConnected;

/** Beside "not live" or "silent" an age needs no "old". */
const bare = (age: string): string => age.replace(' old', '');

function pillOf(bed: Bed, state: BedView['state'], age: string, leadOff: boolean): BedView['pill'] {
  const { connected, nodes } = bed.announced;
  if (state === 'silent') {
    const word = connected ? words.sensorSilent : words.sensorGone;
    return { text: word(nodes.length), age };
  }
  return leadOff && state !== 'lost' ? { text: words.leadOff, age: '' } : null;
}

/** The ECG if there is one, else the pleth; a silent ECG gives way to a pleth that is not. */
function traceOf(
  bed: Bed,
  { nowMs, lostMs, zone }: Moment,
  state: BedView['state'],
  leadOff: boolean,
  clock: (ms: number) => string,
): TraceView {
  const ecg = bed.traces.get('ecg');
  const pleth = bed.traces.get('pleth');
  const isSilent = (trace: Trace | undefined) =>
    trace === undefined || stateOfAge((lostMs ?? nowMs) - trace.dataMs) === 'silent';
  const hue = ecg === undefined || (isSilent(ecg) && !isSilent(pleth)) ? 'pleth' : 'ecg';
  const trace = (hue === 'ecg' ? ecg : pleth) ?? null;
  const label = trace === null ? '' : `${words.channel[hue]} ${trace.lead}`.trim();
  const hatch = (): string | null => {
    const standby = standbyOf(bed, clock);
    if (standby !== '') return standby;
    if (lostMs !== null && state === 'lost') {
      return words.notLiveSince(formatClock(lostMs, { seconds: true, zone }));
    }
    if (state === 'waiting') return words.noReadings;
    if (trace === null) {
      return state === 'silent' ? words.noSignalSince(clock(bed.dataMs)) : words.noTrace;
    }
    if (leadOff && hue === 'ecg') return words.electrodeOff;
    const ageMs = nowMs - trace.dataMs;
    const age = stateOfAge(ageMs);
    if (age === 'silent') return words.noSignalSince(clock(trace.dataMs));
    return age === 'stale' ? words.noSignalFor(bare(formatAge(ageMs) ?? '')) : null;
  };
  return { trace, hue, label, hatch: hatch() };
}

/** The ward stands in the top bar; the other labels describe the stay. */
const metaOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .filter(([key]) => key !== 'ward')
    .map(([, value]) => value)
    .join(', ');

/** What a list has no labels for: a pulse in the place of the heart rate, an age, a poor signal. */
const remarksOf = (numbers: readonly NumberView[]): string =>
  numbers
    .map(({ label, age, remark }) => {
      const what = age === '' ? remark : age;
      if (what !== '') return words.ofNumber(label, what);
      return label === words.pulse ? label : '';
    })
    .filter((text) => text !== '')
    .join(', ');

/** One stop for a screen reader: who, what is wrong, how live, the numbers. */
function spokenOf(view: Omit<BedView, 'spoken'>): string {
  const alarm = view.alarm?.spoken ?? '';
  const condition =
    view.alarm !== null || view.pill === null ? '' : `${view.pill.text} ${view.pill.age}`.trim();
  const numbers = view.numbers.map(({ spoken }) => spoken);
  return [
    view.name,
    alarm,
    view.standby,
    condition,
    view.rhythm,
    view.notice,
    view.foot,
    ...numbers,
  ]
    .filter((x) => x !== '')
    .join(', ');
}
