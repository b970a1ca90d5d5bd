/**
 * A node that falls silent raises its alarm within its stated time, whatever became of its connection, of
 * the node and of the gateway: a real gateway process, killed and started again, and nodes over MQTT.
 */
import { spawn } from 'node:child_process';
import { once, type EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NodeCredential } from '@vitalshare/edge/loop';
import { numericColumn } from '@vitalshare/edge/wire';
import mqtt from 'mqtt';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { TestNode } from '../gateway.fixture.ts';
import { enroll } from '../registry/enroll.ts';
import { writeEntry } from '../registry/node-files.ts';
import { makeWorldFolder } from '../world.fixture.ts';

const START = fileURLToPath(new URL('../start.ts', import.meta.url));
const parent = mkdtempSync(join(tmpdir(), 'vitalshare-silence-'));
const ended: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ended.splice(0)) await end();
  rmSync(parent, { recursive: true, force: true });
});
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

async function gateway(folder: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', START, '--dir', folder, '--json']);
  let out = '';
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  ended.push(() => child.kill('SIGKILL'));
  await vi.waitFor(() => expect(out).toContain('\n'), { timeout: 60_000, interval: 50 });
  const { url, mqtt: broker } = JSON.parse(out) as { url: string; mqtt: string };
  const alarms = async (): Promise<Record<string, string>> => {
    const answer = (await (await fetch(`${url}/alarms`)).json()) as {
      beds: { bed: string; alarms: { what: string; state: string }[] }[];
    };
    return Object.fromEntries(
      answer.beds.map((bed) => [bed.bed, bed.alarms.map(({ what }) => what).join()]),
    );
  };
  const post = (path: string, body: object) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  };
  return { broker, alarms, post, kill };
}

class Speaker {
  readonly credential: NodeCredential;
  readonly #boot = Math.floor(Date.now() / 1000) - 1_600_000_000;
  readonly #bootMs = Date.now() - 5_000;
  #sequence = 0;
  node: TestNode | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(credential: NodeCredential) {
    this.credential = credential;
  }

  async connect(broker: string): Promise<void> {
    const { node, password } = this.credential;
    const client = mqtt.connect(broker, { username: node, password, reconnectPeriod: 0 });
    client.on('error', () => undefined);
    ended.push(() => client.end(true));
    await once(client as unknown as EventEmitter, 'connect');
    this.node = new TestNode(client, this.credential);
  }

  speak(): void {
    this.#timer = setInterval(() => {
      const deviceTimeUs = 1000 * (Date.now() - this.#bootMs);
      const second = Math.floor(deviceTimeUs / 1e6) - 1;
      const columns = [numericColumn('heart-rate', second, [70], 4)];
      const frame = { deviceTimeUs, bootTimeMs: this.#bootMs, columns, segments: [], events: [] };
      this.node!.send(this.node!.sealed(this.#boot, ++this.#sequence, frame)).catch(
        () => undefined,
      );
    }, 1_000);
    ended.push(() => this.hush());
  }

  hush(): void {
    clearInterval(this.#timer);
  }
}

describe('failure 17: a silent sensor that raises no alarm', () => {
  it('over an open connection, a closed, a half-open one, and over a restart of the gateway', async () => {
    const folder = join(makeWorldFolder(parent, { mqttPort: 0 }), 'gateway');
    const names = ['open', 'closed', 'half', 'away', 'lives', 'dies'] as const;
    const nodes = new Map<string, Speaker>();
    for (const node of [...names, 'never']) {
      const made = enroll({ node, labels: {}, mqttUrl: 'mqtt://127.0.0.1:1' }, random);
      await writeEntry(folder, made.entry);
      nodes.set(node, new Speaker(made.credential));
    }
    const of = (name: string) => nodes.get(name)!;
    const first = await gateway(folder);
    for (const name of names) await of(name).connect(first.broker);
    for (const name of names) of(name).speak();
    await sleep(6_000);
    const untilMs = Date.now() + 3_600_000;
    const standby = { by: 'Kim', why: 'X-ray', untilMs };
    expect((await first.post('/beds/away/standby', standby)).status).toBe(200);
    for (const name of ['open', 'closed', 'half', 'away']) of(name).hush();
    await of('closed').node!.client.endAsync(true);
    // A pulled cable: the socket stands at either end, and nothing passes.
    of('half').node!.client.stream.pause();
    const silentMs = Date.now();
    const calls = { open: 'silent', closed: 'silent', half: 'silent' };
    const quiet = { away: '', lives: '', dies: '', never: '' };
    await vi.waitFor(async () => expect(await first.alarms()).toMatchObject(calls), {
      ...{ timeout: 20_000, interval: 250 },
    });
    const tookMs = Date.now() - silentMs;
    expect(tookMs).toBeGreaterThan(8_000);
    expect(tookMs).toBeLessThan(13_500);
    expect(await first.alarms()).toEqual({ ...calls, ...quiet });

    await first.kill();
    for (const speaker of nodes.values()) speaker.hush();
    const second = await gateway(folder);
    // What was silent is still, at once; who is in standby is still away.
    expect(await second.alarms()).toEqual({ ...calls, ...quiet });
    const fromMs = Date.now();
    await of('lives').connect(second.broker);
    of('lives').speak();
    await vi.waitFor(async () => expect(await second.alarms()).toMatchObject({ dies: 'silent' }), {
      ...{ timeout: 60_000, interval: 250 },
    });
    const afterMs = Date.now() - fromMs;
    expect(afterMs).toBeGreaterThan(35_000);
    expect(afterMs).toBeLessThan(45_000);
    expect(await second.alarms()).toEqual({
      ...calls,
      dies: 'silent',
      away: '',
      lives: '',
      never: '',
    });
    await second.kill();
  });
});
