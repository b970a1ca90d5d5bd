/**
 * What every subcommand of `vitalshare` shares: parsing, `--help`, one clear sentence on failure.
 *
 * Exit codes: 0 done; 1 unknown stay or label, refusal, damage; 2 unknown command, vital sign,
 * statistic or option. A `UserError` is a failure the user can act on and prints as one sentence;
 * anything else is a bug of ours and keeps its stack trace.
 */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { parseTime } from './time.ts';

export { nearest } from './nearest.ts';
export { isLogJson, LOG_OPTION, saying } from './say.ts';
export { PARENT_PIPE, stopOnClosedPipes } from './pipes.ts';

export type CommandOptions = NonNullable<ParseArgsConfig['options']>;

export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: 1 | 2;
  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface Call {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
}

export interface Command {
  /** The whole text of `--help`. */
  readonly help: string;
  /** `--help` is added to these. */
  readonly options: CommandOptions;
  /** The most words it takes beside options; left out where it checks them itself. */
  readonly positionalsMax?: number;
  /** Returns the exit code. */
  run(call: Call): Promise<number>;
}

/** Runs one command on its arguments and returns the exit code; prints the sentence of a UserError. */
export async function runCommand(name: string, command: Command, argv: string[]): Promise<number> {
  try {
    const { values, positionals } = parse(name, command, argv);
    if (values['help'] === true) {
      process.stdout.write(`${command.help.trim()}\n`);
      return 0;
    }
    const extra = positionals[command.positionalsMax ?? positionals.length];
    if (extra !== undefined) {
      throw new UserError(
        `there is no use for ${JSON.stringify(extra)}. See \`vitalshare ${name} --help\`.`,
        2,
      );
    }
    return await command.run({ values, positionals });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`vitalshare ${name}: ${printable(error.message)}\n`);
    return error.exitCode;
  }
}

/**
 * Text that may quote a file or a peer, for a terminal: escapes that would move its cursor, recolour it or
 * turn its writing round become `?`. Line ends stay.
 */
export const printable = (text: string): string => text.replace(/[^\P{C}\n]/gu, '?');

function parse(name: string, command: Command, argv: string[]): Call {
  try {
    const help = { type: 'boolean', short: 'h' } as const;
    const options = { ...command.options, help };
    return parseArgs({ args: argv, options, allowPositionals: true, strict: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const reason = error.message.split(/\. |\n/)[0]!.replace(/\.$/, '');
    throw new UserError(`${reason}. See \`vitalshare ${name} --help\`.`, 2);
  }
}

/** The text option `name`, or `fallback` where it was not given. */
export function textOption(call: Call, name: string, fallback: string): string {
  const value = call.values[name];
  return typeof value === 'string' ? value : fallback;
}

/** A whole number in [min, max]. Throws UserError 2 that says what was expected and got. */
export function integerOption(
  call: Call,
  name: string,
  fallback: number,
  min: number,
  max: number,
): number {
  const value = call.values[name];
  if (value === undefined) return fallback;
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : NaN;
  if (!(number >= min && number <= max)) {
    throw new UserError(
      `--${name} must be a whole number from ${min} to ${max}, got ${String(value)}.`,
      2,
    );
  }
  return number;
}

/** µs UTC of the option `name`, or undefined where it was not given. Throws UserError 2. */
export function timeOption(call: Call, name: string, nowMs: number): number | undefined {
  const text = call.values[name];
  if (typeof text !== 'string') return undefined;
  const timeUs = parseTime(text, nowMs);
  if (timeUs !== null) return timeUs;
  throw new UserError(
    `--${name} must be a UTC time such as 2026-01-31, 2026-01-31T08:30:00Z or 1h (an hour ago), ` +
      `got ${text}.`,
    2,
  );
}
