#!/usr/bin/env tsx
/**
 * The command `vitalshare`: a table from subcommand to the door of the room that has it. A door is
 * loaded only when its subcommand is called, so a data server never loads a gateway.
 *
 * Exit codes: see `@vitalshare/edge/command/node`. An error that is no UserError is a bug of ours
 * and keeps its stack trace.
 */
import { readFileSync } from 'node:fs';
import {
  type Command,
  nearest,
  runCommand,
  stopOnClosedPipes,
} from '@vitalshare/edge/command/node';

interface Entry {
  readonly what: string;
  load(): Promise<{ readonly command: Command }>;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  up: {
    what: 'run a whole ward on this machine: beds, gateway, data servers, page',
    load: () => import('@vitalshare/simulator/up/node'),
  },
  keys: {
    what: 'make the keys of a world, each party its own',
    load: () => import('@vitalshare/simulator/keys/node'),
  },
  enroll: {
    what: 'give a sensor node its credentials',
    load: () => import('@vitalshare/gateway/enroll/node'),
  },
  replay: {
    what: 'send a recording as if it happened now',
    load: () => import('@vitalshare/simulator/replay/node'),
  },
  score: {
    what: 'score detectors on annotated recordings',
    load: () => import('@vitalshare/simulator/score/node'),
  },
  burden: {
    what: 'count the alarms of scenarios and recordings: true, false, missed',
    load: () => import('@vitalshare/simulator/burden/node'),
  },
  stats: {
    what: 'ask the data servers for a statistic over many patients',
    load: () => import('@vitalshare/cloud-sink/stats/node'),
  },
  catalogue: {
    what: 'list what there is to ask about: vital signs, labels, coverage',
    load: () => import('@vitalshare/cloud-sink/catalogue/node'),
  },
  audit: {
    what: 'check that the shares the data servers keep fit together',
    load: () => import('@vitalshare/cloud-sink/audit/node'),
  },
  open: {
    what: "open one patient's history, as a physician",
    load: () => import('@vitalshare/cloud-sink/open/node'),
  },
  export: {
    what: "write one patient's stay as WFDB records or tables, as a physician",
    load: () => import('@vitalshare/cloud-sink/export/node'),
  },
  doctor: {
    what: 'check this machine and a world on it, and say what to do',
    load: () => import('@vitalshare/simulator/doctor/node'),
  },
  campaign: {
    what: 'kill and damage a world of its own, and look for every reading',
    load: () => import('@vitalshare/simulator/campaign/node'),
  },
  gateway: {
    what: 'run one gateway: broker, page, log',
    load: () => import('@vitalshare/gateway/node'),
  },
  'data-server': {
    what: 'run one data server',
    load: () => import('@vitalshare/cloud-sink/data-server/node'),
  },
};

const HELP = `vitalshare: a ward's vital signs, live at the bedside and open to research, that no single
administrator can read. It is not a medical device.

usage: vitalshare <command> [options]

${Object.entries(COMMANDS)
  .map(([name, { what }]) => `  ${name.padEnd(12)} ${what}`)
  .join('\n')}

  --help       this text; \`vitalshare <command> --help\` tells more
  --version    the version

Start with: npx vitalshare up
`;

async function main([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    const meant = nearest(name, Object.keys(COMMANDS));
    const hint = meant === undefined ? '' : ` Did you mean \`vitalshare ${meant}\`?`;
    process.stderr.write(
      `vitalshare: there is no command ${JSON.stringify(name)}.${hint} See \`vitalshare --help\`.\n`,
    );
    return 2;
  }
  try {
    const { command } = await entry.load();
    return await runCommand(name, command, rest);
  } catch (error) {
    if (!isNotInstalled(error)) throw error;
    process.stderr.write(
      `vitalshare ${name}: its room is not installed here; \`npm ci\` in the whole clone brings it.\n`,
    );
    return 1;
  }
}

/** A clone in which only one room's packages were installed (`npm ci -w cloud-sink`). */
const isNotInstalled = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';

function version(): string {
  const file = new URL('package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

stopOnClosedPipes();
const code = await main(process.argv.slice(2));
// What was written is written; timers a command left behind keep nothing alive.
process.stdout.write('', () => process.exit(code));
