/** draft */
import { History, median } from './filters.ts';
import { QrsFeature } from './qrs-feature.ts';

import type { Beat } from './beat.ts';
import type { SampleSink } from './stream.ts';

interface Candidate {
  at: number;
  height: number;
  slope: number;
  fiducial: number;
}

export const TUNE = {
  blank: 0.2,
  twave: 0.36,
  tslope: 0.5,
  thr: 0.3,
  sb: 1.5,
  sbThr: 0.5,
  sbMax: 2.0,
  learn: 2.0,
  nbuf: 8,
  agg: 'median' as 'median' | 'mean',
  noiseAgg: 'median' as 'median' | 'mean',
};

export class QrsDetector implements SampleSink {
  #startUs = 0;
  #rate = 0;
  #f!: QrsFeature;
  #n = 0;
  #band!: History;
  #feat!: History;
  #cur: Candidate | null = null;
  #p1 = 0;
  #p2 = 0;
  #last: Candidate | null = null;
  #heights: number[] = [];
  #noise: number[] = [];
  #rrs: number[] = [];
  #pending: Candidate[] = [];
  #learning: Candidate[] | null = [];
  #lastX = NaN;
  #offset = 0;
  #wasMissing = false;
  readonly #emit: (b: Beat) => void;
  constructor(emit: (b: Beat) => void) {
    this.#emit = emit;
  }

  begin(startUs: number, rate: number): void {
    this.#startUs = startUs;
    this.#rate = rate;
    this.#f = new QrsFeature(rate);
    this.#n = 0;
    this.#band = new History(Math.ceil(3 * rate));
    this.#feat = new History(Math.ceil(3 * rate));
    this.#cur = null;
    this.#last = null;
    this.#heights = [];
    this.#noise = [];
    this.#rrs = [];
    this.#pending = [];
    this.#learning = [];
    this.#lastX = NaN;
    this.#offset = 0;
    this.#p1 = this.#p2 = 0;
  }
  missing(): void {
    this.#wasMissing = true;
    this.#step(Number.isNaN(this.#lastX) ? 0 : this.#lastX);
  }
  sample(x: number): void {
    if (Number.isNaN(this.#lastX)) {
      this.#f.settle(x);
      this.#offset = 0;
    } else if (this.#wasMissing) this.#offset = this.#lastX - x;
    this.#wasMissing = false;
    this.#step(x + this.#offset);
  }
  #step(x: number): void {
    this.#lastX = x;
    const f = this.#f;
    f.step(x);
    this.#band.push(f.band);
    this.#feat.push(f.feature);
    const n = this.#n++;
    if (this.#p1 > this.#p2 && this.#p1 >= f.feature) this.#peak(n - 1, this.#p1);
    this.#p2 = this.#p1;
    this.#p1 = f.feature;
    const blank = TUNE.blank * this.#rate;
    if (this.#cur !== null && n - this.#cur.at >= blank) {
      const c = this.#cur;
      this.#cur = null;
      this.#candidate(c);
    }
    if (this.#learning !== null && n >= TUNE.learn * this.#rate) this.#learn();
    if (this.#learning === null) this.#searchBack(n);
  }
  #peak(at: number, height: number): void {
    if (this.#cur !== null && this.#cur.height >= height) return;
    this.#cur = { at, height, slope: 0, fiducial: 0 };
  }
  #measure(c: Candidate): void {
    const center = Math.round(c.at - (this.#f.featureDelay - this.#f.bandDelay));
    const half = Math.round(0.06 * this.#rate);
    let best = -1,
      where = center,
      slope = 0;
    const k = Math.max(1, Math.round(0.01 * this.#rate));
    for (let i = center - half; i <= center + half; i++) {
      const v = Math.abs(this.#band.at(i));
      if (v > best) {
        best = v;
        where = i;
      }
      const d = Math.abs(this.#band.at(i) - this.#band.at(i - k));
      if (d > slope) slope = d;
    }
    c.slope = slope;
    c.fiducial = where - this.#f.bandDelay;
  }
  #candidate(c: Candidate): void {
    this.#measure(c);
    if (this.#learning !== null) {
      this.#learning.push(c);
      return;
    }
    this.#judge(c);
  }
  #learn(): void {
    const list = this.#learning!;
    this.#learning = null;
    const h = list.map((c) => c.height).sort((a, b) => b - a);
    const top = h[Math.min(1, h.length - 1)] ?? 0;
    for (let i = 0; i < TUNE.nbuf; i++) this.#heights.push(top);
    const low = h.filter((v) => v < 0.3 * top);
    for (let i = 0; i < TUNE.nbuf; i++) this.#noise.push(low.length ? median(low) : 0);
    for (const c of list) this.#judge(c);
  }
  threshold(): number {
    const agg = (l: number[], how: string) =>
      how === 'median' ? median(l) : l.reduce((a, b) => a + b, 0) / Math.max(1, l.length);
    const s = agg(this.#heights, TUNE.agg),
      nz = agg(this.#noise, TUNE.noiseAgg);
    return nz + TUNE.thr * Math.max(0, s - nz);
  }
  #judge(c: Candidate): void {
    const thr = this.threshold();
    const since = this.#last === null ? Infinity : (c.at - this.#last.at) / this.#rate;
    const isT = since < TUNE.twave && c.slope < TUNE.tslope * this.#last!.slope;
    if (c.height > thr && !isT) {
      this.#accept(c, false);
      return;
    }
    if (!isT) this.#pending.push(c);
    put(this.#noise, c.height, TUNE.nbuf);
  }
  #rr(): number {
    return this.#rrs.length ? median(this.#rrs) : this.#rate;
  }
  #searchBack(n: number): void {
    const from = this.#last === null ? 0 : this.#last.at;
    if (
      n - from <
      Math.min(TUNE.sb * this.#rr(), TUNE.sbMax * this.#rate) + TUNE.blank * this.#rate
    )
      return;
    const thr = this.threshold() * TUNE.sbThr;
    let best: Candidate | null = null;
    for (const c of this.#pending) {
      if (this.#last !== null && c.at - this.#last.at < TUNE.twave * this.#rate) continue;
      if (c.height > thr && (best === null || c.height > best.height)) best = c;
    }
    if (best !== null) this.#accept(best, true);
    else if (this.#pending.length > 32) this.#pending.shift();
  }
  #accept(c: Candidate, searchedBack: boolean): void {
    if (this.#last !== null) {
      const rr = c.at - this.#last.at;
      put(this.#rrs, rr, 8);
    }
    this.#last = c;
    put(this.#heights, c.height, TUNE.nbuf);
    this.#pending = this.#pending.filter((p) => p.at > c.at);
    void searchedBack;
    this.#emit({
      atUs: this.#startUs + Math.round((Math.max(0, c.fiducial) * 1e6) / this.#rate),
      strength: 1,
    });
  }
  end(): void {
    if (this.#cur !== null) {
      const c = this.#cur;
      this.#cur = null;
      this.#candidate(c);
    }
    if (this.#learning !== null) this.#learn();
  }
}
function put(list: number[], v: number, max: number): void {
  list.push(v);
  if (list.length > max) list.shift();
}
