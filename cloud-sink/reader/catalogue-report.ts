/**
 * What there is to ask about: vital signs, labels, coverage. Made of the servers' catalogues; a fact
 * counts as t + 1 of them tell it, of which one is honest.
 *
 *   a stay, its tag, a label     told alike by t + 1
 *   rows, first, last            t + 1 have at least so much: they may be moments apart in the log
 *   present                      rows / seconds between the first and the last of each stay
 */
import { findVital, type Vital } from '@vitalshare/edge/vital';
import { LABELS_MAX } from '../limits.ts';
import type { Catalogue, CatalogueStay } from '../messages/messages.ts';

export interface VitalCoverage {
  readonly name: string;
  /** UCUM. */
  readonly unit: string;
  readonly patients: number;
  readonly stays: number;
  readonly rows: number;
  /** UTC seconds, from ≤ second < to, over all stays. */
  readonly from: number;
  readonly to: number;
  /** Share of the seconds of each stay between its first and last reading that have one. */
  readonly present: number;
}

export interface CatalogueReport {
  readonly patients: number;
  readonly stays: number;
  readonly vitals: readonly VitalCoverage[];
  /** Label → value → who carries it. */
  readonly labels: Readonly<
    Record<string, Readonly<Record<string, { readonly patients: number; readonly stays: number }>>>
  >;
}

type Held = CatalogueStay['vitals'][string];

/** `threshold` t; at least t + 1 catalogues. */
export function reportOf(catalogues: readonly Catalogue[], threshold: number): CatalogueReport {
  const stays = agreedStays(catalogues, threshold);
  const names = new Set(stays.flatMap(({ vitals }) => Object.keys(vitals)));
  const known = [...names].flatMap((name) => findVital(name) ?? []);
  return {
    patients: tagsOf(stays),
    stays: stays.length,
    vitals: known.sort((a, b) => a.code - b.code).map((vital) => coverageOf(vital, stays)),
    labels: labelsOf(stays),
  };
}

function agreedStays(catalogues: readonly Catalogue[], threshold: number): CatalogueStay[] {
  const told = new Map<string, CatalogueStay[]>();
  for (const stay of catalogues.flatMap((catalogue) => catalogue.stays)) {
    const own = told.get(stay.stay);
    if (own) own.push(stay);
    else told.set(stay.stay, [stay]);
  }
  return [...told.values()].flatMap((copies) => agreed(copies, threshold) ?? []);
}

/** The part of several servers' copies of one stay that t + 1 tell; undefined where there is none. */
function agreed(copies: readonly CatalogueStay[], threshold: number): CatalogueStay | undefined {
  const enough = (same: (copy: CatalogueStay) => boolean): boolean =>
    copies.filter(same).length > threshold;
  const base = copies.find(({ tag }) => enough((copy) => copy.tag === tag));
  if (base === undefined) return undefined;
  const pairs = new Map(
    copies.flatMap(({ labels }) => Object.entries(labels)).map((p) => [p.join('='), p]),
  );
  const labels = [...pairs.values()].filter(([key, value]) =>
    enough((copy) => copy.labels[key] === value),
  );
  const names = new Set(copies.flatMap(({ vitals }) => Object.keys(vitals)));
  const vitals = [...names].flatMap((name): [string, Held][] => {
    const held = copies.flatMap((copy) => ownOf(copy.vitals, name));
    if (held.length <= threshold) return [];
    const at = (of: (each: Held) => number, by: 1 | -1): number =>
      held.map(of).sort((a, b) => by * (a - b))[threshold]!;
    const [from, to] = [at((each) => each.from, 1), at((each) => each.to, -1)];
    return from < to ? [[name, { rows: at((each) => each.rows, -1), from, to }]] : [];
  });
  return {
    ...base,
    labels: Object.fromEntries(labels.slice(0, LABELS_MAX)),
    vitals: Object.fromEntries(vitals),
  };
}

/** What the object itself holds: `constructor` is a name that a label may have. */
const ownOf = <T>(members: Readonly<Record<string, T>>, name: string): T[] =>
  Object.hasOwn(members, name) ? [members[name]!] : [];

function coverageOf({ name, unit }: Vital, stays: readonly CatalogueStay[]): VitalCoverage {
  const having = stays.filter((stay) => stay.vitals[name] !== undefined);
  const held = having.map((stay) => stay.vitals[name]!);
  const rows = held.reduce((sum, each) => sum + each.rows, 0);
  const seconds = held.reduce((sum, { from, to }) => sum + to - from, 0);
  return {
    name,
    unit,
    patients: tagsOf(having),
    stays: having.length,
    rows,
    from: held.reduce((least, each) => Math.min(least, each.from), Infinity),
    to: held.reduce((most, each) => Math.max(most, each.to), 0),
    present: Math.min(1, rows / seconds),
  };
}

function labelsOf(stays: readonly CatalogueStay[]): CatalogueReport['labels'] {
  const keys = [...new Set(stays.flatMap(({ labels }) => Object.keys(labels)))].sort();
  return Object.fromEntries(
    keys.map((key) => {
      const values = [...new Set(stays.flatMap(({ labels }) => ownOf(labels, key)))].sort();
      const carriers = values.map((value) => {
        const own = stays.filter(({ labels }) => labels[key] === value);
        return [value, { patients: tagsOf(own), stays: own.length }];
      });
      return [key, Object.fromEntries(carriers)];
    }),
  );
}

const tagsOf = (stays: readonly CatalogueStay[]): number =>
  new Set(stays.map(({ tag }) => tag)).size;
