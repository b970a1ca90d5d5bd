/**
 * A file that somebody named, or that such a file names: read whole, and never more than a recording.
 *
 *   regular files only     a device or a pipe has no end, and opening a pipe would wait for a writer
 *   beside its header      a file named by a header stays in the header's folder, links followed: a
 *                          record from elsewhere must not reach other files of this account
 *   packed                 unpacked to the same bound: a thousandth of it on disk would do
 */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { UserError } from '@vitalshare/edge/command/node';
import { RECORDING_BYTES_MAX } from '../limits.ts';

/** `folder`: where the file must lie. Throws UserError with one sentence. */
export type ReadFile = (path: string, folder?: string) => Uint8Array;

/** Throws UserError: no such file, not regular, out of its folder, too large, not readable. */
export const readUserFile: ReadFile = (path, folder) => {
  try {
    const real = realpathSync(path);
    if (folder !== undefined && dirname(real) !== realpathSync(folder)) {
      throw new UserError(`${path} leads out of the folder of its record.`);
    }
    // The link was followed already; a pipe opened this way does not wait.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    const file = openSync(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      return readRegular(file, path);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(
      code === 'ENOENT' ? `there is no file ${path}.` : `${path} cannot be read (${code ?? '?'}).`,
    );
  }
};

function readRegular(file: number, path: string): Uint8Array {
  const stat = fstatSync(file);
  if (!stat.isFile()) throw new UserError(`${path} is no regular file.`);
  if (stat.size > RECORDING_BYTES_MAX) throw tooLarge(path, '');
  const bytes = new Uint8Array(stat.size);
  let length = 0;
  while (length < bytes.length) {
    const count = readSync(file, bytes, length, bytes.length - length, null);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}

/** For the files that a WFDB header names. */
export const besideHeader =
  (header: string, read: ReadFile) =>
  (name: string): Uint8Array =>
    read(join(dirname(header), name), dirname(header));

/** Throws UserError where `bytes` are no whole gzip file, or of more than `bytesMax`. */
export function unpacked(
  path: string,
  bytes: Uint8Array,
  bytesMax = RECORDING_BYTES_MAX,
): Uint8Array {
  try {
    return new Uint8Array(gunzipSync(bytes, { maxOutputLength: bytesMax }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(path, ' unpacked', bytesMax);
    throw new UserError(`${path} is not a whole gzip file.`);
  }
}

const tooLarge = (path: string, state: string, bytesMax = RECORDING_BYTES_MAX): UserError =>
  new UserError(`${path} is larger than ${bytesMax / 2 ** 20} MiB${state}.`);
