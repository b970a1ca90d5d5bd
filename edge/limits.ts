/** The limits of this room, each with the attack or budget it answers. */

/** Characters in an identity's name: it stands in configurations, logs and on pages. */
export const IDENTITY_NAME_CHARS_MAX = 64;

/** Imported keys kept ready. A flood of fresh keys then costs their import, never memory. */
export const KEYS_CACHED_MAX = 256;

// Files of other systems (edge/formats). A recording is somebody else's bytes.

/** A header is a page of text; a longer one is not a WFDB header but a way to keep the parser busy. */
export const WFDB_HEADER_CHARS_MAX = 65_536;
/** The widest published records have 40-odd signals; more would only multiply empty work. */
export const WFDB_SIGNALS_MAX = 64;
/** Samples per signal: 2^31 is 69 days at 360 Hz. Keeps every product with a signal count exact. */
export const WFDB_SAMPLES_MAX = 2 ** 31;
/** A table is held in memory once: 256 MiB is about five months of seconds in four columns. */
export const CSV_BYTES_MAX = 2 ** 28;
/** Columns of a table: our vocabulary has ten; the rest are listed, not read. */
export const CSV_COLUMNS_MAX = 64;
/** A recording's last second counted from its first: 68 years, so that seconds fit an Int32. */
export const RECORDING_SECONDS_MAX = 2 ** 31 - 1;
