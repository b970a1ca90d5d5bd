/**
 * The wall of tiles under its top bar: listens to the feed, keeps the beds, lays the tiles out and
 * repaints them. Beds stand in the order of their names, `bed-2` before `bed-10`, and stay there.
 */
import type {
  LiveAlarms,
  LiveClock,
  LiveNews2,
  LiveNotice,
  LiveNumbers,
  LiveWard,
  LiveWave,
} from '../live/feed.ts';
import { Bed } from './bed.ts';
import { BedTile, rowCaptions, type Pencil } from './bed-tile.ts';
import { viewOf, type BedView } from './bed-view.ts';
import { element } from './dom.ts';
import type { FeedListener } from './feed-client.ts';
import { GatewayClock } from './gateway-clock.ts';
import { layoutOf, type Layout } from './layout.ts';
import { pencilOf, type Screen } from './screen.ts';
import { TopBar } from './top-bar.ts';
import { words } from './words.ts';

interface Entry {
  readonly bed: Bed;
  readonly tile: BedTile;
}

const byName = new Intl.Collator('en', { numeric: true });

export class Wall implements FeedListener {
  readonly #entries = new Map<string, Entry>();
  readonly #root = document.getElementById('wall')!;
  readonly #topBar = new TopBar();
  readonly #clock = new GatewayClock();
  readonly #screen: Screen;
  readonly #onScreen = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      for (const { tile } of this.#entries.values()) {
        if (tile.root === target) tile.visible = isIntersecting;
      }
    }
  });
  #pencil: Pencil | null = null;
  #known = false;
  /** When the feed was last heard, on this page's clock, while it is lost. */
  #lostAtMs: number | null = null;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#showEmpty(words.waitingForGateway);
    this.#layOut();
    new ResizeObserver(() => this.#layOut()).observe(document.documentElement);
    matchMedia('(prefers-color-scheme: light)').addEventListener('change', () => this.#layOut());
    this.paint();
  }

  readonly ward = (event: LiveWard): void => {
    this.#clock.hear(event.gatewayTimeMs, performance.now());
    this.#known = true;
    const names = new Set(event.beds.map(({ bed }) => bed));
    for (const name of this.#entries.keys()) if (!names.has(name)) this.#entries.delete(name);
    for (const announced of event.beds) {
      const entry = this.#entries.get(announced.bed);
      if (entry !== undefined) entry.bed.announced = announced;
      else {
        this.#entries.set(announced.bed, { bed: new Bed(announced), tile: new BedTile() });
      }
    }
    this.#arrange();
    this.paint();
  };

  readonly numbers = ({ bed, numbers }: LiveNumbers): void =>
    this.#entries.get(bed)?.bed.takeNumbers(numbers, this.#nowMs());

  readonly wave = (event: LiveWave): void =>
    this.#entries.get(event.bed)?.bed.takeWave(event, this.#nowMs());

  readonly notice = (event: LiveNotice): void =>
    this.#entries.get(event.bed)?.bed.takeNotice(event);

  readonly alarms = (event: LiveAlarms): void => {
    const entry = this.#entries.get(event.bed);
    if (entry === undefined) return;
    entry.bed.alarms = event;
    this.paint();
  };

  readonly news2 = ({ bed, news2 }: LiveNews2): void => {
    const entry = this.#entries.get(bed);
    if (entry !== undefined) entry.bed.news2 = news2;
  };

  readonly clock = (event: LiveClock): void =>
    this.#clock.hear(event.gatewayTimeMs, performance.now());

  readonly live = (live: boolean, heardMs: number): void => {
    this.#lostAtMs = live ? null : heardMs;
    if (!live) for (const { bed } of this.#entries.values()) bed.forgetSensors();
    this.paint();
  };

  /** Everything in words: bars, summary, numbers, ages. */
  paint(): void {
    const nowMs = this.#nowMs();
    const lostMs = this.#lostAtMs === null ? null : this.#clock.at(this.#lostAtMs);
    const views: BedView[] = [];
    for (const { bed, tile } of this.#entries.values()) {
      const view = viewOf(bed, { nowMs, lostMs });
      tile.paint(view);
      views.push(view);
    }
    const lost = this.#lostAtMs === null ? null : { sinceMs: lostMs };
    const labels = [...this.#entries.values()].map(({ bed }) => bed.announced.labels);
    const heightPx = this.#topBar.paint({ nowMs, known: this.#known, lost, views, labels });
    if (heightPx !== this.#barsPx) this.#layOut();
  }

  draw(): void {
    const pencil = this.#pencil;
    if (pencil === null) return;
    const nowMs = this.#nowMs();
    for (const { tile } of this.#entries.values()) {
      if (tile.visible) tile.drawTrace(nowMs, pencil, devicePixelRatio);
    }
  }

  #barsPx = 0;

  #nowMs(): number {
    return this.#clock.at(performance.now()) ?? Date.now();
  }

  #arrange(): void {
    const entries = [...this.#entries.values()];
    entries.sort((a, b) => byName.compare(a.bed.announced.bed, b.bed.announced.bed));
    this.#onScreen.disconnect();
    for (const { tile } of entries) this.#onScreen.observe(tile.root);
    const wanted = entries.map(({ tile }) => tile.root);
    const shown = [...this.#root.querySelectorAll('article')];
    const same = shown.length === wanted.length && wanted.every((root, i) => root === shown[i]);
    if (!same) this.#root.replaceChildren(rowCaptions(), ...wanted);
    if (wanted.length === 0) this.#showEmpty(words.noBeds);
    this.#layOut();
  }

  #showEmpty(text: string): void {
    const message = element('p', 'empty');
    message.textContent = text;
    this.#root.replaceChildren(message);
  }

  #layOut(): void {
    this.#barsPx = this.#topBar.heightPx();
    const { clientWidth, clientHeight } = document.documentElement;
    const layout = layoutOf(this.#entries.size, clientWidth, clientHeight - this.#barsPx);
    this.#apply(layout);
    this.#pencil = pencilOf(layout, this.#screen);
    for (const { bed, tile } of this.#entries.values()) {
      tile.resize(devicePixelRatio);
      for (const trace of bed.traces.values()) trace.forgetPlace();
    }
    this.draw();
  }

  #apply(layout: Layout): void {
    const { style, dataset } = this.#root;
    dataset['mode'] = layout.mode;
    dataset['foot'] = String(layout.foot);
    style.setProperty('--columns', String(layout.columns));
    style.setProperty('--number', `${layout.numberPx}px`);
    style.setProperty('--k', String(layout.scale));
    const height = layout.tileHeightPx === 0 ? 'auto' : `${layout.tileHeightPx}px`;
    style.setProperty('--tile-height', height);
  }
}
