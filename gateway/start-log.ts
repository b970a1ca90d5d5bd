/**
 * Which log this start appends to, and everything its past settles [S1] [WIRE-15].
 *
 *   own logs ─scan─► replay window ◄─tags─ data servers that know more
 *                          │
 *   newest log is known to nobody better, and t + 1 servers said so ─► continue it, next run
 *   else                                                            ─► a new log that continues it
 */
import type { GatewayKeys, Party } from '@vitalshare/edge/keys/node';
import { verifier } from '@vitalshare/edge/identity/node';
import { fromBase64Url } from '@vitalshare/edge/seal';
import type { Say } from '@vitalshare/edge/operations';
import type { MaskKeys } from '@vitalshare/edge/sharing';
import type { Stay } from '@vitalshare/cloud-sink/messages';
import { HEAD_RETRY_MS, HEAD_WAIT_MS, LOGS_SAID_FROM } from './limits.ts';
import type { AcknowledgeMode } from './acknowledge/acknowledge.ts';
import type { BeforeRun } from './acknowledge/held.ts';
import { HeldTags } from './acknowledge/held-tags.ts';
import { CountedCells } from './ingest/counted-cells.ts';
import { readCheckpoint } from './log/checkpoint.ts';
import { Checkpoints } from './log/checkpoints.ts';
import type { Disk, DiskFile } from './log/disk.ts';
import { columnsOfFrame } from './log/frame-cells.ts';
import type { LogTools, MaskedLog } from './log/masked-log.ts';
import { type KnownLog, openLogs } from './log/open-logs.ts';
import type { ScanPoint } from './log/scan.ts';
import { createLog, startRun } from './log/start-run.ts';
import { causeOf, sayOnce } from './say-once.ts';
import {
  askHeads,
  compareHeads,
  fetchTagsOfAll,
  type HeadAsker,
  type TagAsker,
} from './window/recover.ts';
import { ReplayWindow } from './window/replay-window.ts';
import { NodesNamed, Tags } from './window/tag.ts';

export interface StartLogOptions {
  readonly party: Party;
  readonly keys: GatewayKeys;
  readonly disk: Disk;
  /** Where checkpoints are kept; without it there are none. */
  readonly home?: Disk;
  readonly servers: HeadAsker & TagAsker;
  readonly tools: LogTools;
  readonly random: (lengthBytes: number) => Uint8Array;
  /** Something the operator should know, in one sentence. */
  readonly say: Say;
  readonly headWaitMs?: number;
  /** Default durable [WIRE-17]. */
  readonly acknowledge?: AcknowledgeMode;
}

export interface StartedLog {
  readonly log: MaskedLog;
  /** All of them, to be served. */
  readonly logs: ReadonlyMap<string, MaskedLog>;
  readonly run: number;
  readonly maskKeys: MaskKeys;
  readonly announced: ReadonlyMap<string, Stay>;
  readonly window: ReplayWindow;
  readonly tags: Tags;
  /** Every cell the logs hold, the newest of them at least. */
  readonly cells: CountedCells;
  /** Undefined where there is no place for them. */
  readonly checkpoints: Checkpoints | undefined;
  /** Data servers that said what they know of the logs, and how many are needed [S1]. */
  readonly servers: () => { readonly answered: number; readonly needed: number };
  /** What the logs held at start, by log; none where frames are acknowledged when durable. */
  readonly before: readonly BeforeRun[];
  /** Frames that t + 1 data servers told of, from now on as well; likewise. */
  readonly toldOf: ReplayWindow;
  /** Asks again those that did not answer, until enough did or `stopped`; then nothing runs on. */
  catchUp(stopped: AbortSignal): Promise<void>;
}

/** Throws UserError on a damaged log. */
export async function startLog(options: StartLogOptions): Promise<StartedLog> {
  const { party, keys, disk, tools, random, say } = options;
  const tags = new Tags(keys.tag);
  const window = new ReplayWindow();
  const isHeld = options.acknowledge === 'held';
  const names = new Map<string, ReplayWindow>();
  const toldOf = new ReplayWindow();
  const heldTags = new HeldTags(party.configuration.threshold, (name) => {
    window.add(name);
    toldOf.add(name);
  });
  const scanned = (some: readonly Uint8Array[], log: string): void => {
    if (some.length === 0) return;
    const own = names.get(log) ?? new ReplayWindow();
    if (isHeld) names.set(log, own);
    for (const name of tags.read(Buffer.concat(some))) (isHeld ? own : window).add(name);
  };
  const named = new NodesNamed();
  const add = (some: readonly Uint8Array[], server: number): void => {
    if (some.length === 0) return;
    const told = [...tags.read(Buffer.concat(some))];
    named.add(server, told);
    if (isHeld) heldTags.add(server, told);
    else for (const name of told) window.add(name);
  };
  const verify = verifier(party.identity.sign);
  const cells = new CountedCells();
  const frame = (stay: string, record: Uint8Array): void => {
    for (const column of columnsOfFrame(record)) cells.take(stay, column);
  };
  // What servers hold of a log is known frame by frame: a checkpoint would leave out its beginning.
  const home = isHeld ? undefined : options.home;
  let coveredBytes = 0;
  const from = async (files: ReadonlyMap<string, DiskFile>) => {
    const checkpoint = home && (await readCheckpoint(home, files, verify, say));
    if (checkpoint === undefined) return undefined;
    window.load(checkpoint.window);
    cells.load(checkpoint.cells.map(([key, bits]) => [key, fromBase64Url(bits)] as const));
    for (const { bytes } of checkpoint.points.values()) coveredBytes += bytes;
    return checkpoint.points;
  };
  const scan = { logKey: keys.log, verify, tags: scanned, frame, from };
  const known = await openLogs(disk, scan, tools, say);
  sayTorn(known, say);

  const recovery = new Recovery(options, known, add);
  const isFirst = known.length === 0;
  await recovery.ask(isFirst ? 0 : (options.headWaitMs ?? HEAD_WAIT_MS));
  // Of a log that servers know better, what t + 1 of them tell is all that may be called held.
  for (const [log, own] of names) if (!recovery.lost.has(log)) window.absorb(own);
  const newest = known.at(-1);
  const continued =
    newest !== undefined && mayContinue(newest, recovery, party) ? newest : undefined;
  if (newest !== undefined && continued === undefined)
    say(whyNew(newest, recovery, party), { event: 'new-log' });

  const follows =
    newest === undefined ? [] : [{ log: newest.log.log, position: newest.log.head.position }];
  const { configuration, configDigest } = party;
  const runOptions = { configuration, configDigest, keys, random };
  let genesis = continued?.scanned.genesis;
  const log =
    continued?.log ??
    (await createLog(disk, runOptions, follows, tools, (made) => (genesis = made)));
  const run = (continued?.scanned.lastRun ?? 0) + 1;
  let salt: Uint8Array | undefined;
  const maskKeys = await startRun(log, run, runOptions, (begun) => (salt = begun));
  const logs = new Map(
    [...known.map(({ log: each }) => each), log].map((each) => [each.log, each]),
  );
  if (logs.size >= LOGS_SAID_FROM)
    say(tooManyText(logs.size), { event: 'many-logs', level: 'warn' });
  const before = known.flatMap(({ log: each, scanned: { head } }) => {
    const own = names.get(each.log);
    return own && !recovery.lost.has(each.log)
      ? [{ log: each.log, position: head.position, names: own }]
      : [];
  });
  return {
    ...{ log, logs, run, maskKeys, window, tags, cells, before, toldOf },
    checkpoints:
      home && genesis && salt
        ? new Checkpoints({
            ...{ disk: home, log, genesis, run, salt, window, cells, coveredBytes },
            ended: endedPoints(known, continued),
            sign: tools.sign,
          })
        : undefined,
    announced: continued?.scanned.stays ?? new Map<string, Stay>(),
    servers: () => ({
      answered: recovery.answered.size,
      needed: party.configuration.threshold + 1,
    }),
    catchUp: (stopped) => recovery.catchUp(stopped),
  };
}

/** Logs that are only served. One without a run has nothing that a scan would be spared. */
function endedPoints(
  known: readonly KnownLog[],
  continued: KnownLog | undefined,
): Map<string, ScanPoint> {
  const ended = known.filter((each) => each !== continued);
  return new Map(
    ended.flatMap(({ log, scanned: { point } }) =>
      point === undefined ? [] : [[log.log, point] as const],
    ),
  );
}

/** What the data servers said, and what is still to be asked. */
class Recovery {
  readonly #options: StartLogOptions;
  readonly #own;
  readonly #add: (tags: readonly Uint8Array[], server: number) => void;
  readonly #taken = new Set<string>();
  readonly #ended = new AbortController();
  readonly answered = new Set<number>();
  lost: ReadonlySet<string> = new Set();

  constructor(
    options: StartLogOptions,
    known: readonly KnownLog[],
    add: (tags: readonly Uint8Array[], server: number) => void,
  ) {
    this.#options = options;
    // As it was at start: what this run appends is in the window already.
    this.#own = known.map(({ log, scanned }) => ({
      log: log.log,
      position: scanned.head.position,
      hashAt: scanned.hashAt,
    }));
    this.#add = add;
  }

  get enough(): boolean {
    return this.answered.size > this.#options.party.configuration.threshold;
  }

  /** A server that fails half-way did not answer. Rejects where our own log cannot be read. */
  async ask(waitMs: number, stopped?: AbortSignal): Promise<void> {
    const { servers, party, tools } = this.#options;
    const { configDigest, configuration } = party;
    const enough = configuration.threshold + 1;
    const isHeld = this.#options.acknowledge === 'held';
    const heads = await askHeads(servers, { ...tools, configDigest, enough, waitMs }, stopped);
    const { unknown, lost } = await compareHeads(this.#own, heads);
    this.lost = new Set([...this.lost, ...lost]);
    const asked = heads.map(({ server }) => server);
    const wanted = unknown
      .filter(({ server, log }) => !this.#taken.has(`${server}/${log}`))
      .map((each) => ({ ...each, from: isHeld ? 0 : each.from }));
    await fetchTagsOfAll(servers, asked, wanted, this.#add, {
      ...{ enough, sleep: tools.sleep, stopped: this.#ended.signal },
      told: (server) => {
        for (const each of wanted)
          if (each.server === server) this.#taken.add(`${server}/${each.log}`);
        this.answered.add(server);
      },
    });
  }

  /** Rejects never: what fails now is tried again. */
  async catchUp(stopped: AbortSignal): Promise<void> {
    const once = sayOnce(this.#options.say);
    stopped.addEventListener('abort', () => this.#ended.abort());
    while (!this.enough) {
      await this.#options.tools.sleep(HEAD_RETRY_MS, stopped);
      if (stopped.aborted) return;
      await this.ask(0, stopped).catch((error: unknown) => once(unreadText(error)));
    }
  }
}

/** Only a log of this configuration, that enough servers know no better than this gateway. */
const mayContinue = ({ log, scanned }: KnownLog, recovery: Recovery, party: Party): boolean =>
  scanned.genesis?.config === party.configDigest && recovery.enough && !recovery.lost.has(log.log);

function whyNew({ log, scanned }: KnownLog, recovery: Recovery, party: Party): string {
  if (scanned.genesis?.config !== party.configDigest) {
    return 'the configuration changed: a new log begins.';
  }
  if (recovery.lost.has(log.log)) {
    return 'the data servers know more of the log than this folder, which is an older copy: a new log begins, and what they know counts as received.';
  }
  const { servers, threshold } = party.configuration;
  return `only ${recovery.answered.size} of ${servers} data servers answered, ${threshold + 1} are needed to know that this folder is no older copy: a new log begins.`;
}

const unreadText = (error: unknown): string =>
  `its own log cannot be read to compare it with the data servers (${causeOf(error)}); trying again.`;

const tooManyText = (count: number): string =>
  `this folder holds ${count} logs, each read whole at every start and followed by every data server; start the data servers before the gateway, so that it continues its last log.`;

function sayTorn(known: readonly KnownLog[], say: Say): void {
  for (const { log, scanned } of known) {
    if (scanned.tornBytes === 0) continue;
    say(
      `the last append to log ${log.log.slice(0, 8)} was cut off by a crash (${scanned.tornBytes} bytes); nothing of it was acknowledged.`,
      { event: 'torn-append', fields: { bytes: scanned.tornBytes } },
    );
  }
}
