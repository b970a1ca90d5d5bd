/**
 * From millimetres to this screen's pixels, and the colours of the traces.
 *
 *   walls   25 mm/s, 10 mm/mV      phones  12.5 mm/s, 5 mm/mV
 *
 * A browser does not know its screen's size. Undeclared, a wall counts as 24 inches of full HD
 * (3.6 px/mm) and a phone has 6 px/mm.
 */
import type { Pencil } from './bed-tile.ts';
import type { Layout } from './layout.ts';

export interface Screen {
  readonly theme: string | null;
  /** Not above 0: not declared. */
  readonly diagonalInches: number;
}

const WALL_PX_PER_MM = 3.6;
const PHONE_PX_PER_MM = 6;
const PHONE_PX = 600;
const MM_PER_INCH = 25.4;

export function pencilOf(layout: Layout, { theme, diagonalInches }: Screen): Pencil {
  const root = document.documentElement;
  const byDay = matchMedia('(prefers-color-scheme: light)').matches;
  root.dataset['theme'] = theme === 'day' || (theme !== 'night' && byDay) ? 'day' : 'night';
  const style = getComputedStyle(root);
  const token = (name: string) => style.getPropertyValue(name).trim();

  const phone = root.clientWidth < PHONE_PX;
  const declared = Math.hypot(screen.width, screen.height) / (diagonalInches * MM_PER_INCH);
  const supposed = phone ? PHONE_PX_PER_MM : WALL_PX_PER_MM;
  const pxPerMm = diagonalInches > 0 ? declared : supposed;
  const dense = layout.mode === 'dense';
  return {
    pxPerSecond: (phone ? 12.5 : 25) * pxPerMm,
    pxPerMillivolt: (phone ? 5 : 10) * pxPerMm,
    lineWidthPx: dense ? 1.1 : Math.min(1.75 * layout.scale, 2.5),
    eraseBarPx: dense ? 12 : 24,
    colors: { ecg: token('--ecg'), pleth: token('--pleth') },
  };
}
