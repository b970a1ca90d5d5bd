/** One HTTP request as bytes over a socket of its own, and the status and code that came back. */
import { connect } from 'node:net';
import { PROBLEM_TYPE, PROBLEMS } from '../../../cloud-sink/messages/problem.ts';
import { Unfit } from '../target.ts';

/** A refusal, by its problem code or, of Node's own parser and the framework, its status. */
export class Refused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}
const SILENT_MS = 12_000;
/** A reply that is held open on purpose: the live feed, a log's news. */
const HELD_MS = 40;

/** Writes `bytes`; resolves with the first reply, or null where it was held open or none was due. */
export async function ask(
  port: number,
  bytes: Uint8Array,
  pieces: readonly number[],
): Promise<string | null> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  const text = (): string => Buffer.concat(chunks).toString('latin1');
  const state = { isOver: false };
  let wake = (): void => undefined;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    wake();
  });
  const over = (): void => {
    state.isOver = true;
    wake();
  };
  socket.on('end', over).on('close', over).on('error', over);
  let at = 0;
  for (const end of [...pieces, bytes.length]) {
    if (end > at) socket.write(bytes.subarray(at, end));
    at = Math.max(at, end);
  }
  // Node drops the reply of a client that closes its half; one that waits for more bytes is told so.
  const patience = setTimeout(() => socket.end(), looksWhole(bytes) ? 2_000 : 0);
  const until = Date.now() + SILENT_MS;
  let heldMs = 0;
  let isHeld = false;
  while (!state.isOver && replyOf(text()) === undefined) {
    if (Date.now() > until) throw new Unfit('no reply, and the connection stands');
    isHeld =
      /content-type: text\/event-stream/i.test(text()) ||
      /[?&]wait=\d/.test(Buffer.from(bytes.subarray(0, 2_000)).toString('latin1'));
    if (isHeld && heldMs >= HELD_MS) break;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, isHeld ? HELD_MS : 1_000);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    if (isHeld) heldMs += HELD_MS;
  }
  clearTimeout(patience);
  socket.destroy();
  const reply = replyOf(text()) ?? (state.isOver ? text() : undefined);
  if (reply === undefined && isHeld) return 'held';
  return reply === undefined || reply === '' ? null : checked(reply);
}

function looksWhole(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const length = Number(/\r\ncontent-length: *(\d+)\r\n/i.exec(text.slice(0, end + 2))?.[1] ?? 0);
  return end >= 0 && text.length >= end + 4 + length && !/transfer-encoding/i.test(text);
}

/** A whole reply, as soon as it is one. */
function replyOf(text: string): string | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length !== undefined) return text.length >= end + 4 + Number(length) ? text : undefined;
  return /\r\ntransfer-encoding: chunked/i.test(head) && !text.endsWith('0\r\n\r\n')
    ? undefined
    : text;
}

/** Status 200 and what is like it; else the code of a problem. Throws Unfit on a failure of the server. */
function checked(reply: string): string {
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(reply)?.[1]);
  if (status >= 200 && status < 400) return String(status);
  if (!(status >= 400) || status === 500) throw new Unfit(`the server said ${reply.slice(0, 300)}`);
  const code = /"code":"([a-z-]+)"/.exec(reply)?.[1];
  if (reply.toLowerCase().includes(`content-type: ${PROBLEM_TYPE}`)) {
    if (code === undefined || !(code in PROBLEMS))
      throw new Unfit(`a problem without a code: ${reply.slice(-200)}`);
    throw new Refused(code);
  }
  // Only what the parser of Node itself refuses, before there is a request, has no problem of ours.
  if (reply.includes('FST_ERR'))
    throw new Unfit(`a refusal of the framework: ${reply.slice(-300)}`);
  throw new Refused(`http-${status}${code === undefined ? '' : `-${code}`}`);
}
