/**
 * `vitalshare data-server scrub --dir <party folder>`: reads all of a store, changes nothing, and names
 * what is damaged. The pages are looked at by another process first: a broken one may end its reader.
 */
import { PROGRESS_EVERY_MS } from '../limits.ts';
import { Books } from './books.ts';
import type { StoreDamage } from './checked-store.ts';
import { type DamagePlace, placeOf, placeText } from './damage-text.ts';
import { Damages } from './damages.ts';
import { type LookOptions, needStore, openForLooking } from './look.ts';
import { checkPages } from './page-check.ts';
import { scrubValues } from './scrub.ts';
import type { Store, Table } from './store.ts';

interface Found {
  readonly sentence: string;
  readonly place?: DamagePlace;
}

interface Report {
  readonly values: Partial<Record<Table, number>>;
  readonly bytes: number;
  readonly damages: readonly Found[];
}

/** Returns the exit code: 0 whole, 1 damaged. */
export async function scrubCommand(options: LookOptions): Promise<number> {
  const { folder, json, out } = options;
  needStore(folder);
  const fault = await checkPages(folder);
  const report =
    fault === undefined
      ? scrub(openForLooking(folder), options)
      : { values: {}, bytes: 0, damages: [{ sentence: `the store ${fault}` }] };
  const { values, bytes, damages } = report;
  if (json) out(JSON.stringify({ whole: damages.length === 0, values, bytes, damages }));
  else {
    for (const { sentence } of damages) out(`damaged: ${sentence}`);
    const count = Object.values(values).reduce((sum, each) => sum + each, 0);
    const end = damages.length === 0 ? 'all whole' : `${damages.length} damaged`;
    out(`${count} values, ${(bytes / 1e6).toFixed(1)} MB: ${end}`);
    if (damages.length > 0) out('A running data server mends what it finds, from the log.');
  }
  return damages.length === 0 ? 0 : 1;
}

function scrub(store: Store, { err, clock }: LookOptions): Report {
  const books = new Books(store);
  const quarantined = new Damages(store);
  const values: Partial<Record<Table, number>> = {};
  const damages: Found[] = [];
  let bytes = 0;
  let saidMs = clock();
  const found = (error: StoreDamage): Found => {
    const damage = quarantined.damageOf(error);
    if (!damage) return { sentence: `a value of ${error.table} ${error.fault}` };
    const place = placeOf(books, damage);
    return { sentence: placeText(place), place };
  };
  for (const step of scrubValues(store)) {
    values[step.table] = (values[step.table] ?? 0) + 1;
    bytes += step.bytes;
    if (step.damage) damages.push(found(step.damage));
    if (step.stale) damages.push({ sentence: 'a summary is not what its shares give' });
    if (clock() - saidMs < PROGRESS_EVERY_MS) continue;
    saidMs = clock();
    err(`scrub: ${(bytes / 1e6).toFixed(0)} MB read, ${damages.length} damaged, now ${step.table}`);
  }
  const said = new Set(damages.map(({ sentence }) => sentence));
  for (const damage of quarantined.list) {
    const place = placeOf(books, damage);
    const sentence = placeText(place);
    if (!said.has(sentence)) damages.push({ sentence: `${sentence} (waits to be mended)`, place });
  }
  return { values, bytes, damages };
}
