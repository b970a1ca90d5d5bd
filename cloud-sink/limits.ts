/** The limits of this room, each with the attack or budget it answers. */

/** A signed request's age, either way: how long a captured one is worth replaying. [PROTO-10] */
export const REQUEST_AGE_MS_MAX = 60_000;

/** Nonces a server remembers for twice that age: 546 requests/s, about 10 MB. Full refuses. */
export const NONCES_MAX = 65_536;

/** Of these, one key's share: one admitted asker cannot shut out the others. */
export const NONCES_PER_KEY_MAX = 8_192;
