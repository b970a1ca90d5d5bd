/** The limits of this room, each with the attack or budget it answers. */

// Player (simulator/player).

/** Shorter frames are more overhead than content, and live enough at 20 a second. */
export const FRAME_SPAN_MS_MIN = 50;
/** A frame of a replay: at 10 s two leads of 360 Hz take 14 kB, far below the 64 kB of [WIRE-5]. */
export const FRAME_SPAN_MS_MAX = 60_000;
/** Waveform bytes one frame may carry, with room for headers under 65,536 [WIRE-5]. */
export const FRAME_WAVE_BYTES_MAX = 48_000;
/** How long a replay waits for the broker before it says that nobody answers. */
export const CONNECT_WAIT_MS = 15_000;
/** A recording file: record 100 has 2 MB; a day of twelve leads about 1 GB is not for a player. */
export const RECORDING_BYTES_MAX = 512 * 1024 * 1024;
/** Points of a calibration curve: makers print one a percent, 70 to 100. */
export const CURVE_POINTS_MAX = 64;
/** A replay says what it is, and by which curve its SpO₂ is, this often: a gateway that starts anew learns it. */
export const STATUS_EVERY_MS = 60_000;

// World (simulator/world).

/** A party that starts is asked this often whether it answers: `up` stands as soon as all do. */
export const READY_POLL_MS = 50;
/** A start that takes longer is explained once; there is no limit while the process lives. */
export const READY_SAY_MS = 15_000;
/** The status line, and how often an end of a party is looked for. */
export const STATUS_MS = 1_000;
/** What a party said last, for the sentence about its end: a stack trace fits in. */
export const COMPLAINT_CHARS_MAX = 4_096;
/** A party that was told to stop commits and closes in less, or is ended. */
export const STOP_MS_MAX = 10_000;
/** One Ctrl-C may arrive twice, from the terminal and from npx. */
export const SAME_REQUEST_MS_MAX = 1_000;
/** `/healthz` of a party on this machine: silence is an answer too. */
export const HEALTH_MS_MAX = 2_000;
/** Parties that ended are asked this often whether somebody started them again. */
export const ASK_ENDED_EVERY_S = 2;
/** What `doctor` gives one address. */
export const DOCTOR_ASK_MS_MAX = 3_000;
/** A server this far behind the log is not just busy with the last second. */
export const BEHIND_RECORDS_MAX = 1_000;
/** The first statistic is tried this often … */
export const STATISTIC_EVERY_MS = 1_000;
/** … until it is plain that this ward gives none. */
export const STATISTIC_MS_MAX = 120_000;
/** Rows of one bed before the first question: a mean of one second would be no statistic. */
export const STATISTIC_ROWS_MIN_PER_BED = 5;
/** A machine that slept longer than this leaves the time out; less is caught up. */
export const CATCH_UP_SECONDS_MAX = 5;
/** A bed of which nothing was settled for this long is not live. */
export const LIVE_MS_MAX = 5_000;
/** How long a stop waits for what is on its way. */
export const DRAIN_MS_MAX = 2_000;

// Scores (simulator/score).

/** `score --all` looks this many folders below the one it is given, and follows no further. */
export const FOLDERS_DEEP_MAX = 2;
/** Records of one table: the largest annotated sets have a few thousand. */
export const SCORED_RECORDS_MAX = 10_000;

/** A replay in real time that began so long ago still catches up with the clock; an older one is history. */
export const LIVE_LAG_MS_MAX = 120_000;
/** Stretches a node is known to have played: a recording a day for ten months; the oldest are forgotten. */
export const PLAYED_KEPT_MAX = 300;

// Crash campaigns (simulator/campaign).

/** Kills of one campaign: a night of them. */
export const KILLS_MAX = 100_000;
/** A node of a campaign offers no more while this many frames wait: the ward catches up between kills. */
export const CAMPAIGN_BUFFER_FRAMES_MAX = 400;
/** How long the nodes get at the end until everything is settled. */
export const CAMPAIGN_DRAIN_MS_MAX = 60_000;
/** Two frames are seen in flight within this, or the ward does not work any more. */
export const IN_FLIGHT_MS_MAX = 60_000;
/** A party on damaged files that neither ended nor answered by then is started in silence. */
export const HARM_START_MS_MAX = 20_000;
/** … and how long one whose address answers may take to say that it is not the one that answers. */
export const REFUSAL_WAIT_MS = 5_000;
/** A full disk is noticed, and one that has space again is used, within this. */
export const FULL_DISK_MS_MAX = 30_000;
/** Nodes without a gateway keep frames for so long before their journals are damaged. */
export const HARM_KEEP_MS = 3_000;

// Bodies (simulator/bodies).

/** Intervals of one list of a plan: every second looks through those that stand. */
export const PLAN_INTERVALS_MAX = 1_000;
/** A plan's last moment: eleven days and a half, far beyond a stay that anybody scripts. */
export const PLAN_S_MAX = 1_000_000;
/** The longest stretch a body gives at once. */
export const SLICE_MS_MAX = 60_000;

// Scenarios (simulator/scenarios, simulator/burden).

/** A file of the longest scenario anybody writes; a recording given by mistake is not read into JSON. */
export const SCENARIO_BYTES_MAX = 1_048_576;
/** Somebody of a ward's night comes to an alarm within so long, in the burden report. */
export const NURSE_S = 60;
/** Bed-hours of one scenario that one report runs: a month. */
export const BURDEN_HOURS_MAX = 720;
/** Worker threads of a burden report: beyond the cores they wait for one another. */
export const BURDEN_THREADS_MAX = 16;
