/**
 * Alarms of a data server [PROTO-42]: each once for what it is about, said once on stderr, kept in
 * the store with the signed heads that show it, so that a restart forgets none.
 */
import type { Say } from '@vitalshare/edge/operations';
import { utf8 } from '@vitalshare/edge/seal';
import { ALARMS_MAX } from '../../limits.ts';
import type { Alarm, AlarmKind } from '../../messages/alarms.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Store } from '../store.ts';

const KEY = utf8('alarms');

export class Alarms {
  readonly #store: Store;
  readonly #clock: () => number;
  readonly #report: Say;
  /** By kind and what it is about, in the order in which they were raised. */
  readonly #kept: Map<string, Alarm>;
  #isChanged = false;

  constructor(store: Store, clock: () => number, report: Say) {
    this.#store = store;
    this.#clock = clock;
    this.#report = report;
    const bytes = store.get('heads', KEY);
    const kept = bytes ? (decodeJson(bytes) as [string, Alarm][]) : [];
    this.#kept = new Map(kept);
  }

  get list(): Alarm[] {
    return [...this.#kept.values()];
  }

  /** How many of a kind last. */
  lasting(kind: AlarmKind): number {
    return this.list.filter((alarm) => alarm.kind === kind && alarm.until === undefined).length;
  }

  /** `about` is the log, or who it is against. One that lasts is brought up to date, not said again. */
  raise(about: string, alarm: Omit<Alarm, 'since' | 'until'>): void {
    const key = `${alarm.kind} ${about}`;
    const known = this.#kept.get(key);
    const isNew = known === undefined || known.until !== undefined;
    const since = isNew ? this.#clock() : known.since;
    // The same again with newer heads says nothing new.
    if (!isNew && sayingOf(alarm) === sayingOf(known)) return;
    if (isNew) this.#kept.delete(key);
    this.#kept.set(key, { ...alarm, since });
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > ALARMS_MAX && oldest !== undefined) this.#kept.delete(oldest);
    this.#isChanged = true;
    if (!isNew) return;
    const { kind, detail } = alarm;
    this.#report(`ALARM ${kind}: ${detail}`, { event: 'alarm', level: 'error', fields: { kind } });
  }

  end(kind: AlarmKind, about: string): void {
    const key = `${kind} ${about}`;
    const known = this.#kept.get(key);
    if (known === undefined || known.until !== undefined) return;
    this.#kept.set(key, { ...known, until: this.#clock() });
    this.#isChanged = true;
    this.#report(`alarm ${kind} is over: ${known.detail}`, {
      event: 'alarm-over',
      fields: { kind },
    });
  }

  /** Writes what changed; rejects with StoreError. */
  async keep(): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    const value = encodeJson([...this.#kept]);
    await this.#store.commit([{ table: 'heads', key: KEY, value }]);
  }
}

const sayingOf = ({ detail, positions, servers }: Omit<Alarm, 'since'>): string =>
  JSON.stringify([detail, positions, servers]);
