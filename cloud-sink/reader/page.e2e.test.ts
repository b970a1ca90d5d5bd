/**
 * The reader in a real page: bundled as it is, served from another origin, asking three processes of
 * data servers that list that origin, and blocked by the browser from one they do not list [PROTO-28].
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '@vitalshare/edge/seal';
import { column, logHost, makeWorld, TestLog } from '../data-server/world.fixture.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const missing = existsSync(CHROMIUM) ? '' : ` (skipped: no ${CHROMIUM})`;
const START = join(import.meta.dirname, '../data-server/start.ts');
const T = 1_790_000_000;

const undo: (() => unknown)[] = [];

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a page of ours does: import the reader, ask, show. */
const PAGE_SCRIPT = `
  import { askStatistic, openHistory, verifyEvidence } from '@vitalshare/cloud-sink/reader';
  import { findVital } from '@vitalshare/edge/vital';
  globalThis.ask = async (party, statistic, names) => {
    const vitals = names.map((name) => findVital(name));
    try {
      return await askStatistic(party, { statistic, vitals, where: {} }, { graceMs: 5_000 });
    } catch (error) {
      return { error: error.message, code: error.code };
    }
  };
  globalThis.all = [openHistory, verifyEvidence];
`;

interface PageAnswer {
  readonly result?: { value: number; checked: string; servers: number[]; count: number };
  readonly error?: string;
  readonly code?: string;
}

describe.skipIf(missing !== '')(`the reader in Chromium${missing}`, () => {
  const world = makeWorld(3, 1);
  const log = new TestLog(world);
  let browser: Browser;
  let page = '';
  let stranger = '';
  let urls: string[] = [];

  beforeAll(async () => {
    log.stay(1, 'bed-1').stay(2, 'bed-2');
    log.frame(1, { 'heart-rate': column(T, [720, 742]), spo2: column(T, [970, 965]) });
    log.frame(2, { 'heart-rate': column(T, [910, 655]), spo2: column(T, [930, 988]) });
    log.commit();
    const bundle = await build({
      stdin: { contents: PAGE_SCRIPT, resolveDir: import.meta.dirname, loader: 'ts' },
      bundle: true,
      platform: 'browser',
      format: 'iife',
      write: false,
    });
    const script = bundle.outputFiles[0]!.text;
    const serve: RequestListener = ({ url }, response) => {
      const isScript = url === '/page.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : '<!doctype html><script src="/page.js"></script>');
    };
    page = await listen(serve);
    stranger = await listen(serve);
    const host = logHost([log]);
    const gateway = await listen(({ url }, response) => {
      void host(`http://gateway.test${url!}`).then(async (reply) => {
        response.writeHead(reply.status).end(Buffer.from(await reply.arrayBuffer()));
      });
    });
    const folder = mkdtempSync(join(tmpdir(), 'vitalshare-page-'));
    undo.push(() => rmSync(folder, { recursive: true }));
    urls = await Promise.all(
      world.dataServers.map((_, i) => startServer(join(folder, `server-${i + 1}`), i, gateway)),
    );
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    undo.push(() => browser.close());
  });
  afterAll(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  /** The folder an administrator has, with `origins` in its addresses; the process he starts. */
  async function startServer(dir: string, index: number, gateway: string): Promise<string> {
    const { identity, keys } = world.dataServers[index]!;
    const keyMap = (map: ReadonlyMap<number, Uint8Array>) =>
      Object.fromEntries([...map].map(([mask, key]) => [mask, toBase64Url(key)]));
    const files = {
      identity,
      configuration: world.configuration,
      addresses: {
        listen: { host: '127.0.0.1', port: 0 },
        gateway,
        dataServers: world.dataServers.map(() => 'http://127.0.0.1:9'),
        origins: [page],
      },
      keys: {
        split: { 1: keyMap(keys.split.get(1)!) },
        log: toBase64Url(keys.log),
        zero: keyMap(keys.zero),
      },
    };
    mkdirSync(dir, { mode: 0o700 });
    for (const [name, value] of Object.entries(files)) {
      writeFileSync(join(dir, `${name}.json`), JSON.stringify(value), { mode: 0o600 });
    }
    const child: ChildProcess = spawn(process.execPath, [
      ...['--import', 'tsx', START, '--dir', dir, '--json'],
    ]);
    const ended = new Promise((resolve) => child.on('close', resolve));
    undo.push(async () => {
      child.kill('SIGTERM');
      await ended;
    });
    let said = '';
    for await (const text of child.stdout!) {
      said += String(text);
      if (said.includes('\n')) break;
    }
    child.stdout!.resume();
    return (JSON.parse(said) as { url: string }).url;
  }

  async function askFrom(origin: string, statistic: string, names: readonly string[]) {
    const tab = await browser.newPage();
    const refusals: string[] = [];
    tab.on('console', (message) => {
      if (message.type() === 'error') refusals.push(message.text());
    });
    const { configuration, configDigest, researcher: identity } = world;
    // The gateway of a page's party need not allow it anything: the servers know how far they are.
    const addresses = { gateway: 'http://127.0.0.1:9', dataServers: urls };
    const party = { identity, configuration, configDigest, addresses };
    await tab.goto(origin);
    const expression = `ask(${JSON.stringify(party)}, ${JSON.stringify(statistic)}, ${JSON.stringify(names)})`;
    const answer = await tab.evaluate<PageAnswer>(expression);
    await tab.close();
    return { ...answer, refusals };
  }

  it('asks, checks, opens and computes in a page of a listed origin', async () => {
    await expect
      .poll(async () => (await askFrom(page, 'count', ['heart-rate'])).result?.count, {
        timeout: 30_000,
      })
      .toBe(4);
    const mean = await askFrom(page, 'mean', ['heart-rate']);
    expect(mean.result).toMatchObject({ value: 75.675, checked: 'verified', servers: [1, 2, 3] });
    const pair = await askFrom(page, 'covariance', ['heart-rate', 'spo2']);
    expect(pair.result!.value).toBeCloseTo(-26.2925, 9);
    expect(pair.result!.checked).toBe('unchecked');
  });

  it('is blocked by the browser in a page of any other origin', async () => {
    const { result, code, refusals } = await askFrom(stranger, 'mean', ['heart-rate']);
    expect(result).toBeUndefined();
    expect(code).toBe('too-few');
    const blocked = refusals.filter((text) => text.includes('blocked by CORS policy'));
    for (const url of urls) expect(blocked.some((text) => text.includes(url))).toBe(true);
  });
});
