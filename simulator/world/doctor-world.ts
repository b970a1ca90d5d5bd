/** What `doctor` asks of a world's folder: who may read it, whether every party can load its part. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  loadGatewayKeys,
  loadMember,
  loadParty,
  loadServerKeys,
  type Member,
  PartyError,
  readableByOthers,
} from '@vitalshare/edge/keys/node';
import { type Finding, note, ok, problem } from './finding.ts';
import { gatewayFolder, physicianFolder, researcherFolder, serverFolder } from './world-folder.ts';

const SECRET_FILES = ['identity.json', 'keys.json', 'credential.json'];

/** Party folders of a world on this machine, as its gateway's configuration counts them. */
export function partyFolders(dir: string): string[] {
  const { servers } = loadMember(gatewayFolder(dir)).configuration;
  return [
    gatewayFolder(dir),
    ...Array.from({ length: servers }, (_, index) => serverFolder(dir, index + 1)),
    researcherFolder(dir),
    physicianFolder(dir),
  ];
}

/** Folders with secrets must be closed to other accounts. */
export function checkRights(dir: string): Finding {
  const nodes = join(dir, 'nodes');
  const folders = [dir, nodes].flatMap((parent) =>
    existsSync(parent)
      ? readdirSync(parent, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map(({ name }) => join(parent, name))
      : [],
  );
  const files = folders.flatMap((folder) =>
    SECRET_FILES.map((name) => join(folder, name)).filter((file) => existsSync(file)),
  );
  const openFile = files.find((file) => readableByOthers(file));
  if (openFile !== undefined) {
    return problem('rights', `${openFile} may be read by others`, `chmod 600 ${openFile}`);
  }
  const openFolder = folders.find((folder) => readableByOthers(folder));
  if (openFolder !== undefined) {
    return problem('rights', `${openFolder} may be entered by others`, `chmod 700 ${openFolder}`);
  }
  return ok('rights', `${files.length} secret files are readable by their owner only`);
}

/** Loads every party as its own process would. `members` are those whose identity and world are whole. */
export function checkParties(dir: string): { findings: Finding[]; members: Member[] } {
  const findings: Finding[] = [];
  const members: Member[] = [];
  const collect = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      findings.push(asFinding('files', error));
    }
  };
  let folders: string[] = [];
  collect(() => (folders = partyFolders(dir)));
  for (const folder of folders) {
    collect(() => {
      const member = loadMember(folder);
      members.push(member);
      if (member.identity.role === 'gateway') loadGatewayKeys(folder);
      if (member.server !== undefined) loadServerKeys(folder);
    });
  }
  if (findings.length === 0)
    findings.push(ok('files', `${folders.length} parties load their part`));
  return { findings, members };
}

/** addresses.json of every party; a world that was never started has none. */
export function checkAddresses(members: readonly Member[]): Finding {
  const missing = members.filter(({ folder }) => !existsSync(join(folder, 'addresses.json')));
  if (missing.length === members.length) {
    return note('addresses', 'this world was never started', 'start it with `npx vitalshare up`');
  }
  try {
    for (const { folder } of members) loadParty(folder);
    return ok('addresses', 'every party knows where the others are');
  } catch (error) {
    return asFinding('addresses', error);
  }
}

/** [PROTO-1] Parties of different configurations refuse each other. */
export function checkDigests(members: readonly Member[]): Finding {
  const [first] = members;
  if (first === undefined) {
    const cure = 'restore the files named above from a copy';
    return problem('configuration', 'no party could be loaded', cure);
  }
  const other = members.find((member) => member.configDigest !== first.configDigest);
  if (other === undefined) return ok('configuration', first.configDigest);
  return problem(
    'configuration',
    `${other.folder} and ${first.folder} have different configurations`,
    'restore configuration.json of the one that was changed; it is the same at every party',
  );
}

/** Files whose age tells whether the clock went back. */
export const datedFiles = (members: readonly Member[]): string[] =>
  members
    .flatMap(({ folder }) => [join(folder, 'configuration.json'), join(folder, 'addresses.json')])
    .filter((file) => statSync(file, { throwIfNoEntry: false }) !== undefined);

function asFinding(check: string, error: unknown): Finding {
  if (!(error instanceof PartyError)) throw error;
  const [detail, ...cure] = error.message.replace(/\.$/, '').split('; ');
  return problem(check, detail!, cure.join('; ') || 'restore it from a copy');
}
