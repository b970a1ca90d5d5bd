/**
 * The top bar, the bars below it and the page's foot: whose ward, how many beds live, what time it is
 * at the gateway; whether this page is live, and whether its own clock is wrong.
 */
import { formatAge, formatClock, formatZone } from '@vitalshare/cloud-sink/drawing';
import { CLOCK_SKEW_MS } from './ages.ts';
import type { BedView } from './bed-view.ts';
import { element, marks, setText, showText } from './dom.ts';
import { words } from './words.ts';

export interface TopBarView {
  readonly nowMs: number;
  /** Whether the gateway has said which beds there are. */
  readonly known: boolean;
  /** While the feed is lost; since when, if it was ever heard. */
  readonly lost: { readonly sinceMs: number | null } | null;
  readonly views: readonly BedView[];
  readonly labels: readonly Readonly<Record<string, string>>[];
}

/** The ward of simulated beds: no patient lies in it. */
const DEMO_WARD = 'demo';
const PRIORITIES = ['high', 'medium', 'low'] as const;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

export class TopBar {
  readonly #find = (id: string) => document.getElementById(id)!;
  readonly #top = document.querySelector('header')!;
  readonly #demo = this.#find('demo');
  readonly #ward = this.#find('ward');
  readonly #summary = this.#find('summary');
  readonly #date = this.#find('date');
  readonly #clock = this.#find('clock');
  readonly #lost = this.#find('lost');
  readonly #lostSince = element('b');
  readonly #lostAdvice = element('span');
  readonly #skew = this.#find('skew');
  readonly #sound = this.#find('sound');
  readonly #tally = this.#find('tally');
  readonly #foot = this.#find('disclaimer');

  constructor() {
    const text = element('span', '', [this.#lostSince, this.#lostAdvice]);
    this.#lost.append(marks(2), text);
    const silent = element('b');
    setText(silent, words.noSound);
    this.#sound.replaceChildren(silent, words.noSoundAdvice);
    setText(this.#demo, words.demo);
    setText(this.#foot, words.disclaimer);
  }

  /** Returns the height of all bars, which the tiles have to do without. */
  paint({ nowMs, known, lost, views, labels }: TopBarView): number {
    const ward = wardOf(labels);
    setText(this.#ward, ward);
    if (document.title !== ward) document.title = ward;
    this.#demo.hidden = !labels.some((of) => of['ward'] === DEMO_WARD);
    this.#paintSummary(views);
    this.#paintTally(views);
    this.#lost.hidden = lost === null;
    const since = lost?.sinceMs ?? null;
    const clock = since === null ? '' : formatClock(since, { seconds: true });
    setText(this.#lostSince, since === null ? words.neverLive : words.lostSince(clock));
    const advice = since === null ? words.neverLiveAdvice : words.lostAdvice;
    setText(this.#lostAdvice, ` ${advice}`);
    if (known) this.#paintClock(nowMs, lost !== null);
    return this.heightPx();
  }

  heightPx(): number {
    const bars = [this.#top, this.#sound, this.#lost, this.#skew, this.#foot];
    return bars.reduce((sum, bar) => sum + bar.offsetHeight, 0);
  }

  #paintSummary(views: readonly BedView[]): void {
    const live = views.filter(({ state }) => state === 'live').length;
    const silent = views.filter(({ state }) => state === 'silent').length;
    const parts = [words.beds(views.length), words.live(live)];
    if (silent > 0) parts.push(words.silent(silent));
    const text = views.length === 0 ? [] : parts;
    if (this.#summary.textContent === text.join('')) return;
    const spans = text.map((part) => {
      const [figure = '', ...rest] = part.split(' ');
      const bold = element('b');
      bold.textContent = figure;
      const span = element('span', '', [bold]);
      span.append(` ${rest.join(' ')}`);
      return span;
    });
    this.#summary.replaceChildren(...spans);
  }

  /** Beds by the priority of their highest alarm: a chip each, with marks and a word. */
  #paintTally(views: readonly BedView[]): void {
    const counts = PRIORITIES.map((priority) => {
      const of = views.filter(({ alarm }) => alarm?.priority === priority);
      return [priority, of.length] as const;
    }).filter(([, count]) => count > 0);
    const key = counts.map(([priority, count]) => `${priority} ${count}`).join();
    if (this.#tally.dataset['shown'] === key) return;
    this.#tally.dataset['shown'] = key;
    const chips = counts.map(([priority, count]) => {
      const chip = element('span', 'chip', [
        marks(PRIORITIES.length - PRIORITIES.indexOf(priority)),
      ]);
      chip.dataset['priority'] = priority;
      const word = element('span', 'word');
      setText(word, words.tally[priority]);
      const text = element('span');
      text.append(`${count} `, word);
      chip.append(text);
      return chip;
    });
    this.#tally.replaceChildren(...chips);
  }

  #paintClock(nowMs: number, lost: boolean): void {
    setText(this.#clock, formatClock(nowMs, { seconds: true }));
    const day = new Date(nowMs).toDateString().split(' ');
    setText(this.#date, `${day[0] ?? ''} ${Number(day[2])} ${day[1] ?? ''} ${formatZone(nowMs)}`);
    const skewMs = Date.now() - nowMs;
    const differs = !lost && Math.abs(skewMs) > CLOCK_SKEW_MS;
    showText(this.#skew, differs ? skewText(skewMs) : '');
  }
}

function skewText(skewMs: number): string {
  const sizeMs = Math.abs(skewMs);
  const seconds = words.seconds(Math.round(sizeMs / SECOND_MS));
  const age = formatAge(sizeMs) ?? words.minutes(Math.round(sizeMs / MINUTE_MS));
  const difference = sizeMs < MINUTE_MS ? seconds : age;
  return `${words.clockSkew(difference, skewMs > 0)} ${words.clockSkewAdvice}`;
}

/** The ward's name, where all beds bear the same one. */
function wardOf(labels: readonly Readonly<Record<string, string>>[]): string {
  const names = new Set(labels.map((of) => of['ward']));
  const [name] = names;
  return names.size === 1 && name !== undefined && name !== DEMO_WARD ? name : words.ward;
}
