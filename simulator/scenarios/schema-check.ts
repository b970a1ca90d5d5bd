/**
 * A value against a JSON Schema, as one sentence about the first thing that is wrong: where, what was
 * expected, what was got, and the known word that was probably meant.
 *
 *   $.patients[0].rhythms[1].rhythm: expected one of sinus, …, asystole, got "afib"; did you mean "af"?
 *
 * It knows the part of draft 7 that scenario.schema.json uses and no more: type, enum, minimum, maximum,
 * lengths, properties, required, additionalProperties: false, items, and $ref to a definition.
 */
import { nearest } from '@vitalshare/edge/command/node';

export interface Schema {
  readonly type?: string;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const DEFINITIONS = '#/definitions/';
const SHOWN_CHARS_MAX = 40;

/** The sentence, without a full stop; undefined where the value is as the schema says. */
export function firstWrong(root: Schema, value: unknown): string | undefined {
  return wrongIn(root, root, value, '$');
}

function wrongIn(root: Schema, asked: Schema, value: unknown, path: string): string | undefined {
  const schema =
    asked.$ref === undefined ? asked : root.definitions![asked.$ref.slice(DEFINITIONS.length)]!;
  if (schema.enum !== undefined) return wrongWord(schema.enum, value, path);
  switch (schema.type) {
    case 'object':
      return wrongObject(root, schema, value, path);
    case 'array':
      return wrongArray(root, schema, value, path);
    case 'string':
      return wrongText(schema, value, path);
    default:
      return wrongNumber(schema, value, path);
  }
}

const sentence = (path: string, expected: string, value: unknown): string =>
  `${path}: expected ${expected}, got ${shown(value)}`;

function wrongWord(
  known: readonly (string | number)[],
  value: unknown,
  path: string,
): string | undefined {
  if ((known as readonly unknown[]).includes(value)) return undefined;
  return sentence(path, `one of ${known.join(', ')}`, value) + meant(value, known);
}

function wrongObject(
  root: Schema,
  { properties = {}, required = [] }: Schema,
  value: unknown,
  path: string,
): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return sentence(path, 'an object', value);
  }
  const known = Object.keys(properties);
  const members = new Map<string, unknown>(Object.entries(value));
  for (const key of members.keys()) {
    if (known.includes(key)) continue;
    return `${path}: expected ${known.join(', ')}, got the key ${shown(key)}${meant(key, known)}`;
  }
  const missing = required.find((key) => !members.has(key));
  if (missing !== undefined) return `${path}.${missing}: expected it, got nothing`;
  for (const [key, member] of members) {
    const wrong = wrongIn(root, properties[key]!, member, `${path}.${key}`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function wrongArray(
  root: Schema,
  { items, minItems = 0, maxItems = Infinity }: Schema,
  value: unknown,
  path: string,
): string | undefined {
  if (!Array.isArray(value)) return sentence(path, 'a list', value);
  if (value.length < minItems || value.length > maxItems) {
    return `${path}: expected ${minItems} to ${maxItems} entries, got ${value.length}`;
  }
  for (const [index, item] of value.entries()) {
    const wrong = wrongIn(root, items!, item, `${path}[${index}]`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function wrongText(
  { minLength = 0, maxLength = Infinity }: Schema,
  value: unknown,
  path: string,
): string | undefined {
  if (typeof value !== 'string') return sentence(path, 'a text', value);
  // As JSON Schema counts: code points.
  const { length } = Array.from(value);
  if (length >= minLength && length <= maxLength) return undefined;
  return `${path}: expected a text of ${minLength} to ${maxLength} characters, got ${length}`;
}

function wrongNumber(
  { type, minimum = -Infinity, maximum = Infinity }: Schema,
  value: unknown,
  path: string,
): string | undefined {
  const isWhole = type === 'integer';
  const fits = typeof value === 'number' && value >= minimum && value <= maximum;
  if (fits && (!isWhole || Number.isInteger(value))) return undefined;
  const kind = isWhole ? 'a whole number' : 'a number';
  return sentence(path, `${kind} from ${minimum} to ${maximum}`, value);
}

function meant(value: unknown, known: readonly (string | number)[]): string {
  const word = typeof value === 'string' ? nearest(value, known.map(String)) : undefined;
  return word === undefined ? '' : `; did you mean "${word}"?`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text;
}
