/**
 * The boot a clock stands for: seconds since 2020-01-01 UTC.
 *
 * A boot counter that was lost, restored from a backup or copied repeats boots, and with them
 * nonces [S12]. A node that has a clock therefore never opens a boot below this number; the
 * counter still decides whenever it is ahead, so a clock that stands still or goes back costs
 * nothing. From the year 2147 on, which only a broken clock says today, the counter is alone: a
 * jump there would leave too few boots.
 */

const BOOT_CLOCK_START_MS = Date.UTC(2020, 0, 1);
const BOOT_OF_CLOCK_MAX = 0xf000_0000;

export function bootOfClock(clockMs: number): number {
  const boot = Math.floor((clockMs - BOOT_CLOCK_START_MS) / 1000);
  return boot >= 1 && boot <= BOOT_OF_CLOCK_MAX ? boot : 0;
}
