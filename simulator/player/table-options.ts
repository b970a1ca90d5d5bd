/** `--columns` and `--rate`: how a table is to be read, for every command that takes one. */
import { type Call, textOption, UserError } from '@vitalshare/edge/command/node';
import type { TableOptions } from './read-recording.ts';

/** Throws UserError on a rate that cannot be. */
export function tableOptions(call: Call): TableOptions {
  const columns = textOption(call, 'columns', '');
  const text = textOption(call, 'rate', '');
  const rateHz = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : NaN;
  if (text !== '' && !(rateHz > 0 && rateHz <= 100_000)) {
    throw new UserError(
      `--rate must be above 0 and up to 100000 Hz, in whole mHz, got ${text}.`,
      2,
    );
  }
  return {
    columns: columns === '' ? undefined : columns,
    rateHz: text === '' ? undefined : rateHz,
  };
}
