/**
 * The targets of the QRS detector, on the records developers have; and the command that prints
 * them.
 */
import { existsSync } from 'node:fs';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { beatScorer } from './beats.ts';
import type { Files } from './scorer.ts';

const folder = fileURLToPath(new URL('../../../shared/data/ecg-mitbih/', import.meta.url));
const files: Files = {
  exists: (path) => existsSync(path),
  read: (path) => new Uint8Array(readFileSync(path)),
};

describe.skipIf(!existsSync(folder))('MIT-BIH (skips without ../shared/data/ecg-mitbih)', () => {
  it.each([
    ['100', 2273, 0.999, 0.999],
    ['105', 2572, 0.99, 0.98],
    ['119', 1987, 0.999, 0.999],
  ])('record %s: %d beats, sensitivity ≥ %d, PPV ≥ %d', (name, beats, sensitivity, ppv) => {
    const row = beatScorer.score(`${folder}${name}`, files, 'slope');
    expect(row).toMatchObject({
      record: name,
      beats,
      detector: 'slope',
      lead: 'MLII',
      windowMs: 150,
    });
    expect(row['sensitivity']).toBeGreaterThanOrEqual(sensitivity);
    expect(row['ppv']).toBeGreaterThanOrEqual(ppv);
    expect(Number(row['tp']) + Number(row['fn'])).toBe(beats);
    expect(Number(row['tp']) + Number(row['fp'])).toBe(row['detected']);
  });

  it('the simpler detector is told apart', () => {
    const row = beatScorer.score(`${folder}105`, files, 'two-averages');
    expect(row['detector']).toBe('two-averages');
    expect(row['sensitivity']).toBeGreaterThan(0.98);
  });
});
