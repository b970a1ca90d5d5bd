import { describe, expect, it } from 'vitest';
import { makeBody } from './body.ts';
import { type BodyPlan, checkPlan } from './plan.ts';

const as = (plan: unknown): BodyPlan => plan as BodyPlan;

describe('a plan', () => {
  it('may be empty, or full of everything', () => {
    expect(() => checkPlan({})).not.toThrow();
    const full: BodyPlan = {
      person: { ageGroup: 'child', means: { 'heart-rate': 110, spo2: 95 } },
      cuffEveryS: 300,
      states: [
        { fromS: 0, toS: 60, overS: 10, targets: { spo2: 88, 'heart-rate': 130 } },
        { fromS: 60, overS: 0, targets: { spo2: 92 } },
        { fromS: 30, toS: 90, overS: 100, targets: { perfusion: 0.5 } },
      ],
      rhythms: [
        { fromS: 5, toS: 10, rhythm: 'vf' },
        { fromS: 10, rhythm: 'paced', ratePerMin: 70 },
      ],
      apnoeas: [{ fromS: 1, toS: 30 }],
      artefacts: [
        { fromS: 0, toS: 5, kind: 'motion' },
        { fromS: 0, toS: 5, kind: 'motion', site: 'chest', strength: 2 },
        { fromS: 0, kind: 'mains-hum', hz: 60 },
      ],
    };
    expect(() => checkPlan(full)).not.toThrow();
  });

  it.each([
    [{ person: { ageGroup: 'dog' } }, 'person.ageGroup'],
    [{ person: { means: { 'heart-rate': 400 } } }, 'person.means.heart-rate'],
    [{ person: { means: { spo2: '97' } } }, 'person.means.spo2'],
    [{ person: { means: { spo2: NaN } } }, 'person.means.spo2'],
    [{ person: { means: { glucose: 5 } } }, 'person.means'],
    [
      { person: { means: { 'systolic-pressure': 90, 'diastolic-pressure': 85 } } },
      'person.means.diastolic-pressure',
    ],
    [{ cuffEveryS: 1 }, 'cuffEveryS'],
    [{ cuffEveryS: 60.5 }, 'cuffEveryS'],
    [{ states: [{ fromS: -1, overS: 0, targets: {} }] }, 'states[0].fromS'],
    [{ states: [{ fromS: NaN, overS: 0, targets: {} }] }, 'states[0].fromS'],
    [{ states: [{ fromS: 5, toS: 5, overS: 0, targets: {} }] }, 'states[0].toS'],
    [{ states: [{ fromS: 5, toS: 9, overS: -1, targets: {} }] }, 'states[0].overS'],
    [{ states: [{ fromS: 5, overS: 1, targets: { spo2: 20 } }] }, 'states[0].targets.spo2'],
    [
      {
        states: [
          { fromS: 50, overS: 1, targets: { spo2: 90 } },
          { fromS: 5, toS: 51, overS: 1, targets: { spo2: 80, 'heart-rate': 90 } },
        ],
      },
      'states[0].fromS: expected no overlap of spo2 with states[1]',
    ],
    [{ rhythms: [{ fromS: 0, rhythm: 'waltz' }] }, 'rhythms[0].rhythm'],
    [{ rhythms: [{ fromS: 0, rhythm: 'vf', ratePerMin: 60 }] }, 'rhythms[0].ratePerMin'],
    [{ rhythms: [{ fromS: 0, rhythm: 'vt', ratePerMin: 60 }] }, 'rhythms[0].ratePerMin'],
    [
      {
        rhythms: [
          { fromS: 0, rhythm: 'vt' },
          { fromS: 9, rhythm: 'vf' },
        ],
      },
      'rhythms[1].fromS',
    ],
    [{ apnoeas: [{ fromS: 0, toS: 2_000_000 }] }, 'apnoeas[0].toS'],
    [{ artefacts: [{ fromS: 0, kind: 'gremlin' }] }, 'artefacts[0].kind'],
    [{ artefacts: [{ fromS: 0, kind: 'mains-hum', hz: 55 }] }, 'artefacts[0].hz'],
    [{ artefacts: [{ fromS: 0, kind: 'motion', strength: 11 }] }, 'artefacts[0].strength'],
    [{ artefacts: [{ fromS: 0, kind: 'motion', site: 'toe' }] }, 'artefacts[0].site'],
    [
      {
        artefacts: [
          { fromS: 0, kind: 'motion' },
          { fromS: 1, kind: 'motion', site: 'hand' },
        ],
      },
      'artefacts[1].fromS: expected no overlap of motion of the hand',
    ],
    [{ apnoeas: Array.from({ length: 1001 }, (_, i) => ({ fromS: i, toS: i + 1 })) }, 'apnoeas'],
  ])('%j is refused by name', (plan, field) => {
    let message = '';
    try {
      makeBody(1, 1, as(plan));
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      message = (error as RangeError).message;
    }
    expect(message).toContain(`plan ${field}`);
    expect(message).toMatch(/expected .*, got /);
  });
});
