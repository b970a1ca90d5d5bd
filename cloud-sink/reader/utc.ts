/** A UTC second as people and scripts read it: `2026-03-01T08:00:00Z`. */
export const utcOf = (second: number): string =>
  new Date(second * 1000).toISOString().replace('.000Z', 'Z');
