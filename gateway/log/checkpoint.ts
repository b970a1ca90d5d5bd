/**
 * A checkpoint: what a start would know after reading the logs up to some batches, so that it reads only
 * what follows. Two files take turns in the gateway's own folder, never in that of the log.
 *
 *   checkpoint-0, checkpoint-1     JSON ‖ '\n' ‖ base64url of Ed25519("VSC1" ‖ SHA-256(JSON)) ‖ '\n'
 *
 * It is worth nothing by itself [S1]: no mask, nonce or run secret comes from it, and every log in it must
 * stand on the disk with the very batch it names, else all of it is ignored with a sentence and the logs
 * are read whole. So an older one costs reading, and one that knows more than a log shows that the log is
 * an older copy. Limit: damage before its batches is not seen at start but by whoever reads them.
 */
import {
  decodeGenesis,
  decodeStay,
  encodeGenesis,
  encodeStay,
} from '@vitalshare/cloud-sink/messages';
import { concatBytes, fromBase64Url, sha256, toBase64Url, utf8 } from '@vitalshare/edge/seal';
import type { CountedCells } from '../ingest/counted-cells.ts';
import type { ReplayWindow, WindowEntry } from '../window/replay-window.ts';
import { spanAt } from './batch-bytes.ts';
import type { Disk, DiskFile } from './disk.ts';
import type { ScanPoint } from './scan.ts';

export const CHECKPOINT_FILES = ['checkpoint-0', 'checkpoint-1'] as const;
const DOMAIN = utf8('VSC1');
const SIGNATURE_BYTES = 64;

type Said = (sentence: string) => void;
type Points = ReadonlyMap<string, ScanPoint>;

export interface Checkpoint {
  readonly points: Points;
  readonly window: readonly WindowEntry[];
  readonly cells: readonly (readonly [string, string])[];
}

/** Its bytes, made in one turn: nothing may be on its way into the logs meanwhile. */
export function encodeCheckpoint(
  points: Points,
  window: ReplayWindow,
  cells: CountedCells,
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  const logs = [...points].map(([log, { head, genesis, salt, stays, ...point }]) => ({
    ...point,
    log,
    position: head.position,
    hash: toBase64Url(head.hash),
    genesis: toBase64Url(encodeGenesis(genesis)),
    salt: toBase64Url(salt),
    stays: stays.map((stay) => toBase64Url(encodeStay(stay))),
  }));
  const body = utf8(
    JSON.stringify({
      logs,
      window: [...window.entries()],
      cells: [...cells.entries()].map(([key, bits]) => [key, toBase64Url(bits)]),
    }),
  );
  return concatBytes(body, utf8(`\n${toBase64Url(sign(signedOf(body)))}\n`));
}

/** Writes over the older of the two. Rejects with what the disk said. */
export async function writeCheckpoint(disk: Disk, turn: number, bytes: Uint8Array): Promise<void> {
  const file = await disk.open(CHECKPOINT_FILES[turn % CHECKPOINT_FILES.length]!);
  try {
    await file.truncate(0);
    await file.write(0, bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The newest that is whole and fits the logs in `logs`; undefined where none does. */
export async function readCheckpoint(
  home: Disk,
  logs: ReadonlyMap<string, DiskFile>,
  verify: (message: Uint8Array, signature: Uint8Array) => boolean,
  say: Said,
): Promise<Checkpoint | undefined> {
  const names = await home.list();
  const found: Checkpoint[] = [];
  for (const name of CHECKPOINT_FILES) {
    if (!names.includes(name)) continue;
    const file = await home.open(name);
    const bytes = await file.read(0, await file.size());
    await file.close();
    const checkpoint = parse(bytes, verify);
    if (checkpoint === null) say(`${name} is torn or damaged; it is ignored.`);
    else found.push(checkpoint);
  }
  const [newest] = found.sort((a, b) => bytesOf(b) - bytesOf(a));
  if (newest === undefined) return undefined;
  const reason = await whyNot(newest.points, logs);
  if (reason === undefined) return newest;
  say(`${reason}; the logs are read whole.`);
  return undefined;
}

const bytesOf = ({ points }: Checkpoint): number =>
  [...points.values()].reduce((sum, { bytes }) => sum + bytes, 0);

/** Every log of the checkpoint must stand there, with the batch it names at its place. */
async function whyNot(
  points: Points,
  logs: ReadonlyMap<string, DiskFile>,
): Promise<string | undefined> {
  for (const [log, { head, bytes, lastOffset }] of points) {
    const file = logs.get(log);
    const name = `log ${log.slice(0, 8)}`;
    if (file === undefined) return `the checkpoint knows ${name}, which is not here any more`;
    if ((await file.size()) < bytes) {
      return `the checkpoint knows more of ${name} than its file, which is cut short or an older copy`;
    }
    const batch = await file.read(lastOffset, bytes - lastOffset);
    const span = spanAt(batch, 0);
    const hash = sha256(batch.subarray(0, -SIGNATURE_BYTES));
    const isThere =
      span?.bytes === batch.length &&
      span.position + span.count === head.position &&
      Buffer.from(hash).equals(head.hash);
    if (!isThere) {
      return `the checkpoint knows another batch at position ${head.position} of ${name}`;
    }
  }
  return undefined;
}

const signedOf = (body: Uint8Array): Uint8Array => concatBytes(DOMAIN, sha256(body));

/** Null where the signature is not this gateway's. What it signed is trusted. */
function parse(
  bytes: Uint8Array,
  verify: (message: Uint8Array, signature: Uint8Array) => boolean,
): Checkpoint | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = text.indexOf(10);
  const match = /^\n([\w-]{86})\n$/.exec(text.toString('latin1', Math.max(0, end)));
  if (end < 0 || match === null) return null;
  const body = bytes.subarray(0, end);
  if (!verify(signedOf(body), fromBase64Url(match[1]!, SIGNATURE_BYTES))) return null;
  const { logs, window, cells } = JSON.parse(text.toString('utf8', 0, end)) as Written;
  const points = logs.map(({ log, position, hash, genesis, salt, stays, ...point }) => {
    const scanned: ScanPoint = {
      ...point,
      head: { position, hash: fromBase64Url(hash, 32) },
      genesis: decodeGenesis(fromBase64Url(genesis)),
      salt: fromBase64Url(salt, 32),
      stays: stays.map((stay) => decodeStay(fromBase64Url(stay))),
    };
    return [log, scanned] as const;
  });
  return { points: new Map(points), window, cells };
}

interface Written extends Pick<Checkpoint, 'window' | 'cells'> {
  readonly logs: readonly (Omit<ScanPoint, 'head' | 'genesis' | 'salt' | 'stays'> & {
    readonly log: string;
    readonly position: number;
    readonly hash: string;
    readonly genesis: string;
    readonly salt: string;
    readonly stays: readonly string[];
  })[];
}
