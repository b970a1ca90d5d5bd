/**
 * How many tiles stand side by side, how large and how full. All tiles on one screen as long as the
 * smallest tile still fits.
 *
 *   beds     1  2–4  5–6  7–12  13–20  21–30  31–42  43–
 *   columns  1   2    3    4      5      6      7     8
 *
 *   full    from 420 px wide   head 44, strip 36, trace 88 or more, labels 24, numbers 76, foot 44
 *   middle  280 to 419         32, 26, 60, 20, numbers, 6; a foot of 32 where it fits
 *   dense   under 280          28, 34, 14, numbers, 4
 *   row     a narrow screen    one under the other, scrolled
 *
 * A wall number is 0.18 × the tile's width; a full tile grows with its number, up to twice its size.
 */
export interface Layout {
  readonly mode: 'full' | 'middle' | 'dense' | 'row';
  readonly columns: number;
  /** 0: as high as it needs. */
  readonly tileHeightPx: number;
  readonly numberPx: number;
  /** Of everything else in a full tile, against 466 × 312. */
  readonly scale: number;
  readonly foot: boolean;
}

const COLUMNS: readonly (readonly [bedsMax: number, columns: number])[] = [
  [1, 1],
  [4, 2],
  [6, 3],
  [12, 4],
  [20, 5],
  [30, 6],
  [42, 7],
];
const COLUMNS_MAX = 8;
const ROW_SCREEN_PX = 980;
const FULL_PX = 420;
const MIDDLE_PX = 280;
const NUMBER_PER_WIDTH = 0.18;
const NUMBER_LINE = 76 / 84;
const FOOT_PX = 32;

/** `heightPx` is what is left for the tiles. */
export function layoutOf(beds: number, widthPx: number, heightPx: number): Layout {
  const columns = COLUMNS.find(([bedsMax]) => beds <= bedsMax)?.[1] ?? COLUMNS_MAX;
  const rows = Math.max(1, Math.ceil(beds / columns));
  const gapPx = columns >= COLUMNS_MAX - 1 ? 4 : 8;
  const tilePx = (widthPx - 4 * gapPx - (columns - 1) * gapPx) / columns;
  const roomPx = Math.floor((heightPx - 3 * gapPx - (rows - 1) * gapPx) / rows);
  if (widthPx < ROW_SCREEN_PX && tilePx < FULL_PX) {
    return { mode: 'row', columns: 1, tileHeightPx: 0, numberPx: 28, scale: 1, foot: false };
  }
  const wanted = { columns, tilePx, roomPx };
  return full(wanted) ?? middle(wanted) ?? dense(wanted);
}

interface Wanted {
  readonly columns: number;
  readonly tilePx: number;
  readonly roomPx: number;
}

function full({ columns, tilePx, roomPx }: Wanted): Layout | null {
  const scale = Math.min(tilePx / 466, roomPx / 312, 2);
  if (tilePx < FULL_PX || scale < FULL_PX / 466) return null;
  const tileHeightPx = heightWithin(roomPx, 312 * scale, tilePx);
  return { mode: 'full', columns, tileHeightPx, numberPx: 84 * scale, scale, foot: true };
}

function middle({ columns, tilePx, roomPx }: Wanted): Layout | null {
  const restPx = 32 + 26 + 60 + 20 + 6;
  const numberPx = Math.min(tilePx * NUMBER_PER_WIDTH, (roomPx - restPx) / NUMBER_LINE);
  if (tilePx < MIDDLE_PX || numberPx < 48) return null;
  const basePx = restPx + numberPx * NUMBER_LINE;
  const foot = roomPx >= basePx + FOOT_PX;
  const tileHeightPx = heightWithin(roomPx, basePx + (foot ? FOOT_PX : 0), tilePx);
  return { mode: 'middle', columns, tileHeightPx, numberPx, scale: 1, foot };
}

function dense({ columns, tilePx, roomPx }: Wanted): Layout {
  const numberPx = Math.min(tilePx * NUMBER_PER_WIDTH, 56);
  const basePx = 28 + 34 + 14 + 4 + numberPx * NUMBER_LINE;
  const tileHeightPx = heightWithin(roomPx, basePx, tilePx);
  return { mode: 'dense', columns, tileHeightPx, numberPx, scale: 1, foot: false };
}

/** A tile takes the room there is, but grows no taller than half its width. */
const heightWithin = (roomPx: number, basePx: number, tilePx: number): number =>
  Math.round(Math.max(basePx, Math.min(roomPx, Math.max(basePx * 1.1, tilePx / 2))));
