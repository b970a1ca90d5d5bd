/**
 * The one error of the file formats: a recording that is broken, hostile or of a kind not read here.
 *
 * The message names the file, what was expected and what was found. It never quotes a sample or a
 * table's value: an imported file is as private as a live reading.
 */

export const FORMAT_ERRORS = {
  unreadable: 'the bytes could not be fetched or are not text',
  empty: 'no bytes, or no signals',
  truncated: 'fewer bytes than the header promises',
  'too-long': 'more bytes than the header promises',
  'too-large': 'beyond a limit of edge/limits.ts',
  checksum: 'the samples do not add up to the checksum of the header',
  'initial-value': 'the first sample is not the one the header names',
  'unsupported-format': 'a storage format or record kind that is not read here',
  'bad-header': 'the header breaks its own grammar',
  'bad-annotation': 'an annotation file breaks its own grammar',
  'bad-column': 'a table without a time column, or with a column twice, or with none we know',
  'bad-map': 'a column map that does not say which column is what',
  'bad-row': 'a table row with the wrong number of cells',
  'bad-time': 'a time that is none, or does not increase, or gives no rate',
  'bad-value': 'a table cell that is neither a number nor missing',
  'no-rows': 'a table with a header and nothing below',
  'no-readings': 'a file in which every reading or sample is missing',
} as const;
export type FormatErrorCode = keyof typeof FORMAT_ERRORS;

export class FormatError extends Error {
  override readonly name = 'FormatError';
  readonly code: FormatErrorCode;
  readonly file: string;

  constructor(code: FormatErrorCode, file: string, detail: string, options?: { cause: unknown }) {
    super(`${file}: ${detail}`, options);
    this.code = code;
    this.file = file;
  }
}

/** A hostile name or field as it may stand in a message: printable, short, in quotes. */
export function quoted(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return printable.length > 40 ? `'${printable.slice(0, 40)}…'` : `'${printable}'`;
}
