/**
 * One bed's tile. Built once; `paint` words it, at most once a second, `drawTrace` draws its trace.
 *
 *   head     name, labels            how it is not live (where there is no foot); NEWS2
 *   strip    the highest alarm; else trace name, or the pill; rhythm, variability     the notice
 *   box      the trace, or the hatch and why
 *   numbers  label, unit, bars or age; the number, or a dash and the last value
 *   foot     BP, temperature, pulse                                        live
 */
import { drawSweep, headOf, type Sweep, type SweepView } from '@vitalshare/cloud-sink/drawing';
import type { BedView } from './bed-view.ts';
import { element, marks, setAttribute, setText, showText } from './dom.ts';
import { NumberCell } from './number-cell.ts';
import type { SpotView } from './spot-view.ts';
import { words } from './words.ts';

/** How traces are drawn on this screen, in CSS pixels. */
export interface Pencil {
  readonly pxPerSecond: number;
  readonly pxPerMillivolt: number;
  readonly lineWidthPx: number;
  readonly eraseBarPx: number;
  readonly colors: Readonly<Record<'ecg' | 'pleth', string>>;
}

const STARS = { high: 3, medium: 2, low: 1 } as const;
const GAIN_WORDS = { 1: '', 0.5: '×½', 0.25: '×¼' } as const;
/** What does not fit is left out whole, the last first. */
const SPOTS_MAX = 3;
/** A calm wave leaves the strip's part of the box free. */
const ROOM = 88 / 124;

export class BedTile {
  readonly root = element('article', 'tile');
  readonly #name = element('h2', 'bed');
  readonly #meta = element('span', 'meta');
  readonly #when = element('span', 'when');
  readonly #channel = element('span', 'channel');
  readonly #gain = element('span', 'gain');
  readonly #rhythm = element('span', 'rhythm');
  readonly #variability = element('span', 'variability');
  readonly #pill = element('span', 'pill');
  readonly #pillText = element('b');
  readonly #pillAge = element('span');
  readonly #notice = element('span', 'notice');
  readonly #alarmMarks = element('span', 'lozenge');
  readonly #alarmText = element('b');
  readonly #alarmMore = element('span', 'more');
  readonly #alarmTail = element('span', 'tail');
  readonly #alarm = element('div', 'alarm', [
    ...[this.#alarmMarks, this.#alarmText, this.#alarmMore, this.#alarmTail],
  ]);
  readonly #news2Word = element('span', 'band');
  readonly #score = element('span', 'score');
  readonly #news2: HTMLElement;
  readonly #canvas = element('canvas', 'trace');
  readonly #hatch = element('span');
  readonly #hatchBox = element('div', 'hatch', [this.#hatch]);
  readonly #numbers = [0, 1, 2].map(() => new NumberCell());
  readonly #lastLine = element('p', 'last-line');
  readonly #spots = Array.from({ length: SPOTS_MAX }, () => element('span', 'spot'));
  readonly #live = element('span', 'live');
  readonly #pen = this.#canvas.getContext('2d')!;
  #view: BedView | null = null;
  /** Whether it is on the screen: what is not need not be drawn. */
  visible = true;

  constructor() {
    this.root.tabIndex = 0;
    this.#canvas.setAttribute('aria-hidden', 'true');
    this.#variability.title = words.variabilityTitle;
    this.#pill.append(marks(1), this.#pillText, this.#pillAge);
    const news2Name = element('span', 'news2-name');
    setText(news2Name, words.news2Name);
    this.#news2 = element('span', 'news2', [
      element('span', '', [news2Name, element('br'), this.#news2Word]),
      this.#score,
    ]);
    const ecg = [this.#channel, this.#gain, this.#rhythm, this.#variability];
    const strip = [...ecg, this.#pill, this.#notice, this.#alarm];
    this.root.append(
      element('header', 'head', [this.#name, this.#meta, this.#when, this.#news2]),
      element('div', 'strip', strip),
      element('div', 'box', [this.#canvas, this.#hatchBox]),
      element(
        'div',
        'numbers',
        this.#numbers.map(({ root }) => root),
      ),
      this.#lastLine,
      element('footer', 'foot', [element('div', 'spots', this.#spots), this.#live]),
    );
  }

  paint(view: BedView): void {
    const before = this.#view?.trace;
    const hidden = before?.hatch !== view.trace.hatch;
    if (before?.trace !== view.trace.trace || hidden) view.trace.trace?.forgetPlace();
    this.#view = view;
    setAttribute(this.root, 'data-state', view.state);
    setAttribute(this.root, 'data-flag', view.pill === null || view.alarm !== null ? '' : 'low');
    this.#paintAlarm(view);
    setAttribute(this.root, 'aria-label', view.spoken);
    setText(this.#name, view.name);
    setAttribute(this.#name, 'title', view.status);
    setText(this.#meta, view.meta);
    setText(this.#when, view.remark);
    const calm = view.alarm === null;
    showText(this.#channel, calm && view.pill === null ? view.trace.label : '');
    this.#gain.hidden = !calm || view.trace.hatch !== null || this.#gain.textContent === '';
    setAttribute(this.#channel, 'data-hue', view.trace.hue);
    setText(this.#pillText, view.pill?.text ?? '');
    setText(this.#pillAge, view.pill?.age ?? '');
    this.#pill.hidden = view.pill === null || !calm;
    showText(this.#rhythm, calm ? view.rhythm : '');
    showText(this.#variability, calm ? view.variability : '');
    showText(this.#notice, calm ? view.notice : '');
    setAttribute(this.#notice, 'title', view.notice);
    setText(this.#hatch, view.trace.hatch ?? '');
    this.#hatchBox.hidden = view.trace.hatch === null;
    this.#canvas.hidden = view.trace.hatch !== null;
    view.numbers.forEach((number, index) => this.#numbers[index]?.paint(number));
    showText(this.#lastLine, view.lastLine);
    this.#spots.forEach((node, index) => paintSpot(node, view.spots[index]));
    setText(this.#live, view.foot);
  }

  #paintAlarm({ alarm, news2, standby }: BedView): void {
    setAttribute(this.root, 'data-alarm', alarm?.priority ?? '');
    setAttribute(this.root, 'data-acknowledged', String(alarm?.isAcknowledged ?? false));
    setAttribute(this.root, 'data-standby', String(standby !== ''));
    this.#alarm.hidden = alarm === null;
    const stars = alarm === null ? '' : String(STARS[alarm.priority]);
    if (this.#alarmMarks.dataset['stars'] !== stars) {
      this.#alarmMarks.dataset['stars'] = stars;
      this.#alarmMarks.replaceChildren(...(stars === '' ? [] : [marks(Number(stars))]));
    }
    setText(this.#alarmText, alarm?.text ?? '');
    setAttribute(this.#alarm, 'title', alarm?.text ?? '');
    showText(this.#alarmMore, alarm?.more ?? '');
    setText(this.#alarmTail, alarm?.tail ?? '');
    this.#news2.hidden = news2 === null;
    setAttribute(this.#news2, 'data-band', news2?.band ?? '');
    setAttribute(this.#news2, 'data-partial', String(news2?.isPartial ?? false));
    setText(this.#news2Word, news2?.word ?? '');
    setText(this.#score, news2?.score ?? '');
  }

  /** Takes the canvas' new size. */
  resize(pixelRatio: number): void {
    const width = Math.round(this.#canvas.clientWidth * pixelRatio);
    const height = Math.round(this.#canvas.clientHeight * pixelRatio);
    if (width === 0 || (this.#canvas.width === width && this.#canvas.height === height)) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#view?.trace.trace?.forgetPlace();
  }

  /** Draws the trace as of `nowMs`, the gateway's time. */
  drawTrace(nowMs: number, pencil: Pencil, pixelRatio: number): void {
    const view = this.#view?.trace;
    const trace = view?.trace ?? null;
    const playheadMs = trace?.playhead.at(nowMs) ?? null;
    if (view === undefined || trace === null || playheadMs === null || view.hatch !== null) return;
    const widthPx = this.#canvas.width / pixelRatio;
    const heightPx = this.#canvas.height / pixelRatio;
    const sweepMs = (widthPx / pencil.pxPerSecond) * 1000;
    trace.sweep.forget(playheadMs - sweepMs);
    const box = { heightPx, roomPx: heightPx * ROOM };
    const place = trace.placeAt(playheadMs, sweepMs, box, pencil.pxPerMillivolt);
    if (place === null) return;
    showText(this.#gain, this.#view?.alarm === null ? GAIN_WORDS[place.part] : '');
    this.#pen.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
    const sweepView = {
      ...{ widthPx, playheadMs, color: pencil.colors[view.hue] },
      ...{ baselinePx: place.baselinePx, pxPerUnit: place.pxPerUnit },
      ...{ pxPerSecond: pencil.pxPerSecond },
      ...{ lineWidthPx: pencil.lineWidthPx, eraseBarPx: pencil.eraseBarPx },
    };
    if (trace.drawnMs === -Infinity || playheadMs < trace.drawnMs) {
      this.#pen.clearRect(0, 0, widthPx, heightPx);
      drawSweep(this.#pen, trace.sweep, sweepView);
    } else {
      const { drawnMs } = trace;
      drawNewest(this.#pen, trace.sweep, sweepView, { heightPx, pixelRatio, drawnMs });
    }
    trace.drawnMs = playheadMs;
  }
}

/**
 * Between two frames a sweep changes only from the last dot to the end of the erase bar. On a machine
 * without a graphics card that is a fifth of the work of drawing it all. Edges lie on whole pixels of
 * the screen, or each would leave a seam.
 */
function drawNewest(
  pen: CanvasRenderingContext2D,
  sweep: Sweep,
  view: SweepView,
  box: { readonly heightPx: number; readonly pixelRatio: number; readonly drawnMs: number },
): void {
  const { heightPx, pixelRatio, drawnMs } = box;
  const pxPerMs = view.pxPerSecond / 1000;
  const headPx = headOf(view);
  const marginPx = 3 * view.lineWidthPx;
  const backPx = headPx - (view.playheadMs - drawnMs) * pxPerMs - marginPx;
  const fromPx = Math.floor(backPx * pixelRatio) / pixelRatio;
  const toPx = Math.ceil((headPx + view.eraseBarPx) * pixelRatio) / pixelRatio;
  pen.save();
  pen.beginPath();
  pen.rect(fromPx, 0, toPx - fromPx, heightPx);
  pen.clip();
  pen.clearRect(fromPx, 0, toPx - fromPx, heightPx);
  drawSweep(pen, sweep, view, drawnMs - (2 * marginPx) / pxPerMs);
  pen.restore();
}

function paintSpot(node: HTMLElement, spot: SpotView | undefined): void {
  node.hidden = spot === undefined;
  if (spot === undefined) return;
  const { label, text, clock } = spot;
  const key = `${label} ${text} ${clock}`;
  if (node.dataset['shown'] === key) return;
  node.dataset['shown'] = key;
  const value = element('b');
  value.textContent = text;
  node.replaceChildren(`${label} `, value, clock === '' ? '' : ` ${clock}`);
}

/** The captions a list of rows stands under. */
export function rowCaptions(): HTMLElement {
  const caption = (text: string) => {
    const cell = element('span');
    cell.textContent = text;
    return cell;
  };
  const texts = [words.bed, words.heartRate, words.spo2, words.respiration];
  const row = element('div', 'captions', texts.map(caption));
  row.setAttribute('aria-hidden', 'true');
  return row;
}
