/**
 * Refusals over HTTP: problem+json (RFC 9457) with one `code` of this table (PROTOCOL.md, section 3).
 *
 *   {"type": "urn:vitalshare:problem:<code>", "title", "status", "detail", "code", …numbers}
 *
 * A detail says which rule and what was expected; never a key, a share, a reading or a body.
 */
export const PROBLEMS = {
  'bad-request': { status: 400, title: 'The request is not of the expected form' },
  unsigned: { status: 401, title: 'The request carries no well-formed signature' },
  stale: { status: 401, title: 'The signature was created too long ago, or in the future' },
  replayed: { status: 401, title: 'The nonce was taken before' },
  'wrong-server': { status: 401, title: 'The request was made for another server' },
  'bad-signature': { status: 401, title: 'The signature does not hold' },
  'not-admitted': { status: 403, title: 'This key has no role that may ask this' },
  'joint-off': { status: 403, title: 'This data server does not allow joint answers' },
  'cross-site': { status: 403, title: 'A page of another site may not ask this' },
  'not-found': { status: 404, title: 'Nothing is served here' },
  'unknown-log': { status: 404, title: 'No log of that name' },
  'unknown-stay': { status: 404, title: 'No stay of that name' },
  'unknown-label': { status: 404, title: 'No stay carries that label' },
  'unknown-bed': { status: 404, title: 'No bed of that name' },
  'unknown-alarm': { status: 404, title: 'No such alarm stands, or there is none of that name' },
  'log-forked': { status: 409, title: 'The log was forked: it has two continuations' },
  'joint-differs': { status: 409, title: 'The data servers are not at the same joint question' },
  'other-key': { status: 409, title: 'Encrypted under another key than this server has' },
  'not-a-batch': { status: 409, title: 'No batch starts at that position' },
  already: { status: 409, title: 'It is so already' },
  unacknowledged: { status: 409, title: 'A high-priority alarm waits to be acknowledged' },
  'cell-taken': { status: 409, title: 'The second has a reading of this vital sign, which stays' },
  'key-used': { status: 409, title: 'The key was used for another request' },
  'too-large': { status: 413, title: 'Larger than a limit of this server' },
  'unknown-vital': { status: 422, title: 'No vital sign of that name' },
  'out-of-range': { status: 422, title: 'Outside of what the vital sign can be' },
  'far-future': { status: 422, title: 'A time in the future' },
  'too-old': { status: 422, title: 'A time too long ago' },
  'limits-cross': { status: 422, title: 'Limits that cross' },
  'cohort-too-small': { status: 422, title: 'Fewer patients than the minimum cohort' },
  'bad-cipher': { status: 422, title: 'A key, a proof or a ciphertext does not hold' },
  'could-wrap': { status: 422, title: 'The result could exceed the field' },
  'products-across-frames': { status: 422, title: 'A product needs readings of different frames' },
  'needs-more-servers': { status: 422, title: 'Not enough data servers for this statistic' },
  'bad-proof': { status: 422, title: 'A ciphertext is not what its server signed or proved' },
  'too-many': { status: 429, title: 'More requests than this server takes' },
  internal: { status: 500, title: 'A failure of this server' },
  damaged: { status: 503, title: 'This server holds damaged what the question needs' },
  'store-full': { status: 503, title: 'The disk of this server takes nothing' },
  'peer-missing': { status: 503, title: 'Another data server does not take its part' },
  'no-key': { status: 503, title: 'The key of encrypted sums is not made yet' },
  behind: { status: 503, title: 'The log position asked for did not arrive in time' },
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

/** Numbers that explain a refusal, such as the patients found and the minimum asked for. */
export type ProblemNumbers = Readonly<Record<string, number>>;

export const PROBLEM_TYPE = 'application/problem+json';

/** A refusal, at the server that makes it and at the asker that reads it. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly status: number;
  readonly numbers: ProblemNumbers;
  constructor(code: ProblemCode, detail: string, numbers: ProblemNumbers = {}) {
    super(detail);
    this.code = code;
    this.status = PROBLEMS[code].status;
    this.numbers = numbers;
  }
}

export function problemJson(problem: ProblemError): Record<string, string | number> {
  const { code, status, numbers, message } = problem;
  const type = `urn:vitalshare:problem:${code}`;
  return { ...numbers, type, title: PROBLEMS[code].title, status, detail: message, code };
}

/** A refusal as it came; `null` where it is not one of ours (a proxy's page, another protocol). */
export function parseProblem(value: unknown): ProblemError | null {
  if (typeof value !== 'object' || value === null) return null;
  const members = new Map<string, unknown>(Object.entries(value));
  const code = members.get('code');
  const detail = members.get('detail');
  if (!isProblemCode(code)) return null;
  const numbers = [...members].filter(
    (member): member is [string, number] => member[0] !== 'status' && typeof member[1] === 'number',
  );
  // Somebody else's text, soon on a terminal: one printable line of bounded length.
  const text = typeof detail === 'string' ? detail.replace(/[^\P{C}]/gu, ' ').slice(0, 500) : code;
  return new ProblemError(code, text, Object.fromEntries(numbers));
}

const isProblemCode = (value: unknown): value is ProblemCode =>
  typeof value === 'string' && Object.hasOwn(PROBLEMS, value);
