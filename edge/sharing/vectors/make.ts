/**
 * Computes `sharing.json` with this implementation: `tsx edge/sharing/vectors/make.ts > …/sharing.json`.
 * The file is frozen; `vectors.test.ts` fails when the code no longer agrees with it.
 */
import { writeSharingVectors } from './sharing-vectors.ts';

process.stdout.write(`${JSON.stringify(writeSharingVectors(), null, 2)}\n`);
