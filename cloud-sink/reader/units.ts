/**
 * Units of results, in UCUM (ucum.org, version 2.2): exponents follow the unit they raise.
 *
 *   mean, sd    the unit                 covariance    the product       correlation, count   `1`
 *   variance    the unit squared         regression    the unit of what is explained
 *
 * `/min` squared is `/min2`: UCUM reads a leading `/` as one over what follows.
 */

/** `['/min', 'L/min']` → `L/min2`; factors keep the order of their first mention, upper ones first. */
export function productUnit(units: readonly string[]): string {
  const powers = new Map<string, number>();
  for (const unit of units) {
    const [above, ...below] = unit.split('/');
    if (above !== '' && above !== '1') raise(powers, above!, 1);
    for (const factor of below) raise(powers, factor, -1);
  }
  const upper = [...powers].filter(([, power]) => power > 0);
  const lower = [...powers].filter(([, power]) => power < 0);
  if (upper.length === 0 && lower.length === 0) return '1';
  const raised = ([atom, power]: [string, number]): string =>
    Math.abs(power) === 1 ? atom : `${atom}${Math.abs(power)}`;
  return upper.map(raised).join('.') + lower.map((factor) => `/${raised(factor)}`).join('');
}

function raise(powers: Map<string, number>, factor: string, by: 1 | -1): void {
  // A factor that carries an exponent of its own does not occur in the vocabulary.
  powers.set(factor, (powers.get(factor) ?? 0) + by);
}
