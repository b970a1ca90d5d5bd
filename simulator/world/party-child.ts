/**
 * A party that runs as a child of `up`: started, watched, stopped.
 *
 * The children are their own process groups where there are such: Ctrl-C reaches `up` alone, which
 * stops them in order. If `up` is gone without a word they notice by their stdin (`PARENT_PIPE`).
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { COMPLAINT_CHARS_MAX, STOP_MS_MAX } from '../limits.ts';
import { spawnCommand } from './child.ts';
import type { Tools } from './tools.ts';

export interface PartyPlan {
  /** What a sentence calls it: `gateway`, `data server 2`. */
  readonly name: string;
  /** What takes long when it starts: `the gateway is reading its log`. */
  readonly starting: string;
  /** Arguments of `vitalshare`. */
  readonly args: readonly string[];
}

export class PartyChild {
  readonly plan: PartyPlan;
  readonly pid: number;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<void>;
  #ended: string | undefined;
  #complaint = '';

  /** `onLine` gets what it says on stderr. */
  constructor(plan: PartyPlan, onLine: (name: string, line: string) => void) {
    this.plan = plan;
    this.#child = spawnCommand(plan.args, { parentPipe: true });
    if (this.#child.pid === undefined) throw new Error(`${plan.name} could not be started`);
    this.pid = this.#child.pid;
    this.#child.stdin.on('error', () => undefined);
    // Nobody reads its stdout, yet a full pipe would stop it.
    this.#child.stdout.resume();
    createInterface({ input: this.#child.stderr }).on('line', (line) => {
      this.#complaint = `${this.#complaint}${line}\n`.slice(-COMPLAINT_CHARS_MAX);
      onLine(plan.name, line);
    });
    this.#closed = new Promise((settle) => {
      this.#child.once('close', (code, signal) => {
        this.#ended = signal === null ? `exit code ${String(code)}` : `signal ${signal}`;
        settle();
      });
    });
  }

  /** How it ended, or undefined while it runs. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** The end of what it said on stderr. */
  get complaint(): string {
    return this.#complaint.trim();
  }

  /** What the user types to start it again. */
  get commandLine(): string {
    return `npx vitalshare ${this.plan.args.map(quoted).join(' ')}`;
  }

  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Asks it to stop, and ends it by its pid where it has not after 10 s. True: it went by itself. */
  async stop(sleep: Tools['sleep']): Promise<boolean> {
    if (this.#ended !== undefined) return true;
    this.#child.kill('SIGTERM');
    const over = new AbortController();
    const waited = sleep(STOP_MS_MAX, over.signal).then(() => over.signal.aborted);
    const isInTime = await Promise.race([this.#closed.then(() => true), waited]);
    over.abort();
    if (!isInTime) this.#child.kill('SIGKILL');
    await this.#closed;
    return isInTime;
  }

  kill(): void {
    if (this.#ended === undefined) this.#child.kill('SIGKILL');
  }
}

/** For a shell, where a folder's name needs it. */
const quoted = (word: string): string =>
  /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
