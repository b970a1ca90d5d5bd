/** Engines by name, each loaded when it is asked for: who takes shares alone carries no other. */
import type { Engine, EngineName } from './engine.ts';
import { SHARES } from './shares.ts';

const LOAD: Readonly<Record<EngineName, () => Promise<Engine>>> = {
  shares: () => Promise.resolve(SHARES),
  paillier: async () => (await import('./paillier.ts')).PAILLIER,
  elgamal: async () => (await import('./elgamal.ts')).ELGAMAL,
};

export const loadEngine = (name: EngineName): Promise<Engine> => LOAD[name]();
