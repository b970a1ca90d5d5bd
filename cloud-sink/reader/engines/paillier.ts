/** The engine `paillier`. */
import { ReaderError } from '../errors.ts';
import type { Engine } from './engine.ts';

const unbuilt = (): never => {
  throw new ReaderError('engine', '--engine paillier is not part of this version.');
};

export const PAILLIER: Engine = { name: 'paillier', needed: unbuilt, check: unbuilt, ask: unbuilt };
