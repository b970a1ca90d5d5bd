/** `npm start -w cloud-sink -- --dir D`: the data server alone, without the other rooms. */
import { runCommand } from '@vitalshare/edge/command/node';
import { command } from './command.ts';

process.exitCode = await runCommand('data-server', command, process.argv.slice(2));
