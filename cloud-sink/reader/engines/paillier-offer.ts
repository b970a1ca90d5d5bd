/** What the engine `paillier` cannot answer, whatever the rows (`planner.ts`): nothing made of moments. */
import type { Cannot } from './engine.ts';

export const cannotPaillier: Cannot = () => undefined;
