/**
 * A whole ward of real processes for a test: `vitalshare up` on free ports in a folder of its own,
 * under the module hook that stops any server that ever loads the opening door.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withoutSum } from '@vitalshare/edge/seal';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const SHARED_DATA = join(ROOT, '../shared/data');
const HOOK = `--import=${pathToFileURL(join(ROOT, '.ci/no-opening.mjs')).href}`;
/** A zone whose daylight saving is half an hour: everything is UTC, so none of it may ever show. */
const TZ = 'Australia/Lord_Howe';
const ENV = { ...process.env, NODE_OPTIONS: HOOK, FORCE_COLOR: '0', TZ };
const START_WAIT_MS = 60_000;

export interface World {
  readonly dashboard: string;
  readonly mqtt: string;
  readonly dataServers: readonly string[];
  readonly servers: number;
  readonly threshold: number;
  readonly pids: { readonly gateway: number; readonly dataServers: readonly number[] };
}

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const commandLine = (args: readonly string[], house: string) => [
  '--import',
  import.meta.resolve('tsx'),
  join(house, 'vitalshare.ts'),
  ...args,
];

/** Starts `vitalshare …` and leaves it running; what it prints is kept in `output`. */
export function start(
  args: readonly string[],
  house = ROOT,
): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, commandLine(args, house), { cwd: house, env: ENV });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, output: () => text };
}

/** Runs `vitalshare …` to its end. */
export async function run(
  args: readonly string[],
  house = ROOT,
  timeoutMs = 120_000,
  /** A command that runs it, such as `unshare -Urm`. */
  under: readonly string[] = [],
): Promise<Finished> {
  const [file, ...words] = [...under, process.execPath, ...commandLine(args, house)];
  const child = spawn(file!, words, { cwd: house, env: ENV });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const status = await exitOf(child);
  clearTimeout(timer);
  return { status, stdout, stderr };
}

export const exitOf = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once('close', (code) => resolve(code)));

/** Waits until `check` gives something; the error says what was awaited. */
export async function until<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > endMs) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

export class Ward {
  readonly dir: string;
  readonly #options: readonly string[];
  /** Where the code stands: the project, or a copy that a test built without one of its defences. */
  readonly #house: string;
  #up: ReturnType<typeof start> | undefined;
  #parties: ReturnType<typeof start>[] = [];

  constructor(
    options: readonly string[],
    house = ROOT,
    dir = mkdtempSync(join(tmpdir(), 'vitalshare-ward-')),
  ) {
    this.dir = dir;
    this.#options = options;
    this.#house = house;
  }

  static async start(...options: string[]): Promise<Ward> {
    const ward = new Ward(options);
    await ward.up();
    return ward;
  }

  get world(): World {
    return withoutSum(JSON.parse(readFileSync(join(this.dir, 'world.json'), 'utf8'))) as World;
  }

  /** What `up` has printed so far. */
  get output(): string {
    return this.#up?.output() ?? '';
  }

  async up(): Promise<void> {
    const ports = ['--port', '0', '--mqtt-port', '0'];
    const up = start(['up', '--dir', this.dir, ...ports, ...this.#options], this.#house);
    this.#up = up;
    await until(
      `the ward to start; it said: ${up.output()}`,
      () => {
        if (up.child.exitCode !== null) throw new Error(`up ended: ${up.output()}`);
        return existsSync(join(this.dir, 'world.json'));
      },
      START_WAIT_MS,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; it said: ${up.output()}`);
    });
  }

  /** `vitalshare <args> --dir <this world>`. */
  run(...args: string[]): Promise<Finished> {
    return run([...args, '--dir', this.dir], this.#house);
  }

  /** The same, with `--json`; fails where the command does. */
  async json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
    const { status, stdout, stderr } = await this.run(...args, '--json');
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** Starts one party alone from its folder, as after a crash, and waits until it answers. */
  async startParty(
    role: 'gateway' | 'data-server',
    folder: string,
    url: string,
    ...options: string[]
  ): Promise<number> {
    const party = start([role, '--dir', join(this.dir, folder), ...options], this.#house);
    this.#parties.push(party);
    await until(
      `${folder} to answer`,
      async () => {
        if (party.child.exitCode !== null) throw new Error(`${folder} ended: ${party.output()}`);
        return fetch(`${url}/healthz`).then(
          (response) => response.ok,
          () => false,
        );
      },
      START_WAIT_MS,
    );
    return party.child.pid!;
  }

  /** Ends the ward and removes its folder; returns the exit code of `up`. */
  async stop(): Promise<number | null> {
    for (const { child } of this.#parties) child.kill('SIGTERM');
    await Promise.all(this.#parties.map(({ child }) => exitOf(child)));
    this.#parties = [];
    const up = this.#up;
    up?.child.kill('SIGTERM');
    return up ? exitOf(up.child) : null;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** SIGKILL, and only back when the process is gone. */
export async function killHard(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await until(`process ${pid} to be gone`, () => !alive(pid));
}

/** Files git tracks, for a test that needs a clean copy of the project. */
export const trackedFiles = (): string[] =>
  spawnSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).stdout.split('\n').slice(0, -1);
