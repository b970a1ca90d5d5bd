/**
 * `vitalshare doctor`: looks at this machine and at a world on it, and says what to do about what it
 * finds. It changes nothing and shows no key.
 */
import { existsSync } from 'node:fs';
import { type Command, textOption } from '@vitalshare/edge/command/node';
import { type Addresses, loadParty, type Member } from '@vitalshare/edge/keys/node';
import {
  checkBrowser,
  checkClock,
  checkNode,
  checkPackages,
  checkPorts,
} from './doctor-machine.ts';
import { checkRunning, readRunning } from './doctor-running.ts';
import {
  checkAddresses,
  checkDigests,
  checkParties,
  checkRights,
  datedFiles,
} from './doctor-world.ts';
import { type Finding, note, ok, problem } from './finding.ts';
import { gatewayFolder } from './world-folder.ts';

const help = `
usage: vitalshare doctor [--dir .vitalshare] [--json]

Checks Node, the installed packages, a browser for tests, clock and ports; the folders, keys and
configurations of the world in --dir; and, where it runs, its processes and how far the data servers
have come. Every finding says what to do. Exit code 0 if there is no problem, else 1.
`;

export const command: Command = {
  help,
  options: { dir: { type: 'string' }, json: { type: 'boolean' } },
  positionalsMax: 0,
  async run(call) {
    const dir = textOption(call, 'dir', '.vitalshare');
    const findings = await examine(dir, call.values['dir'] !== undefined);
    const isWell = findings.every(({ state }) => state !== 'problem');
    process.stdout.write(
      call.values['json'] === true
        ? `${JSON.stringify({ ok: isWell, findings })}\n`
        : `${findings.map(lineOf).join('\n')}\n${isWell ? 'All is well.' : 'There are problems.'}\n`,
    );
    return isWell ? 0 : 1;
  },
};

/** `isAsked`: somebody named the folder, so it must hold a world. */
async function examine(dir: string, isAsked: boolean): Promise<Finding[]> {
  const machine = [
    checkNode(process.versions.node),
    checkPackages(),
    checkBrowser(process.env['PATH'] ?? ''),
  ];
  if (!existsSync(gatewayFolder(dir))) {
    const missing = (isAsked ? problem : note)(
      'world',
      `there is no world in ${dir}`,
      'make and run one with `npx vitalshare up`, or name its folder with --dir',
    );
    return [...machine, checkClock(Date.now(), []), await checkPorts(portsOf(undefined)), missing];
  }
  const { findings, members } = checkParties(dir);
  return [
    ...machine,
    checkClock(Date.now(), datedFiles(members)),
    checkRights(dir),
    ...findings,
    checkDigests(members),
    checkAddresses(members),
    ...(await examineRunning(dir, members)),
  ];
}

async function examineRunning(dir: string, members: readonly Member[]): Promise<Finding[]> {
  const running = readRunning(dir);
  if (running === undefined) {
    return [ok('world', 'does not run'), await checkPorts(portsOf(gatewayFolder(dir)))];
  }
  if ('check' in running) return [running];
  const [member] = members;
  return member === undefined ? [] : checkRunning(dir, running, member);
}

/** The gateway's ports of the last start, or those of a first one. */
function portsOf(folder: string | undefined): ReadonlyMap<string, number> {
  const { listen, mqtt } = addressesOf(folder);
  return new Map([
    ['--port', listen?.port ?? 8080],
    ['--mqtt-port', mqtt?.port ?? 1883],
  ]);
}

/** Damage was found before this. */
function addressesOf(folder: string | undefined): Partial<Addresses> {
  try {
    return folder === undefined ? {} : loadParty(folder).addresses;
  } catch {
    return {};
  }
}

const lineOf = ({ check, state, detail, cure }: Finding): string =>
  `${state.padEnd(8)}${check}: ${detail}${cure === undefined ? '' : `\n          ${cure}`}`;
