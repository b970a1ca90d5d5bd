/**
 * A gateway brought back from an older copy of its folder never masks two readings alike [S1].
 *
 * The log host, whom the test plays with every key in hand, recovers the keystream of each reading it
 * knows, `ψ = x − d`, over both continuations. One value seen twice would be a two-time pad. The same
 * story is then told by a copy of the project whose run record is disabled, and the reuse is found.
 */
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  BatchReader,
  EMPTY_HEAD,
  KIND,
  decodeMaskedFrame,
  decodeRecords,
  decodeRunRecord,
  isPresent,
  logRunKey,
} from '@vitalshare/cloud-sink/messages';
import { P, getBigInt } from '@vitalshare/edge/field';
import { verifier } from '@vitalshare/edge/identity/node';
import { loadGatewayKeys, loadParty } from '@vitalshare/edge/keys/node';
import { fromBase64Url, fromHex } from '@vitalshare/edge/seal';
import { copyHouse } from '../.ci/house.fixture.ts';
import { Ward } from './ward.fixture.ts';

const ROWS = 600;
/** Skin temperature of row i in the k-th replay, in thousandths of a degree: no two alike. */
const milli = (k: number, i: number) => 20_000 + k * 7_001 + i * 11;
/** Where the second and third replay begin, in seconds from the first. */
const LATER = 1000;
const START = Date.parse('2026-03-01T08:00:00Z') / 1000;

const folders: string[] = [];
const temporary = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `vitalshare-${name}-`));
  folders.push(folder);
  return folder;
};
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** ψ of every reading in a folder of logs, under where it stands and what stands there. */
function keystreams(
  gatewayFolder: string,
  logFolder: string,
  truth: (second: number) => number,
): Map<string, bigint> {
  const keys = loadGatewayKeys(gatewayFolder);
  const { identity } = loadParty(gatewayFolder);
  const found = new Map<string, bigint>();
  for (const file of readdirSync(logFolder)) {
    const reader = new BatchReader({ head: EMPTY_HEAD, verify: verifier(identity.sign) });
    const log = fromHex(file.replace('.log', ''), 16);
    let runKey: Uint8Array | null = null;
    for (const batch of reader.push(new Uint8Array(readFileSync(join(logFolder, file))))) {
      decodeRecords(batch, batch.sealed ? runKey : null).forEach((record, index) => {
        if (record.kind === KIND.run) {
          const { run, salt } = decodeRunRecord(record.bytes);
          runKey = logRunKey(keys.log, fromBase64Url(salt, 32), log, run);
        }
        if (record.kind !== KIND.frame) return;
        for (const { start, rows, presence, masked } of decodeMaskedFrame(record.bytes).columns) {
          let next = 0;
          for (let row = 0; row < rows; row++) {
            if (!isPresent(presence, row)) continue;
            const d = getBigInt(masked, next++);
            const place = `${file}/${batch.position + index}/${start + row}/${d}`;
            found.set(place, (BigInt(truth(start + row)) - d + P) % P);
          }
        }
      });
    }
    reader.end();
  }
  return found;
}

/** Copy the gateway, go on, restore the copy, go on again; all keystreams of both continuations. */
async function restoreStory(house?: string): Promise<bigint[]> {
  const tables = temporary('tables');
  const ward = new Ward(['--no-bodies', '--minimum-cohort', '1'], house);
  folders.push(ward.dir);
  const gateway = join(ward.dir, 'gateway');
  const play = async (k: number, second: number): Promise<void> => {
    const file = join(tables, `${k}.csv`);
    const lines = Array.from({ length: ROWS }, (_, i) => `${i},${milli(k, i) / 1000}`);
    writeFileSync(file, ['Time [s],skin-temperature', ...lines].join('\n'));
    const at = new Date((START + second) * 1000).toISOString();
    await ward.json('replay', file, '--node', 'patient', '--start', at, '--speed', 'max');
  };
  await ward.up();
  await play(1, 0);
  await ward.stop();
  const copy = temporary('copy');
  cpSync(gateway, copy, { recursive: true });

  await ward.up();
  await play(2, LATER);
  await ward.stop();
  const first = keystreams(gateway, join(gateway, 'logs'), (second) =>
    second < START + LATER ? milli(1, second - START) : milli(2, second - START - LATER),
  );
  expect(first.size).toBe(2 * ROWS);

  rmSync(gateway, { recursive: true });
  cpSync(copy, gateway, { recursive: true });
  await ward.up();
  await play(3, LATER);
  await ward.stop();
  const second = keystreams(gateway, join(gateway, 'logs'), (second) =>
    second < START + LATER ? milli(1, second - START) : milli(3, second - START - LATER),
  );
  expect(second.size).toBe(2 * ROWS);
  return [...new Map([...first, ...second]).values()];
}

const repeats = (values: readonly bigint[]): number => values.length - new Set(values).size;

describe('a gateway restored from an older copy of its folder [S1]', () => {
  it('never uses a keystream twice', async () => {
    const values = await restoreStory();
    expect(values).toHaveLength(3 * ROWS);
    expect(repeats(values)).toBe(0);
  });

  it('is seen doing so by a build without the run record', async () => {
    const house = copyHouse([
      {
        file: 'gateway/log/start-run.ts',
        from: 'setsOf(config).map((mask) => [mask, random(32)])',
        to: 'setsOf(config).map((mask) => [mask, new Uint8Array(32)])',
      },
      {
        file: 'gateway/start-log.ts',
        from: 'recovery.enough && !recovery.lost.has(log.log)',
        to: 'true',
      },
    ]);
    folders.push(house);
    const values = await restoreStory(house);
    expect(values).toHaveLength(3 * ROWS);
    expect(repeats(values)).toBe(ROWS);
  });
});
