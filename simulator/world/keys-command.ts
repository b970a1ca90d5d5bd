/**
 * `vitalshare keys`: the key ceremony, on one machine (`make`) or by hand between hosts.
 *
 * By hand, every host runs its own steps on its own folder; public identities, the configuration and
 * sealed messages are files that may be carried by anyone.
 */
import { readFileSync } from 'node:fs';
import {
  type Call,
  type Command,
  integerOption,
  textOption,
  UserError,
} from '@vitalshare/edge/command/node';
import {
  IdentityError,
  keyId,
  parsePublicIdentity,
  type Role,
  ROLES,
} from '@vitalshare/edge/identity/node';
import { configDigest, ConfigurationError } from '@vitalshare/edge/keys';
import {
  acceptMessages,
  contributeZero,
  dealSplitKeys,
  joinWorld,
  makeConfiguration,
  makeOwnIdentity,
  parseMessage,
} from '@vitalshare/edge/keys/ceremony/node';
import { loadMember } from '@vitalshare/edge/keys/node';
import { checkSharing } from './choice.ts';
import { makeWorld } from './ceremony.ts';
import { osRandom, serveParty } from './party-process.ts';
import { placeAtDefaults } from './world-folder.ts';

const help = `
usage: vitalshare keys make [--dir .vitalshare] [--servers 3] [--threshold 1] [--minimum-cohort 5]

Makes a world on this machine: one process per party makes its own identity, the gateway seals
split keys to the servers, the servers make zero-share keys among themselves. Nothing is overwritten.

  --dir             where the world goes, one folder for each party (.vitalshare)
  --servers         data servers, 2 to 16 (3)
  --threshold       this many servers together learn nothing (1)
  --minimum-cohort  no statistic over fewer patients than this (5)
  --json            the outcome as one line of JSON

Between hosts, each party on its own, files carried by anyone (--dir is the party's own folder):

  vitalshare keys identity --dir D --role data-server --name "server 1" > server-1.public.json
  vitalshare keys configuration --threshold 1 --minimum-cohort 5 *.public.json > configuration.json
  vitalshare keys deal       --dir D --configuration configuration.json > gateway.messages
  vitalshare keys contribute --dir D --configuration configuration.json > server-1.messages
  vitalshare keys accept     --dir D --configuration configuration.json *.messages

The gateway deals, every data server contributes and then accepts, researchers and physicians accept
without messages. Compare the digest that each step prints: it must be the same on every host.
`;

export const command: Command = {
  help,
  options: {
    dir: { type: 'string' },
    servers: { type: 'string' },
    threshold: { type: 'string' },
    'minimum-cohort': { type: 'string' },
    name: { type: 'string' },
    role: { type: 'string' },
    configuration: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(call) {
    const [step, ...files] = call.positionals;
    if (files.length > 0 && step !== 'configuration' && step !== 'accept') {
      throw new UserError(`${step!} takes no files, got ${files[0]!}.`, 2);
    }
    switch (step) {
      case 'make':
        return make(call);
      case 'party':
        await serveParty(ownFolder(call), process.stdin, process.stdout);
        return 0;
      case 'identity':
        return identity(call);
      case 'configuration':
        return configuration(call, files);
      case 'deal':
      case 'contribute':
      case 'accept':
        return ownStep(call, step, files);
      default:
        throw new UserError(
          `expected make, identity, configuration, deal, contribute or accept, got ${step ?? 'nothing'}. See \`vitalshare keys --help\`.`,
          2,
        );
    }
  },
};

async function make(call: Call): Promise<number> {
  const dir = textOption(call, 'dir', '.vitalshare');
  const choice = {
    servers: integerOption(call, 'servers', 3, 2, 16),
    threshold: integerOption(call, 'threshold', 1, 1, 15),
    minimumCohort: cohortOption(call),
  };
  checkSharing(choice);
  const config = configDigest(await makeWorld(dir, choice));
  placeAtDefaults(dir, choice.servers);
  const { servers, threshold, minimumCohort } = choice;
  process.stdout.write(
    call.values['json'] === true
      ? `${JSON.stringify({ event: 'made', dir, servers, threshold, minimumCohort, config })}\n`
      : `Made a world in ${dir}: ${servers} data servers, any ${threshold} of them together learn nothing.\n` +
          `configuration ${config}\n` +
          'Where each party listens and finds the others stands in its addresses.json; change it before you carry folders away.\n',
  );
  return 0;
}

function identity(call: Call): number {
  const role = textOption(call, 'role', '');
  const known = ROLES.find((name) => name === role);
  if (known === undefined) {
    throw new UserError(`--role must be ${ROLES.join(', ')}, got ${role || 'nothing'}.`, 2);
  }
  const name = textOption(call, 'name', known);
  const made = inWords('--name', () =>
    makeOwnIdentity(ownFolder(call), name, known satisfies Role, osRandom),
  );
  process.stdout.write(`${JSON.stringify(made)}\n`);
  return 0;
}

function configuration(call: Call, files: readonly string[]): number {
  const parties = files.map((file) =>
    inWords(file, () => parsePublicIdentity(JSON.parse(readCarried(file)))),
  );
  const threshold = integerOption(call, 'threshold', 1, 1, 15);
  const servers = parties.filter(({ role }) => role === 'data-server').length;
  if (parties.filter(({ role }) => role === 'gateway').length !== 1) {
    throw new UserError('give the public identity of exactly one gateway.', 2);
  }
  checkSharing({ servers, threshold });
  const made = inWords('configuration', () =>
    makeConfiguration({ threshold, minimumCohort: cohortOption(call), parties }, osRandom),
  );
  process.stdout.write(`${JSON.stringify(made, null, 2)}\n`);
  process.stderr.write(`configuration ${configDigest(made)}\n`);
  return 0;
}

/** One party's step on its own folder; the configuration is stored on first sight. */
function ownStep(
  call: Call,
  step: 'deal' | 'contribute' | 'accept',
  files: readonly string[],
): number {
  const folder = ownFolder(call);
  const file = textOption(call, 'configuration', '');
  if (file !== '') inWords(file, () => joinWorld(folder, JSON.parse(readCarried(file))));
  const member = loadMember(folder);
  if (step === 'accept') {
    const own = keyId(member.identity);
    const messages = files.flatMap(readMessages).filter(({ to }) => to === own);
    if (member.server !== undefined) acceptMessages(folder, messages);
  } else {
    const act = step === 'deal' ? dealSplitKeys : contributeZero;
    for (const message of act(folder, osRandom)) {
      process.stdout.write(`${JSON.stringify(message)}\n`);
    }
  }
  process.stderr.write(`configuration ${member.configDigest}\n`);
  return 0;
}

const readMessages = (file: string): ReturnType<typeof parseMessage>[] =>
  readCarried(file)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => inWords(file, () => parseMessage(JSON.parse(line))));

function readCarried(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UserError(`${file} cannot be read; is the path right?`);
  }
}

/** Faults of carried files are the user's to mend: one sentence that names the file. */
function inWords<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof IdentityError || error instanceof ConfigurationError) {
      throw new UserError(`${file}: ${error.message}.`);
    }
    if (error instanceof SyntaxError) throw new UserError(`${file} is not JSON.`);
    throw error;
  }
}

/** With 1 a statistic may be one patient's reading: for trying things out. */
const cohortOption = (call: Call): number => integerOption(call, 'minimum-cohort', 5, 1, 1_000_000);

function ownFolder(call: Call): string {
  const dir = textOption(call, 'dir', '');
  if (dir === '') throw new UserError("give the party's own folder with --dir.", 2);
  return dir;
}
