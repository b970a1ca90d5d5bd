/**
 * What is done to JSON that would only be refused as such when its bytes are mutated: the value
 * changes, its spelling stays JSON, half of the time canonical.
 */
import { mutateBytes, type Mutate } from './mutate.ts';
import type { Random } from './random.ts';

const NESTED = 40;
const DEEP_NESTED = 20_000;

/** Text of JSON: numbers no double holds and keys that stand twice must not pass through a parser. */
const SPELLINGS = [
  ...[
    'null',
    'true',
    '""',
    '"\\u0000"',
    '"\\ud800"',
    '"\\u202e\\u001b[2J"',
    '"__proto__"',
    '[]',
    '{}',
  ],
  ...['0', '-0', '-1', '1.5', '1e400', '1e-400', '9007199254740991', '9007199254740992'],
  ...['9007199254740993', '18446744073709551615', '2305843009213693951', '4294967296', '65536'],
  ...['"2305843009213693951"', '"2305843009213693950"', '"00"', '"1e5"', '"-1"', '" 1"', '"\\n"'],
  '{"__proto__":{"a":1}}',
  '{"length":3,"0":1}',
  `"${'a'.repeat(2_000)}"`,
  '['.repeat(NESTED) + ']'.repeat(NESTED),
  '{"a":'.repeat(NESTED) + '1' + '}'.repeat(NESTED),
];

export const mutateJson: Mutate = (random, sample, other) => {
  if (random.chance(8)) return mutateBytes(random, sample, other);
  const text = decoder.decode(sample);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return mutateBytes(random, sample, other);
  }
  const tree = mark(value);
  for (let count = 1 + random.below(3); count > 0; count--) change(random, tree);
  return encoder.encode(spell(random, tree, random.chance(2)));
};
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A JSON value whose parts can be replaced by raw text; members are a list, so a key may stand twice. */
type Tree =
  | { kind: 'raw'; text: string }
  | { kind: 'list'; items: Tree[] }
  | { kind: 'object'; members: [string, Tree][] };

function mark(value: unknown): Tree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(mark) };
  if (typeof value !== 'object' || value === null)
    return { kind: 'raw', text: JSON.stringify(value) };
  return { kind: 'object', members: Object.entries(value).map(([key, item]) => [key, mark(item)]) };
}

function change(random: Random, root: Tree): void {
  let at = root;
  for (;;) {
    if (at.kind === 'raw') {
      at.text = changedText(random, at.text);
      return;
    }
    const parts: Tree[] = at.kind === 'list' ? at.items : at.members.map(([, part]) => part);
    if (parts.length === 0 || random.chance(4)) break;
    at = random.pick(parts);
  }
  if (at.kind === 'list') changeList(random, at.items);
  else changeObject(random, at.members);
}

function changedText(random: Random, text: string): string {
  if (random.chance(2)) return random.pick(SPELLINGS);
  if (text.startsWith('"') && text.length > 2) {
    const at = 1 + random.below(text.length - 2);
    const put = random.pick(['', 'A', '_', '=', '\\u0000', '\\u202e', 'é', ' ', text.slice(1, -1)]);
    return text.slice(0, at) + put + text.slice(at + random.below(2));
  }
  const number = Number(text);
  return Number.isFinite(number)
    ? String(number + random.pick([-1, 1, 0.5, 2 ** 32, -(2 ** 53)]))
    : text;
}

function changeList(random: Random, items: Tree[]): void {
  const what = random.below(4);
  const at = random.below(items.length + 1);
  if (what === 0) items.splice(at, 1);
  else if (what === 1) items.splice(at, 0, raw(random));
  else if (what === 2 && items.length > 0)
    items.push(...Array<Tree>(1 + random.below(70)).fill(random.pick(items)));
  else items.length = 0;
}

function changeObject(random: Random, members: [string, Tree][]): void {
  const what = random.below(5);
  const at = random.below(Math.max(1, members.length));
  const member = members[at];
  if (what === 0) members.splice(at, 1);
  else if (what === 1) members.push([random.pick(KEYS), raw(random)]);
  else if (what === 2 && member)
    members.push([member[0], random.chance(2) ? member[1] : raw(random)]);
  else if (what === 3 && member) member[0] = random.pick(KEYS);
  else if (member) member[1] = raw(random);
}
const KEYS = [
  '',
  '__proto__',
  'constructor',
  'toString',
  'a',
  '1',
  '\u202ekey',
  '\u001b[31m',
  'x'.repeat(300),
  '0',
];
const raw = (random: Random): Tree => ({
  kind: 'raw',
  text: random.chance(2_000)
    ? '['.repeat(DEEP_NESTED) + ']'.repeat(DEEP_NESTED)
    : random.pick(SPELLINGS),
});

/** Trees may stand in several places and grow; a spelling ends at a size. */
function spell(random: Random, tree: Tree, isCanonical: boolean): string {
  if (tree.kind === 'raw') return tree.text;
  const space = isCanonical || !random.chance(10) ? '' : ' ';
  if (tree.kind === 'list')
    return `[${space}${tree.items.map((each) => spell(random, each, isCanonical)).join(',')}]`;
  const members = isCanonical
    ? [...tree.members].sort(([a], [b]) => (a < b ? -1 : 1))
    : tree.members;
  return `{${members.map(([key, part]) => `${JSON.stringify(key)}:${space}${spell(random, part, isCanonical)}`).join(',')}}`;
}
