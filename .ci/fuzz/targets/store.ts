/** What a data server finds on its own disk: cloud-sink/data-server. */
import {
  type Chunk,
  decodeChunk,
  emptyChunk,
  encodeArrivals,
  encodeShares,
  noteArrival,
  putShare,
} from '../../../cloud-sink/data-server/chunk.ts';
import { StoreError } from '../../../cloud-sink/data-server/store.ts';
import { MemoryStore } from '../../../cloud-sink/data-server/store-memory.fixture.ts';
import { Summaries } from '../../../cloud-sink/data-server/summaries.ts';
import { summaryKey } from '../../../cloud-sink/data-server/keys.ts';
import { hex, ones, zeros } from '../hostile.ts';
import { joined, mutateBytes } from '../mutate.ts';
import type { Random } from '../random.ts';
import { only, type Target } from '../target.ts';

/** A damaged store says so. */
const damaged = (error: unknown): string | undefined =>
  only(StoreError)(error) ??
  (error instanceof Error && error.message.startsWith('the store is damaged')
    ? 'damaged'
    : undefined);

const SHARES_BYTES = 32_500;
const STAY = { log: 1, stay: 1 };

export const storeTargets: readonly Target[] = [
  {
    name: 'store-chunk',
    codec: 'cloud-sink/data-server/chunk.ts decodeChunk',
    samples: 'shares, then arrivals',
    errors: 'StoreError or "the store is damaged"',
    make: () => ({
      sample: (random) => {
        const chunk = chunkOf(random);
        return joined(encodeArrivals(chunk), encodeShares(chunk));
      },
      mutate: mutateBytes,
      decode: (bytes) => {
        const at = Math.max(0, bytes.length - SHARES_BYTES);
        return decodeChunk(bytes.slice(at), bytes.slice(0, at));
      },
      refusal: damaged,
    }),
    hostile: {
      empty: zeros(0),
      'no arrivals': zeros(SHARES_BYTES),
      'half an arrival': zeros(SHARES_BYTES + 6),
    },
  },
  {
    name: 'store-summaries',
    codec: 'cloud-sink/data-server/summaries.ts Summaries.block',
    samples: 'blocks of a pair',
    errors: 'none: undefined, and the summary is made anew',
    make: () => ({
      sample: (random) =>
        joined(Uint8Array.of(1, 0, 0, 0), zeros(4)(), random.bytes(40), zeros(20_436)()),
      mutate: mutateBytes,
      decode: async (bytes) => {
        const store = new MemoryStore();
        await store.commit([{ table: 'summaries', key: summaryKey(STAY, 1, 3, 0), value: bytes }]);
        const summaries = new Summaries(store);
        summaries.forget({ ...STAY, vitals: [1] }, 5);
        return summaries.block(STAY, 1, 3, 0) ?? bytes;
      },
      refusal: () => undefined,
    }),
    hostile: { empty: zeros(0), 'another version': hex('02000000'), 'all ones': ones(20_488) },
  },
];

function chunkOf(random: Random): Chunk {
  const chunk = emptyChunk();
  for (let slot = random.below(50); slot < 4_000; slot += 1 + random.below(400)) {
    putShare(chunk, slot, random.u32() & 0x7fffffff, random.u32() & 0x3fffffff);
    noteArrival(chunk, slot, 5);
  }
  return chunk;
}
