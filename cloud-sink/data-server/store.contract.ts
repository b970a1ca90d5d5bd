/** What every store of a data server must do (`store.ts`). */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Put, Store, Table } from './store.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const put = (table: Table, key: Uint8Array, value: Uint8Array): Put => ({ table, key, value });

/** `reopen` closes nothing: it opens what `make` made again, or is undefined for a passing store. */
export function storeContract(
  name: string,
  make: () => Store,
  reopen: (() => Store) | undefined,
): void {
  describe(`${name} keeps the contract of a store`, () => {
    let store: Store;
    beforeEach(() => {
      store = make();
    });
    afterEach(() => store.close());

    it('gives back what was committed, table by table', async () => {
      await store.commit([put('logs', bytes(1), bytes(7)), put('stays', bytes(1), bytes(8))]);
      expect(store.get('logs', bytes(1))).toEqual(bytes(7));
      expect(store.get('stays', bytes(1))).toEqual(bytes(8));
      expect(store.get('runs', bytes(1))).toBeUndefined();
    });

    it('keeps the later of two puts of one key, in one commit and over two', async () => {
      await store.commit([put('logs', bytes(1), bytes(1)), put('logs', bytes(1), bytes(2))]);
      expect(store.get('logs', bytes(1))).toEqual(bytes(2));
      await store.commit([put('logs', bytes(1), bytes(3, 3))]);
      expect(store.get('logs', bytes(1))).toEqual(bytes(3, 3));
    });

    it('lists keys of [start, end) in byte order', async () => {
      const keys = [bytes(2, 0), bytes(1, 255), bytes(0, 9), bytes(1, 0), bytes(1, 2)];
      await store.commit(keys.map((key) => put('frames', key, bytes(0))));
      expect([...store.keys('frames', bytes(1, 0), bytes(2, 0))]).toEqual([
        bytes(1, 0),
        bytes(1, 2),
        bytes(1, 255),
      ]);
      expect([...store.keys('tags', bytes(0), bytes(255))]).toEqual([]);
    });

    it('finds the last key of [start, end)', async () => {
      const keys = [bytes(0, 9), bytes(1, 0), bytes(1, 2), bytes(1, 255), bytes(2, 0)];
      await store.commit(keys.map((key) => put('batches', key, bytes(0))));
      const last = (start: Uint8Array, end: Uint8Array) => store.last('batches', start, end);
      expect(last(bytes(1, 0), bytes(2, 0))).toEqual(bytes(1, 255));
      expect(last(bytes(1, 0), bytes(1, 255))).toEqual(bytes(1, 2));
      expect(last(bytes(1, 0), bytes(1, 200))).toEqual(bytes(1, 2));
      expect(last(bytes(1, 0), bytes(1, 1))).toEqual(bytes(1, 0));
      expect(last(bytes(1, 0), bytes(1, 0))).toBeUndefined();
      expect(last(bytes(1, 3), bytes(1, 200))).toBeUndefined();
      expect(last(bytes(0, 0), bytes(0, 9))).toBeUndefined();
      expect(last(bytes(1, 0), bytes(9, 9))).toEqual(bytes(2, 0));
      expect(store.last('tags', bytes(0), bytes(255))).toBeUndefined();
    });

    it('does not share memory with whoever puts or gets', async () => {
      const value = bytes(5, 5);
      await store.commit([put('shares', bytes(1), value)]);
      value.fill(0);
      store.get('shares', bytes(1))!.fill(1);
      expect(store.get('shares', bytes(1))).toEqual(bytes(5, 5));
    });

    it('gives each value a buffer of its own, whole and untouched by the next read', async () => {
      const sizes = [32_500, 12, 32_752, 1];
      const values = sizes.map((size, i) => new Uint8Array(size).fill(i + 1));
      await store.commit(values.map((value, i) => put('shares', bytes(i), value)));
      const read = sizes.map((_, i) => store.get('shares', bytes(i))!);
      read.forEach((value, i) => {
        expect(value.byteOffset).toBe(0);
        expect(value.length).toBe(sizes[i]);
        expect(value.every((byte) => byte === i + 1)).toBe(true);
      });
    });

    it('lends a value for the time of one call', async () => {
      const sizes = [32_500, 12, 40_000, 0];
      const values = sizes.map((size, i) => new Uint8Array(size).fill(i + 1));
      await store.commit(values.map((value, i) => put('arrivals', bytes(i), value)));
      for (const i of [0, 1, 2, 3, 1, 0]) {
        let read: Uint8Array | undefined;
        expect(store.read('arrivals', bytes(i), (value) => (read = value.slice()))).toBe(true);
        expect(read).toEqual(values[i]);
      }
      expect(store.read('arrivals', bytes(9), () => expect.unreachable())).toBe(false);
    });

    if (reopen) {
      it('holds what was committed after a close', async () => {
        await store.commit([put('shares', bytes(1), bytes(9))]);
        await store.close();
        store = reopen();
        expect(store.get('shares', bytes(1))).toEqual(bytes(9));
      });
    }
  });
}
