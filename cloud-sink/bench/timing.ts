/**
 * How long a piece of work takes: the median of several runs after a warm-up, in ms. Ours and a peer's
 * take turns, so that a machine that drifts moves both.
 */
export type Work = () => unknown;

export async function medianMs(work: Work, runs = 7): Promise<number> {
  return (await mediansMs([work], runs))[0]!;
}

/** Nanoseconds since some moment. */
export type Clock = () => bigint;

/** CPU time of this process: for work on one thread, on a machine that others use too. */
export const cpuClock: Clock = () => {
  const { user, system } = process.cpuUsage();
  return BigInt(1_000 * (user + system));
};

/** One median for each, measured in turns: A B A B … */
export async function mediansMs(
  works: readonly Work[],
  runs = 7,
  clock: Clock = () => process.hrtime.bigint(),
): Promise<number[]> {
  for (const work of works) await work();
  const times = works.map((): number[] => []);
  for (let run = 0; run < runs; run++) {
    for (const [i, work] of works.entries()) {
      const start = clock();
      await work();
      times[i]!.push(Number(clock() - start) / 1e6);
    }
  }
  return times.map((each) => each.sort((a, b) => a - b)[each.length >> 1]!);
}
