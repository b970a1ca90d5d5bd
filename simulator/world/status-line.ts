/**
 * What `up` tells while it runs: sentences, and one status line that is rewritten in place on a
 * terminal. Elsewhere the status comes now and then as a line of its own, so a log stays short; with
 * `--json` everything is one JSON object a line.
 */
export interface Told {
  readonly event: string;
  readonly [member: string]: unknown;
}

export interface Teller {
  /** A sentence, or with --json the event. */
  say(sentence: string, event: Told): void;
  /** Called every second. */
  status(text: string, event: Told): void;
  /** Takes the status line away for good. */
  end(): void;
}

export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** The first status elsewhere after 10 s, then one a minute. */
const PLAIN_FIRST_S = 10;
const PLAIN_EVERY_S = 60;
const CLEAR_LINE = '\r\x1b[2K';

export function makeTeller(screen: Screen, json: boolean): Teller {
  const isTty = screen.isTTY === true && !json;
  let shown = '';
  let calls = 0;
  return {
    say(sentence, event) {
      if (json) screen.write(`${JSON.stringify(event)}\n`);
      else if (isTty) screen.write(`${shown === '' ? '' : CLEAR_LINE}${sentence}\n${shown}`);
      else screen.write(`${sentence}\n`);
    },
    status(text, event) {
      calls += 1;
      if (isTty) {
        shown = text.slice(0, widthOf(screen) - 1);
        screen.write(CLEAR_LINE + shown);
      } else if (calls === PLAIN_FIRST_S || calls % PLAIN_EVERY_S === 0) {
        screen.write(json ? `${JSON.stringify(event)}\n` : `${text}\n`);
      }
    },
    end() {
      if (shown !== '') screen.write(CLEAR_LINE);
      shown = '';
    },
  };
}

/** A terminal that does not say how wide it is says 0, or nothing. */
const widthOf = ({ columns = 0 }: Screen): number => (columns > 0 ? columns : 80);
