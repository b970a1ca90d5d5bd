/**
 * The files of a party folder: JSON, written whole or not at all, and readable by their owner only.
 *
 *   write   temporary file 0600 → fsync → rename → fsync of the folder
 *   read    refused where the group or the world may read a secret, as ssh does, and where the checksum
 *           does not fit (`checked-json.ts`)
 *
 * Errors name the file and what to do, never what is in it.
 */
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../command/command.ts';
import { PARTY_FILE_BYTES_MAX } from '../limits.ts';
import { utf8, withoutSum, withSum } from '../seal/seal.ts';

export type PartyFault = 'missing' | 'damaged' | 'readable-by-others' | 'exists' | 'mismatch';

/** What is wrong with a party folder. Its message is one sentence for the person who runs it. */
export class PartyError extends UserError {
  readonly code: PartyFault;
  readonly file: string;
  constructor(code: PartyFault, file: string, message: string) {
    super(message);
    this.code = code;
    this.file = file;
  }
}

/** Windows has no such bits; access lists rule there. */
const HAS_RIGHTS = process.platform !== 'win32';

/** Parsed JSON of a file, given to `parse`. `remedy` ends the sentence about a missing file. */
export function readPartyFile<T>(
  file: string,
  parse: (value: unknown) => T,
  { secret, remedy }: { secret: boolean; remedy: string },
): T {
  const text = readText(file, remedy);
  if (secret && readableByOthers(file)) {
    throw new PartyError(
      'readable-by-others',
      file,
      `${file} may be read by other accounts of this machine; take that right away (chmod 600 ${file}).`,
    );
  }
  try {
    return parse(withoutSum(JSON.parse(text)));
  } catch (error) {
    // JSON.parse quotes its input, which may hold keys; our parsers do not.
    const reason = error instanceof Error && !(error instanceof SyntaxError) ? error.message : '';
    throw new PartyError(
      'damaged',
      file,
      `${file} is damaged${reason === '' ? ': it is not JSON' : ` (${reason})`}; restore it from a copy.`,
    );
  }
}

/** Whether the group or the world has any right to it. */
export const readableByOthers = (path: string): boolean =>
  HAS_RIGHTS && (statSync(path).mode & 0o077) !== 0;

/** Makes a folder that only its owner may enter; parents too. An existing one is narrowed. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (readableByOthers(folder)) chmodSync(folder, 0o700);
}

/** Replaces `file` durably: a reader sees the old content or the new, whatever fails in between. */
export function writePartyFile(file: string, value: unknown): void {
  const temporary = writeTemporary(file, value);
  renameSync(temporary, file);
  syncFolder(dirname(file));
}

/** Like writePartyFile for a file that must not exist; two writers at once cannot both succeed. */
export function createPartyFile(file: string, value: unknown): void {
  const temporary = writeTemporary(file, value);
  try {
    linkSync(temporary, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    throw new PartyError('exists', file, `${file} exists already; it is never overwritten.`);
  } finally {
    unlinkSync(temporary);
  }
  syncFolder(dirname(file));
}

export function removePartyFile(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
  syncFolder(dirname(file));
}

export function partyFileExists(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

function readText(file: string, remedy: string): string {
  try {
    const { size } = statSync(file);
    if (size > PARTY_FILE_BYTES_MAX) {
      const limit = `at most ${PARTY_FILE_BYTES_MAX} bytes`;
      throw new PartyError(
        'damaged',
        file,
        `${file} is damaged: ${size} bytes, ${limit} expected.`,
      );
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) {
      throw new PartyError('missing', file, `${file} is missing; ${remedy}`);
    }
    if (isCode(error, 'EACCES')) {
      throw new PartyError('missing', file, `${file} may not be read by this account.`);
    }
    if (!(error instanceof TypeError)) throw error;
    throw new PartyError('damaged', file, `${file} is damaged: it is not UTF-8; restore it.`);
  }
}

function writeTemporary(file: string, value: unknown): string {
  const temporary = join(dirname(file), `.${randomUUID()}.tmp`);
  const descriptor = openSync(temporary, 'wx', 0o600);
  try {
    const bytes = utf8(`${JSON.stringify(withSum(value), null, 2)}\n`);
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return temporary;
}

/** A rename is durable once its folder is; Windows cannot open folders and needs no such step. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
