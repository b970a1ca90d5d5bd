/**
 * The pages that watch, and what becomes of one that reads too slowly: first it gets no traces, then
 * it is cut off and starts again from a snapshot. Nothing is queued here for anybody.
 *
 *   event: <name>\n data: <JSON>\n \n          Server-Sent Events (HTML standard, section 9.2)
 */
import { LIVE_BUFFER_BYTES_MAX, LIVE_CLIENTS_MAX, LIVE_LAG_BYTES_MAX } from '../limits.ts';

export interface LivePage {
  write(text: string): void;
  /** Bytes written and not yet taken by the network. */
  pendingBytes(): number;
  close(): void;
}

export const eventText = (name: string, data: unknown): string =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

export class Audience {
  readonly #pages = new Set<LivePage>();
  #tracesDropped = 0;

  get size(): number {
    return this.#pages.size;
  }

  /** Waveform events that were left out for a page that lagged. */
  get tracesDropped(): number {
    return this.#tracesDropped;
  }

  /** False where too many watch already. */
  add(page: LivePage): boolean {
    if (this.#pages.size >= LIVE_CLIENTS_MAX) return false;
    this.#pages.add(page);
    return true;
  }

  remove(page: LivePage): void {
    this.#pages.delete(page);
  }

  send(name: string, data: unknown): void {
    if (this.#pages.size === 0) return;
    const text = eventText(name, data);
    for (const page of this.#pages) {
      const pending = page.pendingBytes();
      if (pending > LIVE_BUFFER_BYTES_MAX) {
        this.#pages.delete(page);
        page.close();
      } else if (name === 'wave' && pending > LIVE_LAG_BYTES_MAX) {
        this.#tracesDropped += 1;
      } else {
        page.write(text);
      }
    }
  }

  close(): void {
    for (const page of this.#pages) page.close();
    this.#pages.clear();
  }
}
