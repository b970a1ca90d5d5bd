/**
 * Where a wave stands in its box, and at what gain.
 *
 *   baseline = height − foot + lo·gain      y(value) = baseline − value·gain
 *
 * A calibrated wave (ECG, 10 mm/mV) keeps its gain; one taller than its box is drawn at half of it,
 * or a quarter, and says so (`part`). A wave without a calibrated unit (pleth) fills its box instead.
 */
export interface WaveBox {
  readonly heightPx: number;
  /** The lower part of the box that a calm wave is centred in; a tall wave may use all of it. */
  readonly roomPx: number;
}

export interface Place {
  readonly pxPerUnit: number;
  readonly baselinePx: number;
  /** 1, or the part of the calibrated gain that is drawn. */
  readonly part: 1 | 0.5 | 0.25;
}

const FOOT_PX = 6;
/** Above the highest stroke, so that half a line's width is not cut off. */
const TOP_PX = 2;
/** A pleth takes this part of its room, above this foot. */
const FILLED = 0.62;
const FILLED_FOOT_PX = 12;

/** `extent` in the wave's unit, `pxPerUnit` at full gain. */
export function placeWave(
  extent: { readonly lo: number; readonly hi: number },
  box: WaveBox,
  pxPerUnit: number,
): Place {
  const { lo, hi } = extent;
  const tallest = box.heightPx - FOOT_PX - TOP_PX;
  const part = ([1, 0.5] as const).find((x) => (hi - lo) * pxPerUnit * x <= tallest) ?? 0.25;
  const gain = pxPerUnit * part;
  const spareFootPx = Math.max(0, (box.roomPx - (hi - lo) * gain) / 2 - 8);
  return { pxPerUnit: gain, baselinePx: box.heightPx - FOOT_PX + lo * gain - spareFootPx, part };
}

/** For a wave whose unit says nothing about its height. A wave without height lies on its foot. */
export function fitWave(extent: { readonly lo: number; readonly hi: number }, box: WaveBox): Place {
  const { lo, hi } = extent;
  const gain = hi > lo ? (box.roomPx * FILLED) / (hi - lo) : 0;
  const footPx = Math.min(FILLED_FOOT_PX, box.heightPx / 8);
  return { pxPerUnit: gain, baselinePx: box.heightPx - footPx + lo * gain, part: 1 };
}
