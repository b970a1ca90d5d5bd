/** The door `@vitalshare/edge/wire`: what a node and its gateway say to each other (WIRE.md). */
export { openAnswer, sealAnswer, type Answer, type Range } from './answer.ts';
export { eachReading, numericColumn } from './column.ts';
export {
  openFrame,
  readHeader,
  sealFrame,
  type FrameHeader,
  type OpenedFrame,
} from './envelope.ts';
export { WIRE_ERRORS, WireError, type WireErrorCode } from './error.ts';
export {
  EVENT_CODES,
  QUALITY_UNKNOWN,
  RESET_CAUSES,
  type EventName,
  type Frame,
  type NodeEvent,
  type NumericColumn,
  type ResetCause,
  type Status,
  type WaveformSegment,
} from './frame.ts';
export { decodePayload, encodePayload } from './payload.ts';
export { downTopic, isNodeName, upTopic } from './topics.ts';
