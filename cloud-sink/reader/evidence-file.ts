/**
 * Evidence on disk: `--evidence <file>` writes it, `vitalshare audit --evidence <file>` checks it. A
 * file is a list, for a statistic of several groups is several questions.
 *
 * Readable by its owner only, since it holds the result of the statistic (`evidence.ts`). It is never
 * written over another one: that may be the only proof of an earlier lie.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type Call, textOption, UserError } from '@vitalshare/edge/command/node';
import { EVIDENCE_BYTES_MAX } from '../limits.ts';
import { ReaderError, serverList } from './errors.ts';
import type { Evidence } from './evidence.ts';
import { StatisticError } from './statistics.ts';

export function evidenceOption(call: Call): string | undefined {
  return call.values['evidence'] === undefined ? undefined : textOption(call, 'evidence', '');
}

/** Runs `ask`; where it names somebody, or fails doing so, the evidence is in `file` afterwards. */
export async function keepingEvidence<T extends { readonly evidence: readonly Evidence[] }>(
  file: string | undefined,
  ask: () => Promise<T>,
  tell: (sentence: string) => void,
): Promise<T> {
  if (file !== undefined && existsSync(file)) {
    throw new UserError(`--evidence: ${file} exists already; it is never written over.`, 2);
  }
  const keep = (evidence: readonly Evidence[]): void => {
    if (file === undefined || evidence.length === 0) return;
    write(file, evidence);
    const named = [...new Set(evidence.flatMap((each) => each.named))].sort((a, b) => a - b);
    tell(
      `the evidence against ${serverList(named)} is in ${file}; it shows the result to ` +
        'whoever reads it, and no reading and no key.',
    );
  };
  try {
    const answer = await ask();
    keep(answer.evidence);
    return answer;
  } catch (error) {
    if (error instanceof ReaderError || error instanceof StatisticError) keep(error.evidence);
    throw error;
  }
}

/** The list in it, of parsed JSON that has no form yet. Throws UserError. */
export function readEvidence(file: string): readonly unknown[] {
  try {
    const { size } = statSync(file);
    const list: unknown = size <= EVIDENCE_BYTES_MAX && JSON.parse(readFileSync(file, 'utf8'));
    if (Array.isArray(list) && list.length > 0) return list;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw new UserError(`${file} cannot be read.`, 2);
  }
  throw new UserError(`${file} is no evidence: it is no list of JSON, or too large.`, 2);
}

function write(file: string, evidence: readonly Evidence[]): void {
  try {
    writeFileSync(file, `${JSON.stringify(evidence, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch {
    throw new UserError(`--evidence: ${file} cannot be written; the question was answered.`);
  }
}
