/** The engine `elgamal`. */
import { ReaderError } from '../errors.ts';
import type { Engine } from './engine.ts';

const unbuilt = (): never => {
  throw new ReaderError('engine', '--engine elgamal is not part of this version.');
};

export const ELGAMAL: Engine = { name: 'elgamal', needed: unbuilt, check: unbuilt, ask: unbuilt };
