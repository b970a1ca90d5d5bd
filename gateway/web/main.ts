/**
 * The ward page: every bed with its latest numbers and a moving trace, and never older than it says.
 * This file holds the page's clock, timers and sockets; what it shows follows from them elsewhere.
 *
 *   ?theme=day|night   instead of the reader's own preference
 *   ?diagonal=24       of this screen in inches, for 25 mm/s and 10 mm/mV that are true
 */
import { followFeed } from './feed-client.ts';
import { Wall } from './wall.ts';

const query = new URLSearchParams(location.search);
const wall = new Wall({
  theme: query.get('theme'),
  diagonalInches: Number(query.get('diagonal')),
});

const FRAME_MS = 30;
const CALM_FRAME_MS = 1_000;
const WORDS_MS = 1_000;

followFeed(wall, {
  open: () => new EventSource('/live'),
  now: () => performance.now(),
  every: (ms, run) => setInterval(run, ms),
});
setInterval(() => wall.paint(), WORDS_MS);

const calm = matchMedia('(prefers-reduced-motion: reduce)');
let drawnMs = 0;
const frame = (nowMs: number) => {
  requestAnimationFrame(frame);
  if (nowMs - drawnMs < (calm.matches ? CALM_FRAME_MS : FRAME_MS)) return;
  drawnMs = nowMs;
  wall.draw();
};
requestAnimationFrame(frame);
