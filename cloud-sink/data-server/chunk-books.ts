/** Which chunks each column of a stay has, in the books: what `Columns` checks the store by. [PROTO-45] */
import type { Books } from './books.ts';
import type { ChunkBooks } from './columns.ts';
import { chunkKey } from './keys.ts';
import { emptyTally, isTally, tally } from './tally.ts';

/** The chunks of each column, in its stay's state. */
export const chunkBooks = (books: Books): ChunkBooks => ({
  added: (column, number) => {
    const stay = books.stay(column.log, column.stay);
    if (!stay) return;
    stay.chunks ??= {};
    tally((stay.chunks[column.vitals.join('.')] ??= emptyTally()), chunkKey(column, number));
  },
  isAll: (column, numbers) => {
    const stay = books.stay(column.log, column.stay);
    const keys = numbers.map((number) => chunkKey(column, number));
    return stay === undefined || isTally(stay.chunks?.[column.vitals.join('.')], keys);
  },
});
