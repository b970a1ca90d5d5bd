/** `npm start -w gateway -- --dir D`: the gateway alone. */
import { runCommand, stopOnClosedPipes } from '@vitalshare/edge/command/node';
import { command } from './command.ts';

stopOnClosedPipes();
const code = await runCommand('gateway', command, process.argv.slice(2));
process.stdout.write('', () => process.exit(code));
