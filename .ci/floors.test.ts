/**
 * The import floors and the privacy promise: clean on the code as it is, and each rule seen failing
 * once on an offence planted in a copy of the rooms.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOMS, ROOT, copyHouse } from './house.fixture.ts';

interface Cruised {
  modules: unknown[];
  summary: { totalCruised: number; violations: { rule: { name: string }; from: string }[] };
}

function cruise(folder: string): Cruised {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      ...['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...ROOMS],
    ],
    { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Cruised;
}

describe('the floors', () => {
  it('hold for the code as it is, and the tool really read it', () => {
    const { summary } = cruise(ROOT);
    expect(summary.violations.map((v) => `${v.rule.name}: ${v.from}`)).toEqual([]);
    // A compiler the tool cannot drive makes it read nothing and report success.
    expect(summary.totalCruised).toBeGreaterThan(100);
  }, 60_000);

  let copy = '';
  let offences: Set<string>;
  const planted: [rule: string, file: string, text: string][] = [
    ['floor-edge', 'edge/planted.ts', `import '@vitalshare/cloud-sink/messages';`],
    ['floor-hardware', 'hardware/planted.ts', `import '@vitalshare/cloud-sink/messages';`],
    ['floor-cloud-sink', 'cloud-sink/planted.ts', `import '@vitalshare/gateway/node';`],
    ['floor-gateway', 'gateway/planted.ts', `import '@vitalshare/simulator/bodies';`],
    [
      'gateway-takes-messages-and-drawing-only',
      'gateway/planted2.ts',
      `import '@vitalshare/cloud-sink/reader';`,
    ],
    [
      'servers-cannot-open',
      'cloud-sink/data-server/planted.ts',
      `import '../reader/planted-between.ts';`,
    ],
    ['gateway-cannot-derive', 'gateway/planted3.ts', `import '@vitalshare/edge/sharing/derive';`],
    ['gateway-cannot-derive', 'gateway/planted9.ts', `import '@vitalshare/edge/sharing/repair';`],
    [
      'only-data-servers-repair',
      'cloud-sink/reader/planted10.ts',
      `import '@vitalshare/edge/sharing/repair';`,
    ],
    ['repair-cannot-open', 'edge/sharing/repair.ts', `import './commitment-planted.ts';`],
    ['rooms-by-their-doors', 'gateway/planted4.ts', `import '../edge/vital/vital.ts';`],
    [
      'no-test-help-in-the-product',
      'gateway/planted8.ts',
      `import './log/memory-disk.fixture.ts';`,
    ],
    ['no-cycles', 'edge/planted5.ts', `import './planted6.ts';`],
    ['resolvable', 'edge/planted7.ts', `import './nowhere.ts';`],
  ];

  beforeAll(() => {
    copy = copyHouse();
    // An offence may stand in a file that is there already.
    for (const [, file, text] of planted) writeFileSync(join(copy, file), `${text}\n`);
    writeFileSync(join(copy, 'edge/sharing/commitment-planted.ts'), `import './open.ts';\n`);
    writeFileSync(
      join(copy, 'cloud-sink/reader/planted-between.ts'),
      `import '@vitalshare/edge/sharing/open';\n`,
    );
    writeFileSync(join(copy, 'edge/planted6.ts'), `import './planted5.ts';\n`);
    const { violations } = cruise(copy).summary;
    offences = new Set(violations.map((v) => `${v.rule.name} ${v.from}`));
  }, 60_000);
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it.each(planted)('%s is seen failing on %s', (rule, file) => {
    expect(offences).toContain(`${rule} ${file}`);
  });
});

describe('browser doors', () => {
  const doors = ROOMS.flatMap((room) => {
    const manifest = JSON.parse(readFileSync(join(ROOT, room, 'package.json'), 'utf8')) as {
      exports?: Record<string, string>;
    };
    return Object.entries(manifest.exports ?? {})
      .filter(([door]) => !door.endsWith('/node'))
      .map(([door, file]): [string, string] => [`${room}${door.slice(1)}`, join(ROOT, room, file)]);
  });
  const bundle = (contents: string) =>
    build({
      stdin: { contents, resolveDir: ROOT, loader: 'ts' },
      bundle: true,
      platform: 'browser',
      format: 'esm',
      write: false,
      logLevel: 'silent',
    });

  it.each(doors)('%s bundles without anything of Node', async (_, file) => {
    await expect(bundle(`export * from ${JSON.stringify(file)};`)).resolves.toBeDefined();
  });

  it('a door that imports node: is seen failing', async () => {
    await expect(bundle(`export * from 'node:fs';`)).rejects.toThrow('node:fs');
  });
});
