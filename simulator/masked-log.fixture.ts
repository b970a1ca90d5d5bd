/** The masked frames of a gateway's logs, for tests of the whole. */
export { type FrameAtRest, framesAtRest } from './campaign/frames-at-rest.ts';
