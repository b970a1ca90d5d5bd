/** The limits of this room, each with the attack or budget it answers. */

// Player (simulator/player).

/** A frame of a replay: at 10 s two leads of 360 Hz take 14 kB, far below the 64 kB of [WIRE-5]. */
export const FRAME_SPAN_MS_MAX = 60_000;
/** Waveform bytes one frame may carry, with room for headers under 65,536 [WIRE-5]. */
export const FRAME_WAVE_BYTES_MAX = 48_000;
/** How long a replay waits for the broker before it says that nobody answers. */
export const CONNECT_WAIT_MS = 15_000;
/** A recording file: record 100 has 2 MB; a day of twelve leads about 1 GB is not for a player. */
export const RECORDING_BYTES_MAX = 512 * 1024 * 1024;
