/**
 * `npm run fuzz -- [--cases 1000000] [--only NAME,…] [--seed S] [--from I] [--list] [--json]`: mutated
 * and random input against every decoder and endpoint. Exits 1 on anything but a named error.
 */
import { writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Outcome } from './run-target.ts';
import { runTarget } from './run-target.ts';
import { TARGETS } from './targets.ts';

const HELP = `usage: npm run fuzz -- [--cases 1000000] [--only NAME,…] [--seed S] [--from I] [--list] [--json]

Mutated and random input against every decoder and endpoint; ends with 1 on anything but a named error.

  --cases  of each target (1000000)
  --only   targets whose names begin so, with commas between them
  --seed   repeats a run (a fresh one, printed)
  --from   the first case: --from I --cases 1 repeats case I alone
  --list   the targets: name, what is decoded, samples, errors that may come
  --json   one JSON object a target`;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    from: { type: 'string', default: '0' },
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const wanted = values.only.split(',').filter((name) => name !== '');
const chosen = TARGETS.filter(
  ({ name }) => wanted.length === 0 || wanted.some((each) => name.startsWith(each)),
);
if (chosen.length === 0) {
  console.error(`fuzz: no target begins with ${wanted.join(' or ')}; see --list.`);
  process.exit(2);
}
if (values.list) {
  for (const { name, codec, samples, errors } of chosen)
    console.log([name, codec, samples, errors].join('\t'));
  process.exit(0);
}
const seed = Number(values.seed);
const cases = Number(values.cases);
if (!values.json)
  console.log(
    `${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}, seed ${seed}\n`,
  );
let isBroken = false;
for (const target of chosen) {
  const outcome = await runTarget(target, { cases, seed, from: Number(values.from) });
  console.log(values.json ? JSON.stringify(outcome) : line(outcome));
  if (outcome.failure === undefined) continue;
  isBroken = true;
  const { at, hex, error } = outcome.failure;
  console.error(`\n${target.name} (${target.codec}): ${error}\ninput ${shown(target.name, hex)}`);
  console.error(
    `again: npm run fuzz -- --only ${target.name} --seed ${seed} --from ${at} --cases 1\n`,
  );
}
process.exit(isBroken ? 1 : 0);

function line({
  target,
  cases: count,
  seconds,
  refused,
  accepted,
  slowestMs,
  grownBytes,
}: Outcome): string {
  const rate = `${(count / seconds / 1000).toFixed(1)} k/s`;
  const codes = Object.entries(refused).map(([code, times]) => `${code} ${times}`);
  const growth = Number.isNaN(grownBytes)
    ? 'heap ?'
    : `heap +${(grownBytes / 2 ** 20).toFixed(1)} MiB`;
  return [
    ...[target.padEnd(22), `${count} cases`, `${seconds.toFixed(1)} s`, rate.padStart(10)],
    ...[`accepted ${accepted}`, codes.join(', '), `slowest ${slowestMs.toFixed(1)} ms`, growth],
  ].join('  ');
}

/** A long input goes to a file of its own. */
function shown(name: string, hex: string): string {
  if (hex.length <= 2_000) return hex;
  const file = join(tmpdir(), `vitalshare-fuzz-${name}.hex`);
  writeFileSync(file, hex);
  return `of ${hex.length / 2} bytes in ${file}`;
}
