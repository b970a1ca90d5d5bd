/** `npm start -w gateway -- --dir D`: the gateway alone. */
import { runCommand, stopOnClosedPipes } from '@vitalshare/edge/command/node';
import { command } from './command.ts';

// npm runs a room's script inside the room; a path on the command line is meant from where npm was called.
const { npm_lifecycle_event: script, INIT_CWD: calledFrom } = process.env;
if (script === 'start' && calledFrom !== undefined) process.chdir(calledFrom);

stopOnClosedPipes();
const code = await runCommand('gateway', command, process.argv.slice(2));
process.stdout.write('', () => process.exit(code));
