/**
 * The experiment: 10 faulty nodes of 10,000, found by a full scan and from cluster heads first, on the
 * same readings. `npx tsx simulator/faulty-nodes/experiment.ts --nodes 10000 --seed 1`
 */
import { parseArgs } from 'node:util';
import { makeRandom } from '../bodies/random.ts';
import { headsFirst, type Located, scanAll } from './locate.ts';
import { clustersOf } from './network.ts';
import { FAULTS, makeReadings, type Readings } from './readings.ts';

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '10000' },
    faulty: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
  },
});
const [nodes, faulty, seconds, seed] = [
  Number(options.nodes),
  Number(options.faulty),
  Number(options.seconds),
  Number(options.seed),
];

const readings = makeReadings(nodes, seconds, faulty, makeRandom(seed, 1));
console.log(`${faulty} faulty nodes of ${nodes}, ${seconds} s of heart rate at 1 Hz, seed ${seed}`);
const head = ['way', 'clusters', 'found', 'wrongly', 'examined', 'moved', 'ms'];
const table = [[...head, ...FAULTS], row('full scan', 0, () => scanAll(readings, range(nodes)))];
for (const heads of [10, 100, 1_000, 5_000].filter((count) => count < nodes)) {
  const clusters = clustersOf(nodes, heads, makeRandom(seed, 2));
  table.push(row('heads first', heads, () => headsFirst(readings, clusters, heads)));
}
for (const cells of table) console.log(cells.map((cell) => cell.padEnd(12)).join(''));

function row(way: string, heads: number, locate: () => Located): string[] {
  const start = performance.now();
  const located = locate();
  const ms = performance.now() - start;
  const right = [...located.found].filter((node) => readings.faulty.has(node));
  return [
    way,
    heads === 0 ? '' : String(heads),
    `${right.length} of ${readings.faulty.size}`,
    String(located.found.size - right.length),
    millions(located.examined),
    millions(located.moved),
    ms.toFixed(0),
    ...FAULTS.map((fault) => shareFound(readings, located, fault)),
  ];
}

function shareFound({ faulty: truth }: Readings, { found }: Located, fault: string): string {
  const all = [...truth].filter(([, kind]) => kind === fault).map(([node]) => node);
  return `${all.filter((node) => found.has(node)).length}/${all.length}`;
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(2)} M`;
}

function range(count: number): Iterable<number> {
  return Array(count).keys();
}
