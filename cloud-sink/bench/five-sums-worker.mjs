// Sums its rows whenever it is told to; tsx reads the TypeScript.
import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { SharesInMemory } = await import('./five-sums.ts');
const shares = new SharesInMemory(workerData);
shares.sum();
parentPort.postMessage('ready');
parentPort.on('message', () => {
  shares.sum();
  parentPort.postMessage('done');
});
