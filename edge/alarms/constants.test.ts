/**
 * Literals, never the constant under test: what the standard says (see the head of constants.ts for
 * how it was checked) and what was chosen within it.
 */
import { describe, expect, it } from 'vitest';
import { PRIORITIES } from './alarm.ts';
import * as constants from './constants.ts';
import { burstMs } from './sound.ts';

const { SIGNALS } = constants;

describe('failure 16: alarm constants that drift from the standard', () => {
  it('bursts of ten, three and one', () => {
    expect(SIGNALS.high.burstPulses).toBe(10);
    expect(SIGNALS.medium.burstPulses).toBe(3);
    expect(SIGNALS.low.burstPulses).toBe(1);
  });

  it('pulses of 75 to 200 ms, and of 125 to 250 ms', () => {
    expect(SIGNALS.high.pulseMs).toEqual({ standard: [75, 200], ours: 150 });
    expect(SIGNALS.medium.pulseMs).toEqual({ standard: [125, 250], ours: 200 });
    expect(SIGNALS.low.pulseMs).toEqual({ standard: [125, 250], ours: 200 });
  });

  it('between them 50 to 125 ms, and 125 to 250 ms', () => {
    expect(SIGNALS.high.spacingMs).toEqual({ standard: [50, 125], ours: 95 });
    expect(SIGNALS.medium.spacingMs).toEqual({ standard: [125, 250], ours: 190 });
    expect(SIGNALS.low.spacingMs).toEqual({ standard: [125, 250], ours: 190 });
    expect(constants.HALF_BURST_PAUSE_MS).toEqual({ standard: [350, 1300], ours: 1000 });
  });

  it('from burst to burst 2.5 to 15 s, 2.5 to 30 s, and more than 15 s', () => {
    expect(SIGNALS.high.burstPauseMs).toEqual({ standard: [2500, 15000], ours: 5000 });
    expect(SIGNALS.medium.burstPauseMs).toEqual({ standard: [2500, 30000], ours: 15000 });
    expect(SIGNALS.low.burstPauseMs).toEqual({ standard: [15000, Infinity], ours: 30000 });
  });

  it('flashes 1.4 to 2.8 times a second, 0.4 to 0.8 times, and not at all, a fifth to three fifths on', () => {
    expect(SIGNALS.high.flash).toEqual({
      milliHz: { standard: [1400, 2800], ours: 2000 },
      onPercent: { standard: [20, 60], ours: 50 },
    });
    expect(SIGNALS.medium.flash).toEqual({
      milliHz: { standard: [400, 800], ours: 600 },
      onPercent: { standard: [20, 60], ours: 50 },
    });
    expect(SIGNALS.low.flash).toBeNull();
    expect(PRIORITIES.map((priority) => SIGNALS[priority].marks)).toEqual(['*', '**', '***']);
  });

  it('a tone of 150 to 1000 Hz with four harmonics from 300 to 4000 Hz within 15 dB', () => {
    expect(constants.TONE).toEqual({
      fundamentalHz: [150, 1000],
      harmonicsMin: 4,
      harmonicsHz: [300, 4000],
      harmonicsWithinDb: 15,
      risePercentOfPulse: [10, 20],
    });
  });

  it.each(PRIORITIES)('what was chosen for %s lies within the standard', (priority) => {
    const { pulseMs, spacingMs, burstPauseMs, flash } = SIGNALS[priority];
    for (const { standard, ours } of [
      ...[pulseMs, spacingMs, burstPauseMs, constants.HALF_BURST_PAUSE_MS],
      ...(flash === null ? [] : [flash.milliHz, flash.onPercent]),
    ]) {
      expect(ours).toBeGreaterThanOrEqual(standard[0]);
      expect(ours).toBeLessThanOrEqual(standard[1]);
    }
  });

  it('a burst of high priority is three and two, twice; of medium three; of low one', () => {
    // x = 95 ms, a pulse 150 ms: 245 from start to start, 2x + 150 more before the fourth.
    expect(burstMs('high')).toEqual([0, 245, 490, 980, 1225, 2375, 2620, 2865, 3355, 3600]);
    expect(burstMs('medium')).toEqual([0, 390, 780]);
    expect(burstMs('low')).toEqual([0]);
  });

  it('latching, pauses, escalation and reminders', () => {
    expect(constants.IS_LATCHING).toEqual({ high: true, medium: false, low: false });
    expect(constants.AUDIO_PAUSE_MS).toBe(120_000);
    expect(constants.ALARM_OFF_MS_MAX).toBe(43_200_000);
    expect(constants.ESCALATE_MS).toEqual({ high: 60_000, medium: 180_000, low: 600_000 });
    expect(constants.REMINDER_MS).toEqual({ high: 180_000, medium: null, low: null });
  });

  it('stale after 10 s, lost after 30 s, clear after 10 s', () => {
    expect(constants.STALE_MS).toBe(10_000);
    expect(constants.LOST_MS).toBe(30_000);
    expect(constants.CLEAR_MS).toBe(10_000);
  });

  it('delays and hysteresis of limits', () => {
    const seconds = Object.entries(constants.LIMIT_TIMES).map(([vital, times]) => [
      ...[vital, times.delayMs, times.extremeDelayMs, times.hysteresis, times.lostMs],
    ]);
    expect(seconds).toEqual([
      ['heart-rate', 10_000, 5_000, 3, 30_000],
      ['spo2', 15_000, 10_000, 1, 30_000],
      ['respiratory-rate', 15_000, 10_000, 2, 30_000],
      ['body-temperature', 60_000, 60_000, 0.2, 30_000],
      ['systolic-pressure', 0, 0, 0, 21_600_000],
    ]);
    expect([constants.AF_DELAY_MS, constants.AF_CLEAR_MS]).toEqual([60_000, 300_000]);
  });

  it('what a sensor may do for how long', () => {
    expect(constants.TECHNICAL_DELAY_MS).toEqual({
      ...{ silent: 0, 'lead-off': 10_000, 'no-finger': 20_000, 'probe-off': 20_000 },
      ...{ 'battery-low': 0, 'battery-empty': 0, 'link-weak': 60_000, 'sensor-fault': 30_000 },
      ...{ 'nurse-call': 0 },
    });
    expect(constants.NO_NUMBER_MS).toEqual({
      ...{ 'heart-rate': 60_000, spo2: 60_000, 'respiratory-rate': 180_000 },
    });
    expect([constants.BATTERY_LOW_PERCENT, constants.BATTERY_EMPTY_PERCENT]).toEqual([20, 5]);
    expect(constants.LINK_WEAK_DBM).toBe(-85);
  });

  it('NEWS2: a minute’s median, urgent from 5, an emergency from 7, six hours by hand', () => {
    expect(constants.NEWS2_WINDOW_MS).toBe(60_000);
    expect([constants.NEWS2_DELAY_MS, constants.NEWS2_CLEAR_MS]).toEqual([60_000, 900_000]);
    expect([constants.SPOT_MS, constants.OXYGEN_MS]).toEqual([21_600_000, 43_200_000]);
    expect([constants.NEWS2_URGENT, constants.NEWS2_EMERGENCY]).toEqual([5, 7]);
  });

  it('steps of a clock that are named', () => {
    expect([constants.CLOCK_FORWARD_MS, constants.CLOCK_BACK_MS]).toEqual([10_000, 2_000]);
    expect(constants.OBSERVATION_AHEAD_MS).toBe(2_000);
  });

  it('no figure is asserted nowhere', () => {
    expect(Object.keys(constants).sort()).toEqual([
      ...['AF_CLEAR_MS', 'AF_DELAY_MS', 'ALARM_OFF_MS_MAX', 'AUDIO_PAUSE_MS'],
      ...['BATTERY_EMPTY_PERCENT', 'BATTERY_LOW_PERCENT', 'CLEAR_MS', 'CLOCK_BACK_MS'],
      ...['CLOCK_FORWARD_MS', 'ESCALATE_MS', 'HALF_BURST_PAUSE_MS', 'IS_LATCHING'],
      ...['LIMIT_TIMES', 'LINK_WEAK_DBM', 'LOST_MS', 'NEWS2_CLEAR_MS', 'NEWS2_DELAY_MS'],
      ...['NEWS2_EMERGENCY', 'NEWS2_URGENT', 'NEWS2_WINDOW_MS', 'NO_NUMBER_MS'],
      ...['OBSERVATION_AHEAD_MS', 'OXYGEN_MS', 'REMINDER_MS', 'SIGNALS', 'SPOT_MS'],
      ...['STALE_MS', 'TECHNICAL_DELAY_MS', 'TONE'],
    ]);
  });
});
