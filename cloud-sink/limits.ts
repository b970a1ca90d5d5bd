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

/** [PROTO-35] Readings are counted by bin over five minutes: at 1 Hz a record costs under a byte each. */
export const WINDOW_SECONDS = 300;
/** Bins of one vital sign: 8 bytes each in every record. */
export const BINS_MAX = 40;
/** [PROTO-37] Cells of a χ² over merged bins: 10 give 55 products of sums over patients. */
export const CELLS_MAX = 10;
/**
 * [PROTO-39] Patients for each of them, as the servers demand and χ² merges bins. Σ c, Σ m·c and every
 * Σ c_a·c_b are exact: of 5 patients in 10 cells they leave one table of patients' counts.
 */
export const PATIENTS_A_CELL = 5;
/**
 * [PROTO-33] Rows a patient, on average, below which products over rows are held to as many patients as
 * those of means: over one second a row is a patient, whatever the question's unit says.
 */
export const ROWS_A_PATIENT_FEW = 60;

/** Logs one log may continue: each is one restore of the gateway from a backup. */
export const CONTINUED_LOGS_MAX = 64;

/** Vital signs in one question: 8 give 36 products and, at 7 servers, answers of a few kB. */
export const QUERY_VITALS_MAX = 8;
/** Stays a question may name one by one. */
export const QUERY_STAYS_MAX = 4_096;
/**
 * Logs one world may have, in the list of a log host, a head or a snapshot. One is opened at each
 * restore of the gateway from a backup: one a day for eleven years.
 */
export const LOGS_MAX = 4_096;

// The reader. A data server may be slow, gone or hostile; a question must end all the same.

/** One answer: a page of history is 8 MiB; one segment at 455 sets is 29 MB. */
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** A refusal is a sentence. */
export const PROBLEM_BYTES_MAX = 16 * 1024;
/** A server waits up to 10 s for the log [PROTO-13] and then needs time to compute. */
export const ASK_TIMEOUT_MS = 30_000;
/** What the slower servers get once enough have answered: one more is what checks a result [S6]. */
export const ASK_GRACE_MS = 3_000;
/** Evidence: at most 16 signed answers of a few kB to one request. */
export const EVIDENCE_BYTES_MAX = 16 * 1024 * 1024;
/** A head is one line. */
export const HEAD_TIMEOUT_MS = 3_000;
/** How long a question waits for the servers to reach the newest position seen, and how often it looks. */
export const SNAPSHOT_WAIT_MS = 10_000;
export const SNAPSHOT_POLL_MS = 200;
/** A stretch of history that is opened at once: 216,000 samples at 360 Hz, some 4 MB in all. */
export const WAVEFORM_WINDOW_MICROS = 600_000_000;
/** The same for numbers: a day of seconds. */
export const NUMERIC_WINDOW_MICROS = 86_400_000_000;
/** An export to WFDB holds its samples: 512 MiB, a day of twelve leads at 250 Hz. */
export const EXPORT_SAMPLES_MAX = 2 ** 28;
/** A shorter gap in all waveforms is written as missing samples: 10 minutes at 360 Hz are 430 kB a lead. */
export const EXPORT_GAP_SECONDS_MAX = 600;
/** Pages of one window from one server: more is a server that never ends. */
export const WINDOW_PAGES_MAX = 256;
/** Groups of one `stats --every` or `--by`: a fortnight of hours, a year of days. Each is a question. */
export const GROUPS_MAX = 400;
/** Of these under way at once: a server takes 32 from everybody (ASKED_AT_ONCE_MAX). */
export const GROUPS_AT_ONCE = 4;
/** How often the command says how many of them are done. */
export const PROGRESS_EVERY_MS = 3_000;

/** Quantiles of one question. */
export const QUANTILES_MAX = 32;

/** A commit of a data server: chunks of 32.5 kB and kept frames held in memory until then. */
export const COMMIT_CHUNKS_MAX = 2_000;
export const COMMIT_BYTES_MAX = 32 * 1024 * 1024;
/** Blocks of summaries that wait for a commit, 15 kB each: a first question over years of stays. */
export const SUMMARY_BLOCKS_PENDING_MAX = 2_048;
/**
 * How often what changed is committed. Each commit rewrites every active chunk, 32.5 kB for a few new
 * rows, and the log is the truth: a kill costs this much of it read again. What answers from the
 * store (/bins, /history, /tags) commits first.
 */
export const COMMIT_EVERY_MS = 20_000;

/** Damaged values that wait to be mended: beyond it the store as a whole is made again from the log. */
export const DAMAGES_MAX = 256;
/** How a mender that could not mend tries again: the log host may come back, or peers do it. */
export const MEND_AGAIN_MS = 60_000;
/** So many tries without a connection to the log host, ten minutes, and the other servers are asked. */
export const MEND_LOG_TRIES_MAX = 10;
/** The background scrub: a 100 GB store in 14 days at 1 % of one core. */
export const SCRUB_BYTES_A_SECOND = 80_000;
/** How much it reads between two pauses. */
export const SCRUB_STEP_BYTES = 80_000;

/** How a data server asks a log host again after a failure: doubling between these. */
export const FOLLOW_BACKOFF_MS_MIN = 250;
export const FOLLOW_BACKOFF_MS_MAX = 10_000;
/** A connection that fails is not worth a sentence before the wait has grown to this. */
export const FOLLOW_QUIET_MS = 2_000;
/** How often it looks for new logs. A gateway opens one only when it was restored. */
export const LOGS_EVERY_MS = 5_000;
/** The list of logs: LOGS_MAX of them at up to 148 bytes. */
export const LOGS_BYTES_MAX = 1024 * 1024;
/** A reply's whole time, the host's wait included: a stalled connection is not news. */
export const FOLLOW_REPLY_MS_MAX = 60_000;

// Heads and alarms (data-server/heads) [S8].

/** [PROTO-42] A host whose newest signed head is older shows an old copy, or nothing new. */
export const HEAD_AGE_MS_MAX = 60_000;
/** A log that does not come this long, though its gateway signed more of it, is withheld. */
export const WITHHELD_MS = 30_000;
/** How often a server asks the others for their heads, and how long one that fails is left alone. */
export const PEERS_EVERY_MS = 5_000;
export const PEERS_BACKOFF_MS_MAX = 60_000;
/** One reply of a peer: LOGS_MAX held heads of up to 512 bytes. */
export const PEER_REPLY_MS_MAX = 5_000;
export const PEER_REPLY_BYTES_MAX = 2 * 1024 * 1024;
/** Logs in which a server stands still and asks a peer for an older head, at each poll. */
export const STUCK_ASKED_MAX = 16;
/** Ends of batches in one reply of `/hashes`, and steps of a search: a position has 53 bits. */
export const HASHES_MAX = 64;
export const SEARCH_STEPS_MAX = 64;
/** Alarms kept, each once for what it is about: the newest of them. */
export const ALARMS_MAX = 256;
/** What is known of the others' heads is written this often; a fork at once. */
export const HEADS_COMMIT_EVERY_MS = 20_000;

/** [PROTO-44] Batches kept ahead of a commit: read again at a start after a kill. */
export const AHEAD_BYTES_MAX = 64 * 1024 * 1024;

/** A signed request: 4,096 named stays, 274 kB, and a snapshot of 4,096 logs, 213 kB, fit in. */
export const REQUEST_BYTES_MAX = 512 * 1024;
/** A request's arrival, headers to body: slow senders hold a connection no longer. */
export const REQUEST_MS_MAX = 30_000;
/** Questions under way; each holds some 0.5 MB, 4 MB where it asks for eight vital signs. */
export const ASKED_AT_ONCE_MAX = 32;
/** Of these of one key: one admitted asker leaves the others half. */
export const ASKED_PER_KEY_AT_ONCE_MAX = 16;
/** Questions of one key: 400 groups of one command, or a day's waveforms in windows, in one minute. */
export const QUESTIONS_PER_MINUTE_MAX = 1_200;
export const QUESTIONS_BURST = 1_200;
/**
 * Requests of one address that no admitted key signed: heads, health and what was refused. 40 readers that
 * wait for a snapshot, five looks a second each; a flood is refused before its body is read.
 */
export const STRANGER_REQUESTS_PER_SECOND_MAX = 200;
export const STRANGER_BURST = 1_000;
/** Addresses whose rate is remembered; a crowd beyond shares one. */
export const ADDRESSES_MAX = 1_024;
/** Sockets at once: askers, their retries and whoever looks at the head. */
export const HTTP_CONNECTIONS_MAX = 1_024;
/** Of these from one address: idle ones cost a host nothing and would keep every asker out. */
export const HTTP_CONNECTIONS_PER_ADDRESS_MAX = 512;
/**
 * Bodies above 16 kB that arrive at once, and of these from one address: nobody is known before all of a
 * body is there, and 1,024 strangers with 512 kB each would be half a gigabyte.
 */
export const LARGE_BODY_BYTES = 16 * 1024;
export const LARGE_BODIES_AT_ONCE_MAX = 64;
export const LARGE_BODIES_PER_ADDRESS_MAX = 32;
/** A server this far behind the host of its log answers about the past: not ready. */
export const READY_LAG_SECONDS_MAX = 60;
/** Threads that scan: each takes some 45 MB, and a server is to stay below 300 MB. */
export const SCAN_THREADS_MAX = 3;
/** How long a server waits for the log to reach a snapshot. [PROTO-13] */
export const BEHIND_WAIT_MS = 10_000;
/** A page of history, as it crosses the wire. */
export const HISTORY_BYTES_MAX = 8 * 1024 * 1024;
/** Tags in one reply: 1.5 MB. */
export const TAGS_MAX = 65_536;

/**
 * Lost values one server may have rebuilt by another in a minute: each costs the helper some 30 ms, most
 * of it for sealing, so one that has gone bad takes an eighth of a core. All of DAMAGES_MAX take two.
 */
export const REPAIRS_A_MINUTE_MAX = 240;

// Paillier (paillier/).

/** Key sizes that are made; below 2,048 bits a modulus can be factored with effort, above 3,072 a decryption
 * takes a server 5 ms and more. NIST SP 800-57 puts them at 112 and 128 bits of security. */
export const PAILLIER_KEY_BITS = [2048, 3072] as const;
export const PAILLIER_KEY_BITS_MIN = 2048;
export const PAILLIER_KEY_BITS_MAX = 3072;
/** Miller–Rabin rounds of a prime: a composite passes at most once in 4^32 = 2^64 tries, a random one far less. */
export const PRIME_ROUNDS = 32;
/** Proof of a modulus: primes below this are tried, and so many roots shown: 16 bits of soundness each. */
export const MODULUS_PROOF_PRIMES_BELOW = 65_536;
export const MODULUS_PROOF_ROOTS = 8;
/** Bits of a window of a fixed base: 8 take 6.5 MB and 0.2 s for a key of 2,048 bits. */
export const FIXED_BASE_WINDOW_BITS = 8;
/** Masks kept ahead: 4,096 of 512 bytes. */
export const MASKS_KEPT_MAX = 4_096;

// Joint answers under Paillier (data-server/joint).

/** Rows of one: each costs every pair of servers some 1 ms, so this is a minute or two. */
export const JOINT_ROWS_MAX = 65_536;
/** Bytes of ciphertexts in one message between servers: 256 rows, so that a peer is heard every second. */
export const JOINT_PIECE_BYTES_MAX = 128 * 1024;
/** Ciphertexts made or multiplied between two breaths: some 10 ms. */
export const JOINT_ROWS_A_BREATH = 16;
/** A server that hears nothing of a peer for so long says that the peer is missing. */
export const JOINT_SILENCE_MS = 30_000;
/** A whole joint answer, and what a reader waits for it. */
export const JOINT_MS_MAX = 300_000;
/** Joint questions under way at a server: each wants its one thread for itself. */
export const JOINT_AT_ONCE_MAX = 4;
/** Bits by which a blinding exceeds what it hides: told apart with probability 2^−80 [S14]. */
export const JOINT_BLINDING_BITS = 80;

// Encrypted sums (PROTOCOL.md, section 4).

/** As many as a configuration may have; 16 indices fit a mask of 16 bits. */
export const SUM_SERVERS_MAX = 16;
/** Commitments of one dealing: one more than the threshold. */
export const DEALING_POINTS_MAX = 16;
/**
 * [PROTO-89] Numbers a discrete logarithm is searched in, for one k: with 2^20 baby steps some 1.2 s where
 * all of them are looked at. 89,000 rows of x² of a heart rate, 314 million of its sum.
 */
export const LOGARITHM_RANGE_BITS = 40;
/** What one step of making the key may take at another server, its own steps before it included. */
export const KEY_STEP_MS = 10_000;
/** Baby steps are made for the search at hand, within these: 2^20 take 16 MiB. */
export const BABY_STEP_BITS_MIN = 12;
export const BABY_STEP_BITS_MAX = 20;
