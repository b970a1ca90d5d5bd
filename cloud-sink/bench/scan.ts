/**
 * `tsx cloud-sink/bench/scan.ts [--rows 100000000]`: statistics over shares at one data server, against
 * a JavaScript loop over plaintext in the same run. In memory and from lmdb over a tenth of `rows`,
 * with summaries over a hundredth, a tenth and all of them (16 bytes a row of disk).
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { PlaintextInMemory, SharesInMemory, sharesInWorkers } from './five-sums.ts';
import { anonymousMB, StoredShares } from './stored.ts';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '100000000' } } });
const rowsMax = Number(values.rows);
if (!Number.isSafeInteger(rowsMax) || rowsMax < 400_000) {
  throw new RangeError(`--rows: expected an integer of at least 400000, got ${values.rows}`);
}
const rows = Math.ceil(rowsMax / 10);
/** Of which the least counts: what else the machine does only ever adds. */
const REPEATS = 15;

console.log(
  `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`,
);
console.log(`Five sums (x, y, xy, xx, yy) of ${rows} rows:`);
const plaintext = new PlaintextInMemory(rows);
const loopMs = await least(() => plaintext.sum());
print('JavaScript loop over Float64Arrays, plaintext', loopMs, rows);

{
  const shares = new SharesInMemory(rows);
  await compare('shares in memory, 1 thread', () => shares.sum(), rows);
  const workers = await sharesInWorkers(rows, 2);
  await compare('shares in memory, 2 threads', () => workers.sum(), rows);
  await workers.close();
}
{
  const stored = await StoredShares.fill(rows);
  const memory = peak();
  await compare(
    'shares from lmdb with presence and digest, 1 thread',
    () => stored.scan(),
    stored.rows,
  );
  for (const threads of [1, 2]) {
    const pool = await stored.pool(threads);
    const name = `the same, ${threads} worker${threads > 1 ? 's' : ''}`;
    await compare(name, () => stored.scan(pool), stored.rows);
    await pool.close();
  }
  console.log(`RssAnon at most ${memory().toFixed(0)} MB`);
  await stored.close();
}

console.log('Correlation from summaries, one server:');
for (const count of [rowsMax / 100, rowsMax / 10, rowsMax]) {
  const stored = await StoredShares.fill(count);
  const memory = peak();
  const first = await once(() => stored.ask());
  const asked = await least(() => stored.ask());
  stored.restart();
  const restarted = await once(() => stored.ask());
  console.log(
    `  ${stored.rows} rows: ${asked.toFixed(1)} ms; after a restart ${restarted.toFixed(1)} ms; ` +
      `first question ever ${first.toFixed(0)} ms; RssAnon at most ${memory().toFixed(0)} MB`,
  );
  await stored.close();
}

/** Both in turn, so that what else the machine does touches both. */
async function compare(name: string, run: () => unknown, over: number): Promise<void> {
  const [own, loop]: [number[], number[]] = [[], []];
  await run();
  for (let i = 0; i < REPEATS; i++) {
    loop.push(await once(() => plaintext.sum()));
    own.push(await once(run));
  }
  const [ownMs, loopMsNow] = [Math.min(...own), Math.min(...loop)];
  print(name, ownMs, over, ownMs / over / (loopMsNow / rows));
}

function print(name: string, ms: number, over: number, ratio?: number): void {
  const against = ratio === undefined ? '' : `, ${ratio.toFixed(2)} × the loop`;
  console.log(
    `  ${name}: ${ms.toFixed(1)} ms, ${((ms * 1e6) / over).toFixed(2)} ns a row${against}`,
  );
}

async function least(run: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i++) times.push(await once(run));
  return Math.min(...times);
}

async function once(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** Looks every 20 ms; what is returned stops it and says the most seen, without the plaintext above. */
function peak(): () => number {
  const arraysMB = (16 * rows) / 1e6;
  let most = anonymousMB();
  const timer = setInterval(() => (most = Math.max(most, anonymousMB())), 20);
  return () => {
    clearInterval(timer);
    return Math.max(most, anonymousMB()) - arraysMB;
  };
}
