/** The experiment's parts, small: what each way finds, and what the mean of a cluster hides. */
import { describe, expect, it } from 'vitest';
import { makeRandom } from '../bodies/random.ts';
import { headsFirst, scanAll } from './locate.ts';
import { clustersOf } from './network.ts';
import { makeReadings } from './readings.ts';

const NODES = 1_000;

describe('clusters', () => {
  it('gives every node one head, and sizes that differ widely', () => {
    const clusters = clustersOf(NODES, 20, makeRandom(3));
    const sizes = new Map<number, number>();
    for (const head of clusters) sizes.set(head, (sizes.get(head) ?? 0) + 1);
    expect([...sizes.keys()].sort((a, b) => a - b)).toEqual([...Array(20).keys()]);
    const sorted = [...sizes.values()].sort((a, b) => a - b);
    expect(sorted.at(-1)! / sorted[0]!).toBeGreaterThan(3);
  });

  it('refuses more heads than nodes', () => {
    expect(() => clustersOf(10, 11, makeRandom(1))).toThrow('expected 1 to 10 heads');
  });
});

describe('finding faulty nodes', () => {
  const readings = makeReadings(NODES, 300, 8, makeRandom(5));
  const faulty = new Set(readings.faulty.keys());
  const detectable = [...readings.faulty].filter(([, fault]) => fault !== 'offset');

  it('scans all: every fault one channel can show, and no sound node', () => {
    const { found, examined } = scanAll(readings, Array(NODES).keys());
    expect([...found].sort()).toEqual(detectable.map(([node]) => node).sort());
    expect(examined).toBe(300 * NODES);
  });

  it('heads first moves less, finds no more, and misses what a mean cannot show', () => {
    const clusters = clustersOf(NODES, 20, makeRandom(6));
    const all = scanAll(readings, Array(NODES).keys());
    const first = headsFirst(readings, clusters, 20);
    expect([...first.found].every((node) => all.found.has(node) && faulty.has(node))).toBe(true);
    expect(first.moved).toBeLessThan(all.moved);
    expect(first.examined).toBeGreaterThan(all.examined);
    // A cluster whose only fault stands still looks like any other.
    const alone = makeReadings(NODES, 300, 1, makeRandom(7));
    expect([...alone.faulty.values()]).toEqual(['stuck']);
    expect(scanAll(alone, Array(NODES).keys()).found.size).toBe(1);
    expect(headsFirst(alone, clusters, 20).found.size).toBe(0);
  });
});
