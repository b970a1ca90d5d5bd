/** One worker of `scan-pool.ts`: the store for reading, a warm kernel, jobs until told to close. */
import { parentPort, workerData } from 'node:worker_threads';
import { CheckedStore, StoreDamage } from './checked-store.ts';
import { Columns } from './columns.ts';
import { MomentsKernel } from './moments-kernel.ts';
import { Scan } from './scan.ts';
import type { FromWorker, ToWorker } from './scan-pool.ts';
import { LmdbStore } from './store-lmdb.ts';

const port = parentPort!;
const lmdb = new LmdbStore(String(workerData), { readOnly: true });
const store = new CheckedStore(lmdb);
const kernel = new MomentsKernel();
const scan = new Scan(new Columns(store), kernel);
kernel.warmUp();
tell('ready');

port.on('message', (message: ToWorker) => {
  if (message === 'close') {
    void store.close().finally(() => port.close());
    return;
  }
  const { id, job } = message;
  try {
    // What is settled by now may have been committed after this thread last looked.
    lmdb.refresh();
    const records = scan.chunks(job.plan, job.parts, job.numbers);
    port.postMessage({ id, records } satisfies FromWorker, [records.buffer as ArrayBuffer]);
  } catch (error) {
    if (error instanceof StoreDamage) {
      const { table, key, fault } = error;
      tell({ id, damage: { table, key, fault } });
    } else {
      tell({ id, fault: error instanceof Error ? error.message : String(error) });
    }
  }
});

function tell(message: FromWorker): void {
  port.postMessage(message);
}
