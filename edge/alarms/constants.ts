/**
 * Every figure of the alarms, each with its source. A test asserts them as literals ("failure 16").
 *
 *   IEC    IEC 60601-1-8, tables on visual signals, bursts and pulses. The standard's text was not at
 *          hand; its figures were checked against four that quote it: an open generator of conforming
 *          sounds (pulses, spacings, bursts, rise time, harmonics), the TI DAC53701 data sheet
 *          (durations, pauses between bursts), PUI Audio's summary (150–1000 Hz, four harmonics up to
 *          4 kHz within 15 dB) and the Edan X8 manual (rates of flashing)
 *   look   the design of the ward's pages
 *   ours   chosen here; the standard leaves it to the maker or the hospital
 *
 * Limits of vital signs stand in `defaults.ts`: they are a patient's, not the alarm system's.
 */
import type { Priority } from './alarm.ts';
import type { LimitedVital } from './limits.ts';

type Span = readonly [min: number, max: number];

interface Signal {
  /** Pulses of one burst [IEC]. */
  readonly burstPulses: number;
  readonly pulseMs: { readonly standard: Span; readonly ours: number };
  /** From the end of a pulse to the start of the next: x of high, y of medium and low [IEC]. */
  readonly spacingMs: { readonly standard: Span; readonly ours: number };
  /** From burst to burst [IEC]. */
  readonly burstPauseMs: { readonly standard: Span; readonly ours: number };
  /** Null: it does not flash [IEC; ours is the look's]. */
  readonly flash: null | {
    readonly milliHz: { readonly standard: Span; readonly ours: number };
    readonly onPercent: { readonly standard: Span; readonly ours: number };
  };
  readonly marks: '***' | '**' | '*';
}

export const SIGNALS: Readonly<Record<Priority, Signal>> = {
  high: {
    burstPulses: 10,
    pulseMs: { standard: [75, 200], ours: 150 },
    spacingMs: { standard: [50, 125], ours: 95 },
    burstPauseMs: { standard: [2_500, 15_000], ours: 5_000 },
    flash: {
      milliHz: { standard: [1_400, 2_800], ours: 2_000 },
      onPercent: { standard: [20, 60], ours: 50 },
    },
    marks: '***',
  },
  medium: {
    burstPulses: 3,
    pulseMs: { standard: [125, 250], ours: 200 },
    spacingMs: { standard: [125, 250], ours: 190 },
    burstPauseMs: { standard: [2_500, 30_000], ours: 15_000 },
    flash: {
      milliHz: { standard: [400, 800], ours: 600 },
      onPercent: { standard: [20, 60], ours: 50 },
    },
    marks: '**',
  },
  low: {
    burstPulses: 1,
    pulseMs: { standard: [125, 250], ours: 200 },
    spacingMs: { standard: [125, 250], ours: 190 },
    burstPauseMs: { standard: [15_000, Infinity], ours: 30_000 },
    flash: null,
    marks: '*',
  },
};

/** Between the fifth and the sixth pulse of a burst of ten [IEC]. */
export const HALF_BURST_PAUSE_MS = { standard: [350, 1_300], ours: 1_000 } as const;
/** [IEC] */
export const TONE = {
  fundamentalHz: [150, 1_000],
  harmonicsMin: 4,
  harmonicsHz: [300, 4_000],
  harmonicsWithinDb: 15,
  risePercentOfPulse: [10, 20],
} as const;

/** Ended, and not acknowledged: it stays [field practice for what threatens life; the IEC's word]. */
export const IS_LATCHING: Readonly<Record<Priority, boolean>> = {
  high: true,
  medium: false,
  low: false,
};
/** Two minutes, as ventilators may at most (ISO 80601-2-12); the IEC leaves it to the maker. */
export const AUDIO_PAUSE_MS = 120_000;
/** One shift: nothing is off for ever by forgetting [ours]. */
export const ALARM_OFF_MS_MAX = 12 * 3_600_000;
/** Unacknowledged for so long, more people are told [ours]. */
export const ESCALATE_MS: Readonly<Record<Priority, number>> = {
  high: 60_000,
  medium: 180_000,
  low: 600_000,
};
/** Acknowledged and still so: a reminder, again and again; bedside monitors offer 2 or 3 min (Philips). */
export const REMINDER_MS: Readonly<Record<Priority, number | null>> = {
  high: 180_000,
  medium: null,
  low: null,
};

/** A streamed reading older than this is none [look: stale]. */
export const STALE_MS = 10_000;
/** A condition of which nothing is known for so long is over; its sensor is then the alarm [look: silent]. */
export const LOST_MS = 30_000;
/** A condition must be over for so long: what comes back sooner is the same alarm [ours]. */
export const CLEAR_MS = 10_000;

/**
 * Delay until a crossed limit is an alarm, and how far back behind the limit a value must be to end it.
 * SpO₂: 15 s took away 60 % of the alarms of a recovery room (Rheineck, in J. Welch, Biomed Instrum
 * Technol 45:s1:46–52, 2011); K. Lansdowne, BMC Nursing 15:36 (2016) has 10 to 60 s. The rest are ours:
 * shorter where a minute matters, and never longer than the sensor's own average.
 */
export const LIMIT_TIMES: Readonly<
  Record<
    LimitedVital,
    {
      readonly delayMs: number;
      readonly extremeDelayMs: number;
      readonly hysteresis: number;
      readonly lostMs: number;
    }
  >
> = {
  'heart-rate': { delayMs: 10_000, extremeDelayMs: 5_000, hysteresis: 3, lostMs: LOST_MS },
  spo2: { delayMs: 15_000, extremeDelayMs: 10_000, hysteresis: 1, lostMs: LOST_MS },
  'respiratory-rate': { delayMs: 15_000, extremeDelayMs: 10_000, hysteresis: 2, lostMs: LOST_MS },
  'body-temperature': { delayMs: 60_000, extremeDelayMs: 60_000, hysteresis: 0.2, lostMs: LOST_MS },
  // A cuff is read now and then: each reading is one measurement, and stands until it is too old.
  'systolic-pressure': {
    ...{ delayMs: 0, extremeDelayMs: 0, hysteresis: 0, lostMs: 6 * 3_600_000 },
  },
};

/** Atrial fibrillation is told when it is new (B. Drew, PLOS ONE 9:e110274, 2014), and not again by flicker. */
export const AF_DELAY_MS = 60_000;
export const AF_CLEAR_MS = 300_000;

/** What a technical problem must last to be an alarm [ours]; silence has waited already. */
export const TECHNICAL_DELAY_MS = {
  silent: 0,
  'lead-off': 10_000,
  'no-finger': 20_000,
  'probe-off': 20_000,
  'battery-low': 0,
  'battery-empty': 0,
  'link-weak': 60_000,
  'sensor-fault': 30_000,
  'nurse-call': 0,
} as const;
/** A battery that should be changed in this round, and one that ends within minutes [ours]. */
export const BATTERY_LOW_PERCENT = 20;
export const BATTERY_EMPTY_PERCENT = 5;
/** Below this a radio of the 2.4 GHz band begins to lose frames; receivers end at −90 to −100 [ours]. */
export const LINK_WEAK_DBM = -85;

/** No number to be trusted of a vital sign that had one [ours]: breath is seen seldom, and slowly. */
export const NO_NUMBER_MS = {
  'heart-rate': 60_000,
  spo2: 60_000,
  'respiratory-rate': 180_000,
} as const;

/** NEWS2 takes the median of so long: a score per breath would flicker [ours]. */
export const NEWS2_WINDOW_MS = 60_000;
/** A rise must last, and a fall too, so that one rise is one alarm [ours]. */
export const NEWS2_DELAY_MS = 60_000;
export const NEWS2_CLEAR_MS = 900_000;
/** How long what is measured or seen by hand counts: the usual round of 4 to 6 hours (RCP 2017). */
export const SPOT_MS = 6 * 3_600_000;
/** … and the oxygen that is set: the longest pause between two rounds (RCP 2017). */
export const OXYGEN_MS = 12 * 3_600_000;
/** The score of an urgent and of an emergency response (RCP 2017). */
export const NEWS2_URGENT = 5;
export const NEWS2_EMERGENCY = 7;

/** A step of the clock that is named: a second's tick that came so late, or went back so far. */
export const CLOCK_FORWARD_MS = 10_000;
export const CLOCK_BACK_MS = 2_000;
/** An observation may be so far ahead: two clocks differ [look: clock skew]. */
export const OBSERVATION_AHEAD_MS = 2_000;
