/** The primes below a bound, by the sieve of Eratosthenes. */
export function primesBelow(bound: number): number[] {
  const isComposite = new Uint8Array(bound);
  const primes: number[] = [];
  for (let i = 2; i < bound; i++) {
    if (isComposite[i]) continue;
    primes.push(i);
    for (let multiple = i * i; multiple < bound; multiple += i) isComposite[multiple] = 1;
  }
  return primes;
}
