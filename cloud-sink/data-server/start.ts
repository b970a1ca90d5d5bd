/** `npm start -w cloud-sink -- --dir D`: the data server alone, without the other rooms. */
import { runCommand, stopOnClosedPipes } from '@vitalshare/edge/command/node';
import { command } from './command.ts';

stopOnClosedPipes();
process.exitCode = await runCommand('data-server', command, process.argv.slice(2));
