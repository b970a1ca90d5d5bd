/**
 * Evidence on disk: `--evidence <file>` writes it, `vitalshare audit --evidence <file>` checks it.
 *
 * Readable by its owner only, since it holds the result of the statistic (`evidence.ts`). It is never
 * written over another one: that may be the only proof of an earlier lie.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type Call, textOption, UserError } from '@vitalshare/edge/command/node';
import { EVIDENCE_BYTES_MAX } from '../limits.ts';
import { ReaderError, serverList } from './errors.ts';
import type { Evidence } from './evidence.ts';

export function evidenceOption(call: Call): string | undefined {
  return call.values['evidence'] === undefined ? undefined : textOption(call, 'evidence', '');
}

/** Runs `ask`; where it names somebody, or fails doing so, the evidence is in `file` afterwards. */
export async function keepingEvidence<T extends { readonly evidence: Evidence | undefined }>(
  file: string | undefined,
  ask: () => Promise<T>,
  tell: (sentence: string) => void,
): Promise<T> {
  if (file !== undefined && existsSync(file)) {
    throw new UserError(`--evidence: ${file} exists already; it is never written over.`, 2);
  }
  const keep = (evidence: Evidence | undefined): void => {
    if (file === undefined || evidence === undefined) return;
    write(file, evidence);
    tell(
      `the evidence against ${serverList(evidence.named)} is in ${file}; it shows the result to ` +
        'whoever reads it, and no reading and no key.',
    );
  };
  try {
    const answer = await ask();
    keep(answer.evidence);
    return answer;
  } catch (error) {
    if (error instanceof ReaderError) keep(error.evidence);
    throw error;
  }
}

/** Parsed JSON, of no form yet. Throws UserError. */
export function readEvidence(file: string): unknown {
  try {
    const { size } = statSync(file);
    if (size <= EVIDENCE_BYTES_MAX) return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw new UserError(`${file} cannot be read.`, 2);
  }
  throw new UserError(`${file} is no evidence: it is not JSON of a size that could be.`, 2);
}

function write(file: string, evidence: Evidence): void {
  try {
    writeFileSync(file, `${JSON.stringify(evidence, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch {
    throw new UserError(`--evidence: ${file} cannot be written; the question was answered.`);
  }
}
