/** `data-server alarms`, on a real store: lists, acknowledges one or all, and forgets none. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alarmsCommand } from './alarms-command.ts';
import { CheckedStore } from './checked-store.ts';
import { acknowledgedIn } from './heads/acknowledged.ts';
import { Alarms } from './heads/alarms.ts';
import { LmdbStore } from './store-lmdb.ts';

const LOG = 'ab'.repeat(16);
const raised = (kind: 'rolled-back' | 'withheld') =>
  ({ kind, log: LOG, detail: `${kind} it is`, evidence: [] }) as const;

let party = '';
beforeEach(async () => {
  party = mkdtempSync(join(tmpdir(), 'vitalshare-alarms-'));
  const store = new CheckedStore(new LmdbStore(join(party, 'store')));
  const alarms = new Alarms(
    store,
    () => 1_796_083_200_000,
    () => undefined,
  );
  alarms.raise(LOG, raised('rolled-back'));
  alarms.raise(LOG, raised('withheld'));
  await alarms.keep();
  await store.close();
});
afterEach(() => rmSync(party, { recursive: true, force: true }));

function run(acknowledge?: string, json = true) {
  const said: string[] = [];
  const options = {
    ...{ folder: join(party, 'store'), json, err: () => undefined, clock: () => 1_796_083_260_000 },
    out: (text: string) => said.push(text),
  };
  const code = alarmsCommand(options, acknowledge);
  return { code, text: said.join('\n') };
}
const listed = (text: string) =>
  JSON.parse(text) as { open: number; alarms: { id: string; acknowledged?: number }[] };

describe('`data-server alarms`', () => {
  it('lists what lasts, with what to do', () => {
    const { code, text } = run(undefined, false);
    expect(code).toBe(1);
    expect(text).toContain('rolled-back since 2026-12-01T00:00:00Z, it lasts');
    expect(text).toContain("was the gateway's folder restored from a copy?");
    expect(text).toContain('--acknowledge <id>, or all');
  });

  it('acknowledges one, then all, and says so ever after', () => {
    const [first, second] = listed(run().text).alarms;
    const one = run(first!.id);
    expect([one.code, listed(one.text).open]).toEqual([1, 1]);
    expect(acknowledgedIn(party, () => undefined)()).toEqual(
      new Map([[first!.id, 1_796_083_260_000]]),
    );
    expect(run('all').code).toBe(0);
    expect(listed(run().text)).toMatchObject({
      open: 0,
      alarms: [first, second].map((alarm) => ({ ...alarm, acknowledged: 1_796_083_260_000 })),
    });
    expect(run(undefined, false).text).not.toContain('--acknowledge');
  });

  it('names the ids there are where it is asked for another', () => {
    expect(() => run('01234567')).toThrow(/there is no alarm "01234567" here; give one of \w{8}, /);
  });

  it('acknowledges nothing by a file that is damaged, and the server says so once', () => {
    run('all');
    const file = join(party, 'alarms.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/1796/, '1797'));
    const said: string[] = [];
    const acknowledged = acknowledgedIn(party, (sentence) => said.push(sentence));
    expect([acknowledged().size, acknowledged().size]).toEqual([0, 0]);
    expect(said).toEqual([expect.stringContaining('alarms.json is damaged')]);
    expect(() => run()).toThrow('alarms.json is damaged');
  });
});
