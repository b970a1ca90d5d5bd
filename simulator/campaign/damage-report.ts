/** What a damage led to. Every damage is named by the product, and no number is ever wrong. */

export interface DamageReport {
  readonly damage: string;
  /**
   * `refused`: the party does not start and says why. `named`: it goes on and says what it found.
   * `withstood`: nothing to say, since nothing is lost or wrong. `skipped`: could not be tried here.
   */
  readonly outcome: 'refused' | 'named' | 'withstood' | 'skipped' | 'WRONG';
  /** What the product said, or what was wrong. */
  readonly said: string;
}

const LINE_CHARS_MAX = 200;

export const reportText = ({ damage, outcome, said }: DamageReport): string =>
  `${outcome.padEnd(10)}${damage}: ${firstLine(said)}`;

export const isWell = ({ outcome }: DamageReport): boolean => outcome !== 'WRONG';

const firstLine = (text: string): string => {
  const [line = ''] = text.trim().split('\n');
  return line.length > LINE_CHARS_MAX ? `${line.slice(0, LINE_CHARS_MAX)}…` : line;
};
