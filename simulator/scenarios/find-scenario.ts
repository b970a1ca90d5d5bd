/** A scenario by the name of a shipped one, or by the path of a file. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { nearest, UserError } from '@vitalshare/edge/command/node';
import { SCENARIO_BYTES_MAX } from '../limits.ts';
import { readUserFile } from '../player/user-file.ts';
import { parseScenario, type Scenario } from './scenario.ts';

const SHIPPED = new URL('shipped/', import.meta.url);
const ENDING = '.json';

export const SHIPPED_NAMES: readonly string[] = readdirSync(SHIPPED)
  .filter((file) => file.endsWith(ENDING))
  .map((file) => basename(file, ENDING))
  .sort();

export interface NamedScenario {
  readonly name: string;
  readonly scenario: Scenario;
}

/** `asked` is a path where it ends in .json or has a separator. Throws UserError. */
export function findScenario(asked: string): NamedScenario {
  if (SHIPPED_NAMES.includes(asked)) return shippedScenario(asked);
  if (asked.endsWith(ENDING) || /[\\/]/.test(asked)) return readScenario(asked);
  const meant = nearest(asked, SHIPPED_NAMES);
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  throw new UserError(
    `there is no scenario ${JSON.stringify(asked)}; expected one of ${SHIPPED_NAMES.join(', ')}, or a file that ends in .json.${hint}`,
    2,
  );
}

export const shippedScenario = (name: string): NamedScenario => ({
  name,
  scenario: parseScenario(
    `${name}${ENDING}`,
    readFileSync(new URL(`${name}${ENDING}`, SHIPPED), 'utf8'),
  ),
});

/** Of `--help`: a line each. */
export const shippedText = (): string =>
  SHIPPED_NAMES.map((name) => `  ${name.padEnd(24)}${shippedScenario(name).scenario.what}`).join(
    '\n',
  );

function readScenario(path: string): NamedScenario {
  const bytes = readUserFile(path);
  if (bytes.length > SCENARIO_BYTES_MAX) {
    throw new UserError(
      `${path}: expected at most ${SCENARIO_BYTES_MAX} bytes of JSON, got ${bytes.length}.`,
    );
  }
  const text = new TextDecoder().decode(bytes);
  return { name: basename(path, ENDING), scenario: parseScenario(path, text) };
}
