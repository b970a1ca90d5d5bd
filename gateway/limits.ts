/**
 * The limits of this room, each with the attack or budget it answers. Those of batches and of serving
 * the log are the protocol's: they come through the door of its messages.
 */

// Broker (gateway/broker).

/** Connections at once: a ward has tens of nodes; more would only be held to exhaust memory. */
export const CONNECTIONS_MAX = 4_096;
/**
 * Of these from one address: half, so that no host shuts out the others. 1,000 nodes may come through one
 * address (`up`, a bridge) twice over; \`--connections-per-address\` says otherwise.
 */
export const CONNECTIONS_PER_ADDRESS_MAX = 2_048;
/** A stranger holds a socket this long before it must have said who it is. */
export const CONNECT_TIMEOUT_MS = 5_000;
/** Bytes a stranger can make us hold: a CONNECT is a name, a password and little else. */
export const CONNECT_PACKET_BYTES_MAX = 1_024;
/** A frame on the wire [WIRE-5]. */
export const FRAME_BYTES_MAX = 65_536;
/** What MQTT puts around a frame: topic, packet id and their lengths. */
export const PACKET_OVERHEAD_BYTES = 256;
/** A reader of answers that takes none for this long is cut off, so that they cannot pile up. */
export const DRAIN_TIMEOUT_MS = 10_000;
/** Packets sent before CONNACK: a hasty client's first frames [WIRE-16], nothing more. */
export const EARLY_PACKETS_MAX = 64;
/**
 * Frames a second of one node, and how many at once: one node cannot take the gateway from the others. It
 * is slowed, never refused. What it kept for an hour at ten frames a second is in after 7 s.
 */
export const NODE_FRAMES_PER_SECOND_MAX = 4_000;
export const NODE_FRAMES_BURST = 8_000;
/** The same in bytes: an hour of twelve leads at 500 Hz is 43 MB, in within 1 s. */
export const NODE_BYTES_PER_SECOND_MAX = 16 * 2 ** 20;
export const NODE_BYTES_BURST = 32 * 2 ** 20;
/** A PUBACK waits so long for the disk; then the socket is read on without it, and the page stays live. */
export const PUBACK_HOLD_MS_MAX = 2_000;
/** Levels of a topic: ours have three. Deeper ones only cost the matcher time. */
export const TOPIC_LEVELS_MAX = 8;

// Registry (gateway/registry).

/** Nodes of one gateway: their files are read when they connect, their state is kept in memory. */
export const NODES_MAX = 4_096;
/** How soon a revocation or a new label reaches a node that stays connected. */
export const REGISTRY_REFRESH_MS = 5_000;
/** [PROTO-6] Labels of a stay. */
export const LABELS_MAX = 16;
/** Bytes of one node file: a page; a larger one is not ours. */
export const NODE_FILE_BYTES_MAX = 16_384;

// Ingest (gateway/ingest).

/** A clock that runs ahead further than this is wrong, not early (WIRE.md, outcomes). */
export const FUTURE_MS_MAX = 120_000;
/**
 * New boots of one node: one that raises its boot with every frame would fill the replay window, which
 * never forgets, for good. What is above waits in the node: a thousand restarts, then one a minute.
 */
export const NEW_BOOTS_BURST = 1_000;
export const NEW_BOOTS_PER_SECOND_MAX = 1 / 60;
/** Copies of one frame that wait for it to be durable: a node that reconnects has one or two on their way. */
export const COPIES_WAITING_MAX = 8;
/** [WIRE-12] Ranges of each kind in an answer. */
export const ANSWER_RANGES_MAX = 32;

/** Counts by bin are appended this long after their five minutes: a frame of a minute's readings is in. */
export const BINS_GRACE_MS = 75_000;
/** … and no reading came for this long: what a node sends again after an outage makes one record. */
export const BINS_SETTLE_MS = 10_000;
export const BINS_TICK_MS = 1_000;
/** Windows whose counts wait, some 300 bytes each: a replay of 56 days of one vital sign at once. */
export const BINS_PENDING_MAX = 16_384;
/**
 * Windows whose cells are remembered, some 250 bytes each; at least half of them: five hours of 100
 * beds with five vital signs.
 */
export const BINS_WINDOWS_MAX = 65_536;
/** How long a gateway that closes waits for the last frames, so that they are counted too. */
export const CLOSE_WAIT_MS = 2_000;

// Log (gateway/log).

/** Records waiting for a disk that does not answer. Beyond it nodes are sent away and keep theirs. */
export const LOG_QUEUE_BYTES_MAX = 64 * 2 ** 20;
/**
 * What each of them counts beside its bytes: promises, places and a packet that wait with it. 64,000 frames
 * of 1,000 nodes with a full window each fit.
 */
export const LOG_QUEUE_RECORD_BYTES = 1_024;
/** First and longest pause before a failed append is written again. */
export const LOG_RETRY_MS_MIN = 100;
export const LOG_RETRY_MS_MAX = 5_000;
/** Places of recent batches kept ready for followers that keep up. */
export const RECENT_BATCHES_MAX = 4_096;
/** One place in the file is remembered for every so many bytes; between them headers are walked. */
export const INDEX_STRIDE_BYTES = 2 ** 20;
/** Followers waiting at the log's end: data servers, a witness or two, not a crowd. */
export const FOLLOWERS_MAX = 256;
/** From so many logs on, each a scan at every start, the operator is told how to make no more. */
export const LOGS_SAID_FROM = 200;
/** So much log is read at a start after a crash, in some four seconds, before a checkpoint spares it. */
export const CHECKPOINT_BYTES = 64 * 2 ** 20;
/** Less than this is read faster at the next start than a checkpoint is written at a stop. */
export const CHECKPOINT_CLOSE_BYTES = 8 * 2 ** 20;
/** How often it is looked whether one is due: the log is idle within some of these. */
export const CHECKPOINT_TICK_MS = 1_000;
/** The scrub of a running gateway: a 10 GB log in six hours at 3 % of one core, most of it signatures. */
export const LOG_SCRUB_BYTES_A_SECOND = 500_000;
/** What it reads between two pauses: some hundred signatures, 5 ms that a frame may wait. */
export const LOG_SCRUB_STEP_BYTES = 50_000;
/** A gateway that starts has other things to read first. */
export const LOG_SCRUB_FIRST_MS = 120_000;
/** From the end of one scrub to the next: rot is rare, and a disk may sleep meanwhile. */
export const LOG_SCRUB_AGAIN_MS = 3_600_000;
/** How often a long scan at start says how far it is. */
export const SCAN_SAID_EVERY_MS = 10_000;
/** The signature over the head of a log that stands still: servers call one of 60 s old. [PROTO-42] */
export const HEAD_SIGN_EVERY_MS = 10_000;
/** Heads of one log that this process signed and remembers: a server states one of the newest. */
export const SIGNED_HEADS_KEPT_MAX = 4_096;

// Acknowledge (gateway/acknowledge).

/** Frames that wait for data servers, 64 of each node in flight: beyond it nodes are sent away. */
export const HELD_WAITING_MAX = 262_144;
/** Frames wait and none came to be held: after this the gateway is not ready, and says so. */
export const HELD_STILL_MS_MAX = 10_000;
/** A follower's wait while frames wait for it: what it holds by now comes with its next request. */
export const HELD_WAIT_MS = 500;

// Window (gateway/window).

/** How long the data servers have at start to say how much of our log they know [S1]. */
export const HEAD_WAIT_MS = 15_000;
/** One try of one server, and the pause before the next. */
export const HEAD_TRY_MS = 2_000;
export const HEAD_PAUSE_MS = 250;
/** How often they are asked again when too few answered at start. */
export const HEAD_RETRY_MS = 10_000;
/** A reply with tags of a few hundred thousand frames. */
export const TAGS_WAIT_MS = 30_000;
/** A start waits so long for a server that still tells tags when t + 1 others have told all. */
export const TAGS_GRACE_MS = 60_000;
/** Nodes that one server's tags may name: made up, nearly each of them names another. */
export const TAGS_NODES_MAX = 16 * 4_096;
/** An answer of a data server about tags or heads. */
export const SERVER_ANSWER_BYTES_MAX = 16 * 2 ** 20;

// HTTP (gateway/http.ts, gateway/operations).

/** Sockets of pages, followers and scrapers: 64, 256 and room for those that come and go. */
export const HTTP_CONNECTIONS_MAX = 1_024;
/** Of these from one address: idle ones cost a host nothing and would keep the followers out. */
export const HTTP_CONNECTIONS_PER_ADDRESS_MAX = 512;
/** Requests of one address for pages, status and metrics: a screen needs some ten at its start. */
export const HTTP_PAGE_PER_SECOND_MAX = 100;
export const HTTP_PAGE_BURST = 400;
/** … and for the log: 16 followers of one machine, each woken by every batch of a busy disk. */
export const HTTP_LOG_PER_SECOND_MAX = 1_000;
export const HTTP_LOG_BURST = 2_000;
/** A follower that asks faster waits so long at most. */
export const HTTP_WAIT_MS_MAX = 2_000;
/** Addresses whose rate is remembered; a crowd beyond shares one. */
export const HTTP_ADDRESSES_MAX = 1_024;

// Live feed (gateway/live).

/** Pages watching at once. */
export const LIVE_CLIENTS_MAX = 64;
/** A page that lags by this much gets no traces until it has caught up. */
export const LIVE_LAG_BYTES_MAX = 256 * 1_024;
/** A page that lags by this much is cut off; it will come back and start from a snapshot. */
export const LIVE_BUFFER_BYTES_MAX = 2 * 2 ** 20;
/** Traces older than this come from a node's memory, not from its sensor, and are not live. */
export const LIVE_TRACE_AGE_MS_MAX = 30_000;
/** A page knows that it lost the gateway when this beat is missing. */
export const LIVE_BEAT_MS = 1_000;
/** A node that says nothing for less is between two frames, or its network hesitates. */
export const SILENCE_MS_MIN = 10_000;
/** … and for so long where its usual step is not known yet: it connected and said nothing, or once. */
export const SILENCE_FIRST_MS = 60_000;
/** After a start of the gateway a node has so long to take up its connection (`edge/mqtt`: at most 30 s). */
export const SILENCE_RETURN_MS = 30_000;
/** A wall clock that moves by more between two beats was set, it did not drift. */
export const CLOCK_STEP_MS_MIN = 2_000;
/** Refusals shown at a bed: the newest of each reason. */
export const REFUSALS_KEPT_MAX = 16;

// Sensor errors (gateway/live/sensors). A node that is enrolled chooses what its channels are called.

/** Channels of one node that are judged: six vital signs and twelve leads fit. The rest is not judged. */
export const SENSOR_CHANNELS_MAX = 24;
/** Faults of one node, or rates of one bed, that last at once. */
export const SENSOR_FAULTS_MAX = 16;
/** Heart rates of one bed that are compared with as many pulse rates. */
export const SENSOR_RATES_MAX = 4;
/** Slower, a QRS complex is a sample; faster, the bridge over one lost frame costs more than a frame. */
export const SENSOR_RATE_HZ_MIN = 20;
export const SENSOR_RATE_HZ_MAX = 10_000;

// Alarms (gateway/alarms).

/** The ward's journal before it is written anew: some 30,000 changes. */
export const JOURNAL_BYTES_MAX = 16 * 2 ** 20;
/** No journal is larger; one that is was not written by a gateway. */
export const JOURNAL_READ_BYTES_MAX = 8 * JOURNAL_BYTES_MAX;
/** Changes of alarms that are kept: 500 beds of a calm ward for a day. Older ones are forgotten. */
export const JOURNAL_EVENTS_MAX = 16_384;
/** A bed each, a node each, what was entered of late. */
export const JOURNAL_STATES_MAX = 32_768;
/** One line: a bed with its alarms, limits and everything off. A longer one is damage. */
export const JOURNAL_LINE_BYTES_MAX = 65_536;
/** Rows of a column that alarms look at: what is older is a node's memory. */
export const ALARM_ROWS_MAX = 60;
/** Problems of one node, each with its source: a node chooses what its channels are called. */
export const ALARM_SOURCES_MAX = 64;
/** Who acts, and why a bed is in standby: characters a person types. */
export const BY_CHARACTERS_MAX = 64;
export const WHY_CHARACTERS_MAX = 128;
/** A bed is in standby for a day at most: nobody is forgotten. */
export const STANDBY_MS_MAX = 24 * 3_600_000;
/** A body that acts: names, times and a few numbers. */
export const ACT_BYTES_MAX = 4_096;
/** Acts of one address: a person at a screen, or several; a page that acts in a loop is stopped. */
export const ACTS_PER_SECOND_MAX = 5;
export const ACTS_BURST = 50;
/** Changes of alarms in one answer. */
export const HISTORY_ANSWER_MAX = 1_000;

// Observations (gateway/observations).

/** Vital signs entered at once: each at most once. */
export const OBSERVATIONS_MAX = 16;
/** Requests whose keys are remembered, so that one sent again is one: a day of 170 beds. */
export const OBSERVATION_KEYS_MAX = 4_096;
