/**
 * One of several processes that fight for one folder: `<folder> <rounds>`. Each that gets in looks
 * whether another is in there, then gives the lock back or leaves it as one that was killed does.
 * Prints how often it got in and how often it was not alone.
 */
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../command/command.ts';
import { lockFolder } from './folder-lock.ts';

const [folder = '', rounds = ''] = process.argv.slice(2);
const inside = join(folder, 'inside');
const counts = { entered: 0, together: 0 };
for (let round = 0; round < Number(rounds); round++) {
  let unlock: () => void;
  try {
    unlock = lockFolder(folder, 'party', 'a party');
  } catch (error) {
    if (error instanceof UserError) continue;
    throw error;
  }
  counts.entered++;
  try {
    closeSync(openSync(inside, 'wx'));
    rmSync(inside);
  } catch {
    counts.together++;
  }
  if (round % 2 === 0) {
    unlock();
  } else {
    const left = join(folder, `left-${process.pid}`);
    writeFileSync(left, '4194305\n1\n');
    renameSync(left, join(folder, 'party.lock'));
  }
}
process.stdout.write(JSON.stringify(counts));
