/** What the engine `paillier` cannot answer, whatever the rows (`planner.ts`). */
import type { Cannot } from './engine.ts';

export const cannotPaillier: Cannot = () => 'it is not part of this version';
