import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { writeSharingVectors } from './sharing-vectors.ts';

it('the frozen vectors of SHARING.md still come out, digit for digit', () => {
  const frozen: unknown = JSON.parse(
    readFileSync(new URL('./sharing.json', import.meta.url), 'utf8'),
  );
  expect(writeSharingVectors()).toEqual(frozen);
});
