/**
 * Adds up the records of chunks (`chunk-record.ts`), member by member, and digests their leaves.
 *
 * Words of 31 bits add up exactly in a double for 2^22 chunks, far more than a stay has; a member's
 * end carries them into the field.
 */
import { P } from '@vitalshare/edge/field';
import { leafAt, LEAF_WORDS, productAt, ROWS, sumAt } from './chunk-record.ts';
import type { Member } from './cohort.ts';
import type { MemberSums, Moments, MomentsPlan } from './moments-plan.ts';
import { RowsDigest } from './rows-digest.ts';
import { pairsOf } from './summaries.ts';

/** A word in one of several records. */
interface Place {
  readonly record: number;
  readonly at: number;
}

/** Where the moments of the vital signs as asked stand in one record or several. */
export interface Layout {
  readonly sums: readonly Place[];
  readonly products: readonly Place[];
  readonly leaves: readonly Place[];
}

/** In one record of all vital signs. */
export const scanLayout = (k: number): Layout => ({
  sums: each(k, (i) => ({ record: 0, at: sumAt(i) })),
  products: eachPair(k, (a, b) => ({ record: 0, at: productAt(k, a, b) })),
  leaves: each(k, (i) => ({ record: 0, at: leafAt(k, i) })),
});

/** In records of pairs (`pairsOf`), each with the smaller vital code first. */
export function pairsLayout(vitals: readonly number[]): Layout {
  const k = vitals.length;
  const pairs = pairsOf(k);
  const width = k === 1 ? 1 : 2;
  const find = (a: number, b: number) => pairs.findIndex(([i, j]) => i === a && j === b);
  /** Place of vital sign i in a pair. */
  const placeIn = (record: number, i: number): number => {
    const other = pairs[record]!.find((each) => each !== i);
    return other !== undefined && vitals[other]! < vitals[i]! ? 1 : 0;
  };
  const record = (i: number): number => (k === 1 ? 0 : i === 0 ? 0 : find(0, i));
  return {
    sums: each(k, (i) => ({ record: record(i), at: sumAt(placeIn(record(i), i)) })),
    products: eachPair(k, (a, b) => {
      if (a !== b) return { record: find(a, b), at: productAt(2, 0, 1) };
      const place = placeIn(record(a), a);
      return { record: record(a), at: productAt(width, place, place) };
    }),
    leaves: each(k, (i) => ({ record: record(i), at: leafAt(width, placeIn(record(i), i)) })),
  };
}

export class MomentsTotal {
  readonly #plan: MomentsPlan;
  readonly #digest: RowsDigest;
  readonly #tags = new Set<string>();
  readonly #members: MemberSums[] = [];
  /** Low and high words in turn, of the member under way. */
  readonly #sumWords: Float64Array;
  readonly #productWords: Float64Array;
  readonly #sums: bigint[];
  readonly #products: bigint[];
  #count = 0;
  #member: Member | undefined;
  #rows = 0;

  constructor(plan: MomentsPlan) {
    const { logs, vitals, degree } = plan;
    const k = vitals.length;
    const sums = degree >= 1 ? k : 0;
    const products = degree === 2 ? (k * (k + 1)) / 2 : 0;
    this.#plan = plan;
    this.#sumWords = new Float64Array(2 * sums);
    this.#productWords = new Float64Array(2 * products);
    this.#sums = new Array<bigint>(sums).fill(0n);
    this.#products = new Array<bigint>(products).fill(0n);
    this.#digest = new RowsDigest(logs, vitals);
  }

  /** One chunk: its records, all from word `at` on. Members come one after the other. */
  add(member: Member, layout: Layout, records: readonly Uint32Array[], at: number): void {
    const rows = records[0]![at + ROWS]!;
    if (rows === 0) return;
    if (member !== this.#member) {
      this.#end();
      this.#member = member;
      this.#digest.begin();
    }
    this.#rows += rows;
    addWords(this.#sumWords, layout.sums, records, at);
    addWords(this.#productWords, layout.products, records, at);
    const { leaves, at: to } = this.#digest.next();
    layout.leaves.forEach((place, i) => {
      const [into, from] = [leaves[i]!, records[place.record]!];
      for (let w = 0; w < LEAF_WORDS; w++) into[to + w] = from[at + place.at + w]!;
    });
  }

  finish(): Moments {
    this.#end();
    return {
      count: this.#count,
      patients: this.#tags.size,
      sums: this.#sums,
      products: this.#products,
      members: this.#members,
      data: this.#digest.finish(),
    };
  }

  #end(): void {
    const member = this.#member;
    if (!member) return;
    const sums = carried(this.#sumWords);
    sums.forEach((sum, i) => (this.#sums[i] = (this.#sums[i]! + sum) % P));
    carried(this.#productWords).forEach((product, i) => {
      this.#products[i] = (this.#products[i]! + product) % P;
    });
    this.#count += this.#rows;
    this.#tags.add(member.version.tag);
    this.#members.push({ member, rows: this.#rows, sums });
    this.#digest.end(member.stay, this.#rows);
    this.#member = undefined;
    this.#rows = 0;
  }
}

function addWords(
  into: Float64Array,
  places: readonly Place[],
  records: readonly Uint32Array[],
  at: number,
): void {
  for (let i = 0; 2 * i < into.length; i++) {
    const place = places[i]!;
    const words = records[place.record]!;
    into[2 * i]! += words[at + place.at]!;
    into[2 * i + 1]! += words[at + place.at + 1]!;
  }
}

/** The elements, and zeros in their place. */
function carried(words: Float64Array): bigint[] {
  const elements = each(words.length / 2, (i) => {
    return (BigInt(words[2 * i]!) + (BigInt(words[2 * i + 1]!) << 31n)) % P;
  });
  words.fill(0);
  return elements;
}

const each = <Value>(count: number, make: (i: number) => Value): Value[] =>
  Array.from({ length: count }, (_, i) => make(i));

const eachPair = <Value>(k: number, make: (a: number, b: number) => Value): Value[] =>
  each(k, (a) => each(k - a, (i) => make(a, a + i))).flat();
