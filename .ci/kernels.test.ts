/** Committed kernels are what their sources compile to, bit for bit, and a difference is seen. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from './house.fixture.ts';

const KERNEL = 'edge/sharing/kernel/mask';
const check = (folder: string) =>
  spawnSync(process.execPath, [join(ROOT, '.ci/kernels.mjs'), '--check'], {
    cwd: folder,
    encoding: 'utf8',
  });

it('rebuild bit for bit', () => {
  const { status, stderr, stdout } = check(ROOT);
  expect(stderr).toBe('');
  expect(stdout).toContain(`${KERNEL}.as.ts: `);
  expect(status).toBe(0);
}, 60_000);

let copy = '';
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'vitalshare-kernels-'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

it.each([
  ['.wasm', (bytes: Buffer) => bytes.fill(7, bytes.length - 1)],
  ['.wasm.ts', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('\n')])],
])(
  'a changed %s is seen',
  (suffix, change) => {
    const folder = join(copy, dirname(KERNEL));
    cpSync(join(ROOT, dirname(KERNEL)), folder, { recursive: true });
    const path = join(copy, `${KERNEL}${suffix}`);
    writeFileSync(path, change(readFileSync(path)));
    const { status, stderr } = check(copy);
    expect(stderr).toBe(
      `kernels: ${KERNEL}${suffix} is not what ${KERNEL}.as.ts compiles to; run npm run kernels and commit it.\n`,
    );
    expect(status).toBe(1);
  },
  60_000,
);
