/**
 * The QRS detectors on recordings made harder: false and missed beats of each lead under each stress.
 * `npm run bench:stress -- <folder of WFDB records> [--detector name] [--minutes N] [--seed N]`
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseWfdbHeader, readAnnotations, readWfdb } from '@vitalshare/edge/formats';
import { STRESSES, scoreStress, type Annotated } from './stress.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    detector: { type: 'string', default: 'slope' },
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '7' },
  },
});
const folder = positionals[0] ?? '.';
const bytes = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));

const leads = readdirSync(folder)
  .filter((file) => file.endsWith('.atr'))
  .flatMap((file) => {
    const name = file.slice(0, -4);
    const header = parseWfdbHeader(new TextDecoder().decode(bytes(`${name}.hea`)));
    const annotations = readAnnotations(bytes(file), file);
    return readWfdb(header, bytes).waveforms.map((wave): [string, Annotated] => {
      const rateHz = wave.sampleRateMilliHz / 1000;
      const kept = wave.samples.subarray(0, Number(values.minutes) * 60 * rateHz);
      return [
        `${name} ${wave.lead}`,
        {
          rateHz,
          values: Float64Array.from(kept, (sample) => (sample - wave.baseline) / wave.gain),
          annotations: annotations.filter(({ sample }) => sample < kept.length),
        },
      ];
    });
  });
if (leads.length === 0) throw new Error(`${folder}: expected WFDB records with annotations`);

console.log(`false / missed beats, detector ${values.detector}, seed ${values.seed}`);
console.log(''.padEnd(29) + leads.map(([name]) => name.padStart(12)).join(''));
for (const [stress, apply] of Object.entries(STRESSES)) {
  const cells = leads.map(([, lead]) => {
    const { fp, fn } = scoreStress(apply(lead, Number(values.seed)), values.detector);
    return `${fp}/${fn}`.padStart(12);
  });
  console.log(stress.padEnd(29) + cells.join(''));
}
