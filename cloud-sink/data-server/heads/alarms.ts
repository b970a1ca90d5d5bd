/**
 * Alarms of a data server [PROTO-42]: each once for what it is about, said once on stderr, kept in
 * the store with the signed heads that show it, so that a restart forgets none. One that its operator
 * acknowledged is kept and told like the others; should it come to say anything else, it is new again.
 */
import type { Say } from '@vitalshare/edge/operations';
import { sha256, toHex, utf8 } from '@vitalshare/edge/seal';
import { ALARMS_MAX } from '../../limits.ts';
import type { Alarm, AlarmKind } from '../../messages/alarms.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Store } from '../store.ts';

const KEY = utf8('alarms');
/** Typed by people, among ALARMS_MAX. */
const ID_CHARACTERS = 8;

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

  /** How many of a kind last and nobody has dealt with. */
  lasting(kind: AlarmKind): number {
    return this.list.filter((alarm) => alarm.kind === kind && isOpen(alarm)).length;
  }

  /** `about` is the log, or who it is against. One that lasts is brought up to date, not said again. */
  raise(about: string, alarm: Omit<Alarm, 'since' | 'until' | 'acknowledged'>): void {
    const key = `${alarm.kind} ${about}`;
    const known = this.#kept.get(key);
    const isNew = known === undefined || !isOpen(known);
    // The same again with newer heads says nothing new.
    if (known !== undefined && known.until === undefined && sayingOf(alarm) === sayingOf(known)) {
      return;
    }
    const since = isNew ? this.#clock() : known.since;
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

  /** By id, ms UTC when its operator said that it has been dealt with. */
  acknowledge(times: ReadonlyMap<string, number>): void {
    for (const [key, alarm] of this.#kept) {
      const acknowledged = times.get(idOf(alarm));
      if (acknowledged === undefined || alarm.acknowledged !== undefined) continue;
      this.#kept.set(key, { ...alarm, acknowledged });
      this.#isChanged = true;
      const { kind, detail } = alarm;
      this.#report(`alarm ${kind} was acknowledged: ${detail}`, {
        event: 'alarm-acknowledged',
        fields: { kind },
      });
    }
  }

  /** Writes what changed; rejects with StoreError. */
  async keep(): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    const value = encodeJson([...this.#kept]);
    try {
      await this.#store.commit([{ table: 'heads', key: KEY, value }]);
    } catch (error) {
      this.#isChanged = true;
      throw error;
    }
  }
}

/** Names what it says as well: an acknowledgement covers nothing that came later. */
export const idOf = ({ kind, log, since, detail }: Omit<Alarm, 'evidence'>): string =>
  toHex(sha256(utf8(JSON.stringify([kind, log, since, detail])))).slice(0, ID_CHARACTERS);

/** Whether somebody has to do something about it. */
export const isOpen = ({ until, acknowledged }: Omit<Alarm, 'evidence'>): boolean =>
  until === undefined && acknowledged === undefined;

const sayingOf = ({ detail, positions, servers }: Omit<Alarm, 'since'>): string =>
  JSON.stringify([detail, positions, servers]);
