/** The limits of this room, each with the attack or budget it answers. */

/** Characters in an identity's name: it stands in configurations, logs and on pages. */
export const IDENTITY_NAME_CHARS_MAX = 64;

/** Imported keys kept ready. A flood of fresh keys then costs their import, never memory. */
export const KEYS_CACHED_MAX = 256;

// Party folders and the key ceremony (edge/keys).

/** Bytes of one file of a party folder: 500 sets of keys, or 2,048 people, stay below it. */
export const PARTY_FILE_BYTES_MAX = 2 ** 20;
/** Researchers, and physicians, of one world: each is a key every data server keeps at hand. */
export const PEOPLE_MAX = 1_024;
/** Canonical JSON nests no deeper: a configuration needs 3, and the writer recurses. */
export const JSON_DEPTH_MAX = 16;
/** Two that start at once are apart after a few of these; the wait blocks, so it is short. */
export const LOCK_PAUSE_MS = 2;
/** After 2 s one of them hangs in the middle of taking the lock, and a person must look. */
export const LOCK_PAUSES_MAX = 1_000;

// Files of other systems (edge/formats). A recording is somebody else's bytes.

/** A header is a page of text; a longer one is not a WFDB header but a way to keep the parser busy. */
export const WFDB_HEADER_CHARS_MAX = 65_536;
/** The widest published records have 40-odd signals; more would only multiply empty work. */
export const WFDB_SIGNALS_MAX = 64;
/** Samples per signal: 2^31 is 69 days at 360 Hz. Keeps every product with a signal count exact. */
export const WFDB_SAMPLES_MAX = 2 ** 31;
/** A day of beats is some 100,000 annotations; a file of more only fills memory. */
export const ANNOTATIONS_MAX = 4_000_000;
/** The widest published sleep recordings have 60-odd signals, caps of electrodes 256. */
export const EDF_SIGNALS_MAX = 256;
/** Words in an EDF+ file: one a sample would be one too many. */
export const EDF_ANNOTATIONS_MAX = 1_000_000;
/** A table is held in memory once: 256 MiB is about five months of seconds in four columns. */
export const CSV_BYTES_MAX = 2 ** 28;
/** Samples of all columns, gaps filled: 128 MiB, so that two rows a year apart cost no memory. */
export const CSV_SAMPLES_MAX = 2 ** 26;
/** Columns of a table: our vocabulary has ten; the rest are listed, not read. */
export const CSV_COLUMNS_MAX = 64;
/** A recording's last second counted from its first: 68 years, so that seconds fit an Int32. */
export const RECORDING_SECONDS_MAX = 2 ** 31 - 1;

// Frames and answers (edge/wire, WIRE.md). One node's bytes; its key does not make it honest.

/** A whole sealed frame [WIRE-5]: what the broker accepts as one packet from a stranger. */
export const FRAME_BYTES_MAX = 65_536;
/** The same without its 12-byte header and 16-byte tag. */
export const PAYLOAD_BYTES_MAX = FRAME_BYTES_MAX - 28;
/** Ten vital signs, a twelve-lead ECG and as much again [WIRE-11]. */
export const BLOCKS_IN_FRAME_MAX = 64;
/** One hour of seconds in one column [WIRE-8]: what a node sends at once after an outage. */
export const ROWS_IN_COLUMN_MAX = 3_600;
/** Two bytes each, so a segment fits one frame [WIRE-9]. */
export const SAMPLES_IN_SEGMENT_MAX = 32_000;
/** 100 kHz [WIRE-9]: above any body signal, and far from any overflow of a time computed from it. */
export const SAMPLE_RATE_MILLIHZ_MAX = 100_000_000;
/** Ranges of each kind in an answer [WIRE-12]: an answer fits 572 bytes, whatever was lost. */
export const RANGES_IN_ANSWER_MAX = 32;

/** Pages that may ask one data server [PROTO-28]: each is a place whose scripts its owner trusts. */
export const ORIGINS_MAX = 16;

// The node loop (edge/node).

/** Published and not settled [WIRE-16]: what a gateway may have to hold of one node at a time. */
export const FRAMES_IN_FLIGHT_MAX = 64;
/** Without an answer a frame is sent again after this, then twice this, and so on [WIRE-16] … */
export const RESEND_MS_FIRST = 5_000;
/** … up to this: a ward whose gateway comes back is complete again within a minute. */
export const RESEND_MS_MAX = 60_000;
/** What an outage may take of a node's disk: 64 MiB is 18 hours of one ECG lead at 500 Hz. */
export const JOURNAL_BYTES_MAX = 2 ** 26;
/** Offers that wait for a disk that does not answer: never more memory than a full journal's bytes. */
export const OFFERS_WAITING_MAX = 1_024;
/** What a node whose disk is full keeps in memory instead: two hours of one ECG lead at 500 Hz. */
export const SPARE_BYTES_MAX = 8 * 2 ** 20;
/** Gaps a node remembers by name; beyond it they are counted only. */
export const GAPS_KEPT_MAX = 64;
/** Nothing settled for so long with a full window: new frames are sent once as they come, to be seen. */
export const LIVE_STALL_MS = 2_000;
/** A journal file is not written anew for less: one rewrite of at most half per megabyte settled. */
export const JOURNAL_COMPACT_BYTES_MIN = 2 ** 20;
/** A broker that accepts the socket and says nothing is given up after this. */
export const CONNECT_MS_MAX = 10_000;
/** A dead connection is noticed within one and a half of these (MQTT 3.1.1, 3.1.2.10). */
export const KEEPALIVE_SECONDS = 20;
/** A lost connection is taken up after this, then twice this, and so on … */
export const RECONNECT_MS_FIRST = 500;
/** … up to this: a ward whose broker restarts is connected again within half a minute. */
export const RECONNECT_MS_MAX = 30_000;

// Signals (edge/signals). A waveform's samples are a stranger's numbers, its rate and gaps too.

/** A gap up to this is missing samples of one stretch: a lost frame must not make a detector learn anew. */
export const GAP_BRIDGED_MS_MAX = 2_000;

// Alarms (edge/alarms). Sensors and staff of one bed; a node that is enrolled names its channels itself.

/** Sensor problems of one bed at once: eight nodes with every problem fit. Beyond it one alarm says so. */
export const ALARM_SOURCES_MAX = 64;
/** Characters of a source's name: a node's name and a channel; a longer one is cut. */
export const SOURCE_CHARS_MAX = 128;
/** Topics that are off at once: all of patients and some sensors. */
export const ALARMS_OFF_MAX = 64;
/** Readings kept of one part of NEWS2: two a second of its window. */
export const NEWS2_READINGS_MAX = 128;
/** 150 years: an age beyond is a slip of the hand. */
export const PATIENT_AGE_MONTHS_MAX = 1_800;
/** Characters of a snapshot: 64 sources and every alarm of a patient are a tenth of it. */
export const ALARM_SNAPSHOT_CHARS_MAX = 1 << 18;
