/** `npm start -w cloud-sink -- --dir D`: the data server alone, without the other rooms. */
import { runCommand, stopOnClosedPipes } from '@vitalshare/edge/command/node';
import { command } from './command.ts';

// npm runs a room's script inside the room; a path on the command line is meant from where npm was called.
const { npm_lifecycle_event: script, INIT_CWD: calledFrom } = process.env;
if (script === 'start' && calledFrom !== undefined) process.chdir(calledFrom);

stopOnClosedPipes();
process.exitCode = await runCommand('data-server', command, process.argv.slice(2));
