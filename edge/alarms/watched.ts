/** One trigger and the condition it speaks for: what it says goes to the states of the bed's alarms. */
import type { AlarmStates } from './alarm-states.ts';
import type { Condition } from './conditions.ts';
import { Trigger, type TriggerTimes } from './trigger.ts';

export class Watched {
  readonly #states: AlarmStates;
  readonly #key: string;
  readonly #trigger: Trigger;
  #condition: Condition;

  /** It begins as the states remember it. `key` is its own among those of its topic. */
  constructor(
    states: AlarmStates,
    key: string,
    condition: Condition,
    times: TriggerTimes,
    nowAt: number,
  ) {
    this.#states = states;
    this.#key = key;
    this.#condition = condition;
    this.#trigger = new Trigger(times, states.stands(condition.topic, key), nowAt);
  }

  get stands(): boolean {
    return this.#trigger.stands;
  }

  tell(holds: boolean, releases: boolean, at: number): void {
    if (this.#trigger.tell(holds, releases, at)) this.#put('ended');
  }

  /** Nothing was told of it for so long: it is not known, and stands no more. */
  age(at: number, lostMs: number): void {
    if (at - this.#trigger.toldMs > lostMs && this.#trigger.drop()) this.#put('data-lost');
  }

  /** The clock jumped. */
  excuse(at: number): void {
    this.#trigger.excuse(at);
  }

  /** The same with another limit. */
  amend(limit: number | undefined): void {
    if (limit === this.#condition.limit || limit === undefined) return;
    this.#condition = { ...this.#condition, limit };
    if (this.#trigger.stands) this.#put('ended');
  }

  #put(cause: 'ended' | 'data-lost'): void {
    const { topic } = this.#condition;
    this.#states.put(this.#key, topic, this.#trigger.stands ? this.#condition : null, cause);
  }
}
