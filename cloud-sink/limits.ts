/** The limits of this room, each with the attack or budget it answers. */

/** A signed request's age, either way: how long a captured one is worth replaying. [PROTO-10] */
export const REQUEST_AGE_MS_MAX = 60_000;

/** Nonces a server remembers for twice that age: 546 requests/s, about 10 MB. Full refuses. */
export const NONCES_MAX = 65_536;

/** Of these, one key's share: one admitted asker cannot shut out the others. */
export const NONCES_PER_KEY_MAX = 8_192;

/** A batch of the log: what one group commit, one signature and one read may cost. [PROTO-6] */
export const BATCH_BYTES_MAX = 4 * 1024 * 1024;
export const BATCH_RECORDS_MAX = 65_536;

/** One reply of the log: a follower far behind gets it in pieces it can hold. */
export const LOG_REPLY_BYTES_MAX = 8 * 1024 * 1024;
/** How long a log host keeps a follower waiting for news. */
export const LOG_WAIT_MS_MAX = 20_000;

/** Labels of a stay: enough for a study's arms and a ward's rooms, too few to carry a record. */
export const LABELS_MAX = 16;

/** Rows of a column and samples of a segment, as on the wire [WIRE-8] [WIRE-9]. */
export const COLUMN_ROWS_MAX = 3_600;
export const SEGMENT_SAMPLES_MAX = 32_000;
export const SEGMENT_RATE_MILLIHZ_MAX = 100_000_000;

/** Logs one log may continue: each is one restore of the gateway from a backup. */
export const CONTINUED_LOGS_MAX = 64;

/** Vital signs in one question: 8 give 36 products and, at 7 servers, answers of a few kB. */
export const QUERY_VITALS_MAX = 8;
/** Stays a question may name one by one. */
export const QUERY_STAYS_MAX = 4_096;
/** Logs a snapshot may name. */
export const QUERY_LOGS_MAX = 256;

// The reader. A data server may be slow, gone or hostile; a question must end all the same.

/** One answer: a page of history is 8 MiB; one segment at 455 sets is 29 MB. */
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** A refusal is a sentence. */
export const PROBLEM_BYTES_MAX = 16 * 1024;
/** A server waits up to 10 s for the log [PROTO-13] and then needs time to compute. */
export const ASK_TIMEOUT_MS = 30_000;
/** What the slower servers get once enough have answered: one more is what checks a result [S6]. */
export const ASK_GRACE_MS = 3_000;
/** A head is one line. */
export const HEAD_TIMEOUT_MS = 3_000;
/** How long a question waits for the servers to reach the newest position seen, and how often it looks. */
export const SNAPSHOT_WAIT_MS = 10_000;
export const SNAPSHOT_POLL_MS = 200;
/** A stretch of history that is opened at once: 1.3 M samples at 360 Hz. */
export const WAVEFORM_WINDOW_MICROS = 3_600_000_000;
/** The same for numbers: a day of seconds. */
export const NUMERIC_WINDOW_MICROS = 86_400_000_000;
/** Pages of one window from one server: more is a server that never ends. */
export const WINDOW_PAGES_MAX = 1_024;
