/**
 * `npm run bench [-- --rows 10000000] [--write]`: what privacy costs, beside engines that see plaintext,
 * as one table of figures measured in this run. `--write` puts the table into the README.
 *
 * Rows in memory, from lmdb and end to end are `--rows`; summaries go to ten times as many, 16 bytes
 * a row on disk. CI runs it at a hundredth.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { elgamalRows } from './elgamal-rows.ts';
import { endToEndRows } from './end-to-end.ts';
import { jointRows } from './joint-rows.ts';
import { paillierRows } from './paillier-rows.ts';
import { peerRows } from './peer-rows.ts';
import { installPeers, peerVersion } from './peers/peer.ts';
import { scanRows } from './scan-rows.ts';
import { sharingRows } from './sharing-rows.ts';
import { summaryRows } from './summary-rows.ts';
import { markdownTable, type Row, writeInto } from './table.ts';

const ROWS_MIN = 40_000;
const README = fileURLToPath(new URL('../../README.md', import.meta.url));

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    write: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
if (!Number.isSafeInteger(rows) || rows < ROWS_MIN) {
  throw new RangeError(`--rows must be a whole number from ${ROWS_MIN} on, got ${values.rows}`);
}

installPeers();
const folder = mkdtempSync(join(tmpdir(), 'vitalshare-bench-'));
const table: Row[] = [];
try {
  const parts = [
    sharingRows,
    scanRows,
    summaryRows,
    endToEndRows,
    elgamalRows,
    peerRows,
    paillierRows,
    jointRows,
  ];
  for (const [i, part] of parts.entries()) {
    process.stderr.write(`bench: part ${i + 1} of ${parts.length} ...\n`);
    table.push(...(await part(rows, folder)));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const block = [where(), '', markdownTable(table)].join('\n');
console.log(block);
if (values.write) writeInto(README, block);

function where(): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const cpu = cpus()[0]?.model.trim() ?? 'an unknown processor';
  const versions = ['@duckdb/node-api', 'jiff-mpc', 'paillier-bigint']
    .map((name) => `${name} ${peerVersion(name)}`)
    .join(', ');
  const date = new Date().toISOString().slice(0, 10);
  return (
    `\`npm run bench -- --rows ${rows}\` on ${cpus().length} cores of ${cpu}, ${date}, ` +
    `commit ${commit}, Node ${process.versions.node}, ${versions}. Figures are ratios within this ` +
    'run unless a unit stands beside them.'
  );
}
