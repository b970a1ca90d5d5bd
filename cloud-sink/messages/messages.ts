/**
 * The door `@vitalshare/cloud-sink/messages`: what gateways, data servers and readers say
 * (PROTOCOL.md). Lowest layer first; every file runs in a browser.
 */

// Spellings.
export {
  canonicalBytes,
  canonicalDigest,
  CanonicalError,
  canonicalJson,
  parseJson,
} from './canonical.ts';
export { type Labels, LABEL_TEXT, STAY_NAME } from './names.ts';
export { isPresent, presenceBytes, presenceOf, presentBoth, presentCount } from './presence.ts';

// The configuration, section 1.
export {
  type Configuration,
  ConfigurationError,
  configDigest,
  parseConfiguration,
  partiesOf,
} from './configuration.ts';

// The log, section 2.
export {
  type Batch,
  type BatchHeader,
  decodeBatch,
  decodeRecords,
  encodeBatch,
  KIND,
  type Kind,
  LogError,
  type LogFault,
  type LogRecord,
  logRunKey,
  recordsBytes,
  signedBytes,
} from './batch.ts';
export { BatchReader, type BatchReaderOptions, EMPTY_HEAD, type Head } from './batch-reader.ts';
export { RecordError, type RecordFault } from './record-error.ts';
export {
  decodeGenesis,
  decodeStay,
  encodeGenesis,
  encodeStay,
  type Genesis,
  type Stay,
} from './records.ts';
export {
  decodeRunRecord,
  encodeRunRecord,
  openRunRecord,
  type RunRecord,
  type RunToSeal,
  sealRunRecord,
} from './run-record.ts';
export {
  type ColumnHeader,
  columnHeader,
  decodeColumnHeader,
  decodeMaskedFrame,
  decodeSegmentHeader,
  encodeMaskedFrame,
  type MaskedColumn,
  type MaskedFrame,
  type MaskedProduct,
  type MaskedSegment,
  segmentBytes,
  type SegmentHeader,
  segmentHeader,
} from './masked-frame.ts';
export { decodeMaskedBins, encodeMaskedBins, type MaskedBins } from './bins-record.ts';
export {
  type BatchEnd,
  headHash,
  type LogHead,
  parseBatchEnds,
  parseHead,
  parseHeads,
  parseLogs,
  type ServerHead,
  type ServerHeads,
  signedHeadOf,
} from './heads.ts';
export {
  HEAD_HEADER,
  headLine,
  HELD_HEADER,
  type HeldHead,
  heldLine,
  isHeldHead,
  isSignedHead,
  parseHeadLine,
  parseHeldLine,
  type SignedHead,
  signHead,
  signHeld,
  WAITING_HEADER,
} from './signed-head.ts';
export { type Alarm, type AlarmKind, ALARM_KINDS, ALARM_REMEDIES, parseAlarms } from './alarms.ts';
export {
  BATCH_BYTES_MAX,
  BATCH_RECORDS_MAX,
  LOG_REPLY_BYTES_MAX,
  LOG_WAIT_MS_MAX,
  WINDOW_SECONDS,
} from '../limits.ts';

// Asking and answering, section 3.
export { NonceWindow, type NonceWindowOptions } from './nonce-window.ts';
export {
  type RequestToSign,
  type RequestToVerify,
  SignatureError,
  type SignatureFault,
  type SignedBy,
  signRequest,
  verifyRequest,
} from './signature.ts';
export { type BinsAnswer, encodeBinsAnswer, parseBinsAnswer } from './bins-answer.ts';
export {
  type BinsQuery,
  type CatalogueQuery,
  type HistoryQuery,
  type MomentsQuery,
  parseBinsQuery,
  parseCatalogueQuery,
  parseHistoryQuery,
  parseMomentsQuery,
  parseTagsQuery,
  queryDigest,
  type Snapshot,
  type TagsQuery,
} from './query.ts';
export {
  AnswerError,
  type AnswerFault,
  isSignedAnswer,
  openSealedAnswer,
  openSignedAnswer,
  type RequestSent,
  sealAnswer,
  type SignedBody,
} from './answer.ts';
export {
  type AnswerHead,
  type Catalogue,
  type CatalogueStay,
  encodeCatalogue,
  encodeMomentsAnswer,
  encodeTagsAnswer,
  type MomentsAnswer,
  parseCatalogue,
  parseMomentsAnswer,
  parseTagsAnswer,
  type TagsAnswer,
} from './answer-bodies.ts';
export {
  type AuditAnswer,
  type AuditQuery,
  challengeOf,
  COMBINATIONS,
  encodeAuditAnswer,
  parseAuditAnswer,
  parseAuditQuery,
} from './audit.ts';
export {
  decodeHistory,
  encodeHistory,
  type HistoryAnswer,
  type HistoryPart,
  historyPartBytes,
  type HistorySet,
} from './history-answer.ts';
export {
  parseProblem,
  PROBLEM_TYPE,
  type ProblemCode,
  ProblemError,
  problemJson,
  PROBLEMS,
} from './problem.ts';
