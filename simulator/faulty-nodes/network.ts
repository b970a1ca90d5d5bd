/**
 * A scale-free network of nodes and its clusters, for the experiment of this folder.
 *
 *   grown      each new node links to LINKS others, drawn by their degree     (Barabási, Albert 1999)
 *   heads      the best linked nodes; every node belongs to the head nearest to it in hops
 */
import type { Random } from '../bodies/random.ts';

const LINKS = 2;

/**
 * Index of the head of each node, 0 to `heads` − 1, for `nodes` nodes. Throws RangeError on counts
 * that cannot be.
 */
export function clustersOf(nodes: number, heads: number, random: Random): Uint32Array {
  if (!(heads >= 1 && heads <= nodes && nodes > LINKS)) {
    throw new RangeError(`clusters: expected 1 to ${nodes} heads of above ${LINKS} nodes`);
  }
  const neighbours = grow(nodes, random);
  const byDegree = neighbours
    .map((links, node) => ({ node, degree: links.length }))
    .sort((a, b) => b.degree - a.degree || a.node - b.node);
  const clusters = new Uint32Array(nodes).fill(heads);
  let edge = byDegree.slice(0, heads).map(({ node }, head) => {
    clusters[node] = head;
    return node;
  });
  while (edge.length > 0) {
    const next: number[] = [];
    for (const node of edge) {
      for (const other of neighbours[node]!) {
        if (clusters[other] !== heads) continue;
        clusters[other] = clusters[node]!;
        next.push(other);
      }
    }
    edge = next;
  }
  return clusters;
}

function grow(nodes: number, random: Random): number[][] {
  const neighbours: number[][] = Array.from({ length: nodes }, () => []);
  // Each node stands here once a link: a uniform draw is a draw by degree.
  const ends: number[] = [];
  const link = (a: number, b: number): void => {
    neighbours[a]!.push(b);
    neighbours[b]!.push(a);
    ends.push(a, b);
  };
  for (let node = 1; node <= LINKS; node++) link(0, node);
  for (let node = LINKS + 1; node < nodes; node++) {
    const chosen = new Set<number>();
    while (chosen.size < LINKS) chosen.add(ends[Math.floor(random.uniform() * ends.length)]!);
    for (const other of chosen) link(node, other);
  }
  return neighbours;
}
