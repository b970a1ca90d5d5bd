/**
 * Reads Prometheus text and refuses what the format does not allow: written from its specification
 * (exposition formats, text format 0.0.4), not from what prom-client prints.
 */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly value: number;
  }[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: -?\d+)?$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/y;
const SUFFIX = /_(?:bucket|sum|count)$/;

/** Throws with the line where the text is not of the format. */
export function parsePrometheus(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Family>();
  const helps = new Map<string, string>();
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    if (line === '') continue;
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') helps.set(name, rest);
    else if (keyword === 'TYPE') {
      if (!NAME.test(name) || families.has(name)) fail('a name that is none, or twice');
      if (!/^(counter|gauge|histogram|summary|untyped)$/.test(rest)) fail('no type');
      families.set(name, { type: rest, help: helps.get(name) ?? fail('no help'), samples: [] });
    } else if (!line.startsWith('#')) {
      const [, sample = fail('no sample'), labelText = '', valueText = ''] =
        SAMPLE.exec(line) ?? [];
      const family = families.get(sample) ?? families.get(sample.replace(SUFFIX, ''));
      if (family === undefined) return fail('a sample of no type');
      const key = `${sample}{${labelText}}`;
      if (seen.has(key)) fail('twice');
      seen.add(key);
      const value = /^[+-]?Inf$/.test(valueText) ? Infinity : Number(valueText);
      // Prometheus reads numbers as Go's ParseFloat does, whatever their case; prom-client writes "Nan".
      if (Number.isNaN(value) && valueText.toLowerCase() !== 'nan') fail('no number');
      family.samples.push({ name: sample, labels: labelsOf(labelText, fail), value });
    }
  }
  for (const [name, family] of families) checkFamily(name, family);
  return families;
}

function labelsOf(text: string, fail: (why: string) => never): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  for (let end = 0; end < text.length; end = LABEL.lastIndex) {
    const [, name, value] = LABEL.exec(text) ?? fail('no labels');
    labels[name!] = value!;
  }
  return labels;
}

/** Buckets rise to the one of +Inf, which is the count; a counter of ours ends in _total. */
function checkFamily(name: string, { type, samples }: Family): void {
  const isOurs = name.startsWith('vitalshare_');
  if (isOurs && (type === 'counter') !== name.endsWith('_total'))
    throw new Error(`${name} is a ${type}`);
  if (type === 'counter' && samples.some(({ value }) => value < 0))
    throw new Error(`${name} below 0`);
  if (type !== 'histogram') return;
  const series = new Map<string, number[]>();
  for (const { name: sample, labels, value } of samples) {
    const { le, ...others } = labels;
    const key = JSON.stringify(others);
    const values = series.get(key) ?? [];
    series.set(key, values);
    if (sample.endsWith('_sum')) continue;
    if (sample.endsWith('_bucket') && le === undefined)
      throw new Error(`${name} has a bucket without le`);
    values.push(value);
  }
  for (const values of series.values()) {
    if (values.some((value, i) => i > 0 && value < values[i - 1]!))
      throw new Error(`${name} falls`);
    if (values.at(-1) !== values.at(-2))
      throw new Error(`${name}: its count is not its last bucket`);
  }
}
