/**
 * One node of a campaign, as a process of its own: the real node loop over the real journal, which
 * offers frames at a steady rate and writes in its own book what became of them.
 *
 *   <records>/<node>.planned        one byte a frame begun: the next lifetime goes on behind it
 *   <records>/<node>.sent           published, each time
 *   <records>/<node>.acknowledged   settled by a sealed acknowledgement, before the journal erases it
 *   <records>/<node>.refused        refused by one; there should be none
 *
 * SIGTERM: no more is offered, and the process ends when all is settled.
 */
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cutText, openDiskJournal } from '@vitalshare/edge/journal/node';
import { type Journal, Node, type NodeOptions, parseCredential } from '@vitalshare/edge/loop';
import { connectNode } from '@vitalshare/edge/mqtt';
import {
  decodePayload,
  openAnswer,
  openFrame,
  type Range,
  readHeader,
} from '@vitalshare/edge/wire';
import { CAMPAIGN_BUFFER_FRAMES_MAX, CAMPAIGN_DRAIN_MS_MAX } from '../limits.ts';
import { lockNode } from '../node-lock.ts';
import type { Tools } from '../world/tools.ts';
import { nodeFolder } from '../world/world-folder.ts';
import { FRAME_SECONDS, frameOf } from './reading.ts';
import { RecordBook } from './record-book.ts';

export interface CampaignNode {
  readonly dir: string;
  readonly name: string;
  /** Among the nodes of the campaign: decides its values. */
  readonly index: number;
  readonly records: string;
  readonly framesPerSecond: number;
  /** Where second 0 lies, UTC. */
  readonly originMs: number;
  /** A copied world is on other ports than its credentials say. */
  readonly mqttUrl: string;
}

export const bookOf = (
  records: string,
  name: string,
  book: 'planned' | 'sent' | 'acknowledged' | 'refused' | 'faults',
): string => join(records, `${name}.${book}`);

/** Resolves with the exit code: 0 when everything was settled. */
export async function runNode(plan: CampaignNode, { sleep }: Tools): Promise<number> {
  const { dir, name, index, records, originMs } = plan;
  const folder = nodeFolder(dir, name);
  const unlock = lockNode(folder, name);
  const written = parseCredential(readFileSync(join(folder, 'credential.json'), 'utf8'));
  const credential = { ...written, mqttUrl: plan.mqttUrl };
  const inner = await openDiskJournal(join(folder, 'journal'));
  if (inner.cutBytes > 0) process.stderr.write(`${cutText(inner.cutBytes)}\n`);
  const books = new Books(records, name);
  const onFault = (error: unknown): void =>
    appendFileSync(bookOf(records, name, 'faults'), `${String(error)}\n`);
  const node = new BookedNode({ credential, journal: inner, onFault }, books);
  const connection = connectNode(node);
  const planned = bookOf(records, name, 'planned');
  let next = statSync(planned, { throwIfNoEntry: false })?.size ?? 0;
  const stopped = new AbortController();
  process.once('SIGTERM', () => stopped.abort());
  while (!stopped.signal.aborted) {
    if (node.bufferedFrames < CAMPAIGN_BUFFER_FRAMES_MAX) {
      appendFileSync(planned, '.');
      void node.offer(frameOf(index, next++, originMs));
    }
    await sleep(1000 / plan.framesPerSecond, stopped.signal);
  }
  const over = new AbortController();
  const isSettled = await Promise.race([
    node.drained().then(() => true),
    sleep(CAMPAIGN_DRAIN_MS_MAX, over.signal).then(() => false),
  ]);
  over.abort();
  // What was settled last is still being written down.
  await node.booked();
  await node.close();
  await connection.close();
  await inner.close();
  unlock();
  return isSettled ? 0 : 1;
}

class Books {
  readonly sent: RecordBook;
  readonly acknowledged: RecordBook;
  readonly refused: RecordBook;
  constructor(records: string, name: string) {
    this.sent = new RecordBook(bookOf(records, name, 'sent'));
    this.acknowledged = new RecordBook(bookOf(records, name, 'acknowledged'));
    this.refused = new RecordBook(bookOf(records, name, 'refused'));
  }
}

/** The node loop with a pen: what it publishes, and what an answer that opens lets it erase. */
class BookedNode extends Node {
  readonly #books: Books;
  readonly #erasures: Set<Promise<void>>;
  /** By boot, as the last answer about it says. */
  readonly #refused: Map<number, readonly Range[]>;

  constructor(options: NodeOptions, books: Books) {
    const refused = new Map<number, readonly Range[]>();
    const erasures = new Set<Promise<void>>();
    super({ ...options, journal: bookedJournal(options, { books, refused, erasures }) });
    this.#books = books;
    this.#erasures = erasures;
    this.#refused = refused;
  }

  /** Everything settled so far stands in the books. */
  async booked(): Promise<void> {
    await Promise.all(this.#erasures);
  }

  override connected(publish: Parameters<Node['connected']>[0]): void {
    super.connected((topic, bytes) => {
      const header = readHeader(bytes);
      if (header !== null) this.#books.sent.append({ ...header, index: 0 });
      return publish(topic, bytes);
    });
  }

  override receive(bytes: Uint8Array): void {
    const answer = openAnswer(this.credential.node, this.credential.downKey, bytes);
    if (answer !== null) this.#refused.set(answer.boot, answer.refused);
    super.receive(bytes);
  }
}

interface Booking {
  readonly books: Books;
  readonly refused: ReadonlyMap<number, readonly Range[]>;
  readonly erasures: Set<Promise<void>>;
}

function bookedJournal(
  { credential, journal }: NodeOptions,
  { books, refused, erasures }: Booking,
): Journal {
  const indexOf = (bytes: Uint8Array): number => {
    const opened = openFrame(credential.node, credential.upKey, bytes);
    if (opened === null) throw new Error('a frame of the journal does not open');
    return decodePayload(opened.payload).columns[0]!.startSecond / FRAME_SECONDS;
  };
  const erase: Journal['erase'] = async (boot, ranges) => {
    const isRefused = (sequence: number): boolean =>
      (refused.get(boot) ?? []).some(({ first, last }) => first <= sequence && sequence <= last);
    for (const { first, last } of ranges) {
      for (let sequence = first; sequence <= last; sequence++) {
        const bytes = await journal.read(boot, sequence);
        if (bytes === null) continue;
        const book = isRefused(sequence) ? books.refused : books.acknowledged;
        book.append({ boot, sequence, index: indexOf(bytes) });
      }
    }
    await journal.erase(boot, ranges);
  };
  return {
    get bytesKept() {
      return journal.bytesKept;
    },
    openBoot: () => journal.openBoot(),
    append: (boot, sequence, bytes) => journal.append(boot, sequence, bytes),
    read: (boot, sequence) => journal.read(boot, sequence),
    pending: () => journal.pending(),
    erase: (boot, ranges) => {
      const erasing = erase(boot, ranges).finally(() => erasures.delete(erasing));
      erasures.add(erasing);
      return erasing;
    },
  };
}
