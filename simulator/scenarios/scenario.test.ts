import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { UserError } from '@vitalshare/edge/command/node';
import { findVital } from '@vitalshare/edge/vital';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BODY_ARTEFACTS, BODY_NUMERICS, BODY_RHYTHMS } from '../bodies/plan.ts';
import { findScenario, SHIPPED_NAMES, shippedScenario } from './find-scenario.ts';
import { bodyPlanOf, parseScenario, sooner } from './scenario.ts';
import type { Schema } from './schema-check.ts';

const schemaText = readFileSync(new URL('scenario.schema.json', import.meta.url), 'utf8');
const schema = JSON.parse(schemaText) as Schema;

/** What a patient would be refused for, in a scenario that is good otherwise. */
const said = (patient: unknown, rest: object = {}): string => {
  const scenario = { what: 'a test', lengthS: 3600, patients: [patient], ...rest };
  try {
    parseScenario('bad.json', JSON.stringify(scenario));
    return '';
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
};

const ONE = 'bad.json at $.patients[0].';
const NOT_THE_SHAPE: readonly [string, unknown, string][] = [
  [
    'an unknown rhythm',
    { rhythms: [{ fromS: 0, rhythm: 'bigemini' }] },
    `${ONE}rhythms[0].rhythm: expected one of sinus, bradycardia, tachycardia, pvcs, bigeminy, af, vt, paced, vf, asystole, got "bigemini"; did you mean "bigeminy"?`,
  ],
  [
    'a negative time',
    { artefacts: [{ fromS: -5, kind: 'drift' }] },
    `${ONE}artefacts[0].fromS: expected a number from 0 to 1000000, got -5.`,
  ],
  [
    'an absurd vital sign',
    { states: [{ fromS: 0, overS: 9, targets: { 'heart-rate': 400 } }] },
    `${ONE}states[0].targets.heart-rate: expected a number from 20 to 250, got 400.`,
  ],
  [
    'a slip of a key',
    { artefact: [] },
    `${ONE.slice(0, -1)}: expected person, cuffEveryS, states, rhythms, apnoeas, artefacts, happenings, observations, got the key "artefact"; did you mean "artefacts"?`,
  ],
  [
    'a vital sign nobody drives',
    { person: { means: { heartrate: 70 } } },
    `${ONE}person.means: expected heart-rate, respiratory-rate, spo2, body-temperature, skin-temperature, systolic-pressure, diastolic-pressure, perfusion, got the key "heartrate"; did you mean "heart-rate"?`,
  ],
  ['a text for a list', { rhythms: 'af' }, `${ONE}rhythms: expected a list, got "af".`],
  [
    'half an observation',
    { observations: [{ atS: 5, vital: 'oxygen', value: 2 }] },
    `${ONE}observations[0].by: expected it, got nothing.`,
  ],
  [
    'nobody',
    { observations: [{ atS: 5, by: '', vital: 'oxygen', value: 2 }] },
    `${ONE}observations[0].by: expected a text of 1 to 64 characters, got 0.`,
  ],
];

const NOT_A_LIFE: readonly [string, unknown, string][] = [
  [
    'rhythms at the same time',
    {
      rhythms: [
        { fromS: 0, toS: 300, rhythm: 'af' },
        { fromS: 200, rhythm: 'vt' },
      ],
    },
    `${ONE}rhythms[1].fromS: expected no overlap with rhythms[0], which ends at 300, got 200.`,
  ],
  [
    'states of one number at the same time',
    {
      states: [
        { fromS: 0, overS: 1, targets: { spo2: 80 } },
        { fromS: 200, overS: 1, targets: { spo2: 90 } },
      ],
    },
    `${ONE}states[1].fromS: expected no overlap of spo2 with states[0], which ends at Infinity, got 200.`,
  ],
  [
    'an end before its beginning',
    { apnoeas: [{ fromS: 60, toS: 30 }] },
    `${ONE}apnoeas[0].toS: expected more than fromS (60), got 30.`,
  ],
  [
    'a rate no such rhythm has',
    { rhythms: [{ fromS: 0, rhythm: 'vf', ratePerMin: 100 }] },
    `${ONE}rhythms[0].ratePerMin: expected none for vf, got 100.`,
  ],
  [
    'what begins when all is over',
    { artefacts: [{ fromS: 3600, kind: 'drift' }] },
    `${ONE}artefacts[0].fromS: expected a moment before the scenario's end (lengthS 3600), got 3600.`,
  ],
  [
    'silence twice',
    {
      happenings: [
        { fromS: 0, kind: 'silent' },
        { fromS: 60, toS: 90, kind: 'silent' },
      ],
    },
    `${ONE}happenings[1].fromS: expected no overlap of silent with happenings[0], got 60.`,
  ],
  [
    'a battery without a charge',
    { happenings: [{ fromS: 0, kind: 'battery' }] },
    `${ONE}happenings[0].percent: expected it for battery, got nothing.`,
  ],
  [
    'an observation no one has',
    { observations: [{ atS: 5, by: 'nurse', vital: 'consciousness', value: 5 }] },
    `${ONE}observations[0].value: expected consciousness from 0 to 4, got 5.`,
  ],
];

describe('a scenario file', () => {
  it.each([...NOT_THE_SHAPE, ...NOT_A_LIFE])('is refused: %s', (_, patient, sentence) => {
    expect(said(patient)).toBe(sentence);
  });

  it('is refused as a whole: no JSON, no patients, no end', () => {
    expect(() => parseScenario('bad.json', '{"what": ')).toThrow(/^bad\.json at \$: expected JSON/);
    expect(said({}, { patients: [] })).toBe(
      'bad.json at $.patients: expected 1 to 500 entries, got 0.',
    );
    expect(said({}, { lengthS: 59 })).toBe(
      'bad.json at $.lengthS: expected a whole number from 60 to 1000000, got 59.',
    );
    expect(said(null)).toBe('bad.json at $.patients[0]: expected an object, got null.');
  });

  it('is a scenario or one sentence, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(() => parseScenario('any.json', text)).toThrow(UserError);
      }),
    );
  });
});

describe('the schema', () => {
  /** A validator of others, at home in the linter. */
  const fromLinter = createRequire(createRequire(import.meta.url).resolve('eslint'));
  interface Ajv {
    compile(schema: unknown): (value: unknown) => boolean;
  }
  const Ajv = fromLinter('ajv') as new () => Ajv;
  const isValid = new Ajv().compile(schema);
  const asScenario = (patient: unknown): unknown => ({
    ...{ what: 'a test', lengthS: 3600, patients: [patient] },
  });

  it.each(NOT_THE_SHAPE)('refuses %s for others too', (_, patient) => {
    expect(isValid(asScenario(patient))).toBe(false);
  });

  it('lets pass for others what passes here, and no more', () => {
    for (const [, patient] of NOT_A_LIFE) expect(isValid(asScenario(patient))).toBe(true);
    for (const name of SHIPPED_NAMES) {
      const file = new URL(`shipped/${name}.json`, import.meta.url);
      expect(isValid(JSON.parse(readFileSync(file, 'utf8'))), name).toBe(true);
    }
  });

  it('has the words and bounds of bodies and of the vocabulary', () => {
    const { definitions } = schema;
    const items = (list: string) => definitions![list]!.items!.properties!;
    expect(items('rhythms')['rhythm']!.enum).toEqual(Object.keys(BODY_RHYTHMS));
    expect(items('artefacts')['kind']!.enum).toEqual(BODY_ARTEFACTS);
    const numerics = Object.entries(definitions!['numerics']!.properties!);
    expect(numerics.map(([name, { minimum: min, maximum: max }]) => [name, { min, max }])).toEqual(
      Object.entries(BODY_NUMERICS),
    );
    for (const vital of items('observations')['vital']!.enum!) {
      expect(findVital(String(vital)), String(vital)).toBeDefined();
    }
  });
});

describe('the shipped scenarios', () => {
  const patients = SHIPPED_NAMES.flatMap((name) => shippedScenario(name).scenario.patients);
  const kinds = <T>(of: (patient: (typeof patients)[number]) => readonly T[] | undefined) =>
    new Set(patients.flatMap((patient) => of(patient) ?? []));

  it('are a dozen, and show every rhythm, artefact and happening', () => {
    expect(SHIPPED_NAMES.length).toBe(12);
    const rhythms = kinds(({ rhythms }) => rhythms?.map(({ rhythm }) => rhythm));
    expect([...rhythms, 'sinus'].sort()).toEqual(Object.keys(BODY_RHYTHMS).sort());
    const artefacts = kinds(({ artefacts }) => artefacts?.map(({ kind }) => kind));
    expect([...artefacts].sort()).toEqual([...BODY_ARTEFACTS].sort());
    const happenings = kinds(({ happenings }) => happenings?.map(({ kind }) => kind));
    expect([...happenings].sort()).toEqual(['battery', 'link', 'silent']);
  });

  it('are found by name, and a slip is answered with the nearest', () => {
    expect(findScenario('sepsis').scenario.lengthS).toBe(21_600);
    expect(() => findScenario('sepsys')).toThrow(
      /expected one of arrest, .* Did you mean sepsis\?$/,
    );
    expect(() => findScenario('missing.json')).toThrow('there is no file missing.json');
  });
});

describe('a plan of a body', () => {
  it('passes so many times faster, with a cuff a minute at most', () => {
    const patient = {
      person: { ageMonths: 191 },
      cuffEveryS: 900,
      states: [{ fromS: 600, toS: 1200, overS: 60, targets: { spo2: 80 } }],
      rhythms: [{ fromS: 600, rhythm: 'vt', ratePerMin: 180 }],
    } as const;
    expect(bodyPlanOf(sooner(patient, 60))).toEqual({
      person: { ageGroup: 'child' },
      cuffEveryS: 60,
      states: [{ fromS: 10, toS: 20, overS: 1, targets: { spo2: 80 } }],
      rhythms: [{ fromS: 10, rhythm: 'vt', ratePerMin: 180 }],
    });
    const happenings = [{ fromS: 60, toS: 120, overS: 30, kind: 'battery', percent: 5 }] as const;
    expect(sooner({ happenings }, 10).happenings).toEqual([
      { fromS: 6, toS: 12, overS: 3, kind: 'battery', percent: 5 },
    ]);
    expect(bodyPlanOf({ person: { ageMonths: 192 } })).toEqual({ person: { ageGroup: 'adult' } });
  });
});
