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
