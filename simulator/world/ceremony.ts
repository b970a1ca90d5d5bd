/**
 * The key ceremony on one machine: one child process per party, each with its own folder. This
 * process only carries public identities, the configuration and sealed messages between them, so it
 * runs exactly what separate hosts run and never holds a key [S10].
 *
 * The world is made in a folder of its own and moved into place when it is whole: a ceremony that was
 * cut off leaves nothing that looks like a world.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { UserError } from '@vitalshare/edge/command/node';
import { type PublicIdentity, type Role } from '@vitalshare/edge/identity/node';
import type { Configuration } from '@vitalshare/edge/keys';
import { type KeyMessage, makeConfiguration } from '@vitalshare/edge/keys/ceremony/node';
import { spawnCommand } from './child.ts';
import { type Answer, type Ask, osRandom } from './party-process.ts';

export interface WorldChoice {
  readonly servers: number;
  readonly threshold: number;
  readonly minimumCohort: number;
}

const GATEWAY = 'gateway';
/** What may stand in a folder without a world: another ceremony at work, the lock of `up`. */
const PASSING = /^(\.making-.*|\.?up\.lock.*)$/;

interface Party {
  readonly name: string;
  readonly role: Role;
  readonly folder: string;
  /** Resolves to `done` of the answer; throws UserError with the sentence of a failure. */
  ask(ask: Ask): Promise<unknown>;
  end(): Promise<void>;
}

/** Makes a world in `dir`, where none may be. Throws UserError. */
export async function makeWorld(dir: string, choice: WorldChoice): Promise<Configuration> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (readdirSync(dir).some((name) => !PASSING.test(name))) {
    throw new UserError(
      `${dir} is not empty; keys are never overwritten. Use \`vitalshare up --dir ${dir}\` to run the world in it, or another --dir.`,
    );
  }
  const making = join(dir, `.making-${randomUUID().slice(0, 8)}`);
  mkdirSync(making, { mode: 0o700 });
  const remove = (): void => rmSync(making, { recursive: true, force: true });
  const interrupted = (): void => {
    remove();
    process.exit(1);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const configuration = await runCeremony(making, choice);
    // The gateway's folder is what makes a world, so it comes last.
    const folders = readdirSync(making).sort(
      (a, b) => Number(a === GATEWAY) - Number(b === GATEWAY),
    );
    for (const folder of folders) renameSync(join(making, folder), join(dir, folder));
    return configuration;
  } finally {
    remove();
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}

async function runCeremony(root: string, choice: WorldChoice): Promise<Configuration> {
  const start = (name: string, role: Role): Party => startParty(join(root, name), name, role);
  const gateway = start(GATEWAY, 'gateway');
  const servers = Array.from({ length: choice.servers }, (_, index) =>
    start(`server-${index + 1}`, 'data-server'),
  );
  const everybody = [
    gateway,
    ...servers,
    start('researcher', 'researcher'),
    start('physician', 'physician'),
  ];
  try {
    const parties = (await Promise.all(
      everybody.map((party) => party.ask({ do: 'identity', name: party.name, role: party.role })),
    )) as PublicIdentity[];
    const { threshold, minimumCohort } = choice;
    const configuration = makeConfiguration({ threshold, minimumCohort, parties }, osRandom);
    await Promise.all(everybody.map((party) => party.ask({ do: 'join', configuration })));

    const dealt = (await gateway.ask({ do: 'deal' })) as KeyMessage[];
    const contributed = (await Promise.all(
      servers.map((server) => server.ask({ do: 'contribute' })),
    )) as KeyMessage[][];
    const messages = [...dealt, ...contributed.flat()];
    await Promise.all(
      servers.map((server, index) => {
        const inbox = messages.filter(({ to }) => to === dealt[index]!.to);
        return server.ask({ do: 'accept', messages: inbox });
      }),
    );
    return configuration;
  } finally {
    await Promise.all(everybody.map((party) => party.end()));
  }
}

function startParty(folder: string, name: string, role: Role): Party {
  const child = spawnCommand(['keys', 'party', '--dir', folder], { parentPipe: false });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4096);
  });
  // A child that is gone shows as an answer that never came.
  child.stdin.on('error', () => undefined);
  const exited = new Promise<void>((settle) => child.once('close', () => settle()));
  return {
    name,
    role,
    folder,
    async ask(ask) {
      child.stdin.write(`${JSON.stringify(ask)}\n`);
      const line = await lines.next();
      if (line.done === true) {
        await exited;
        throw new Error(`the process of ${name} ended in the key ceremony:\n${complaint}`);
      }
      const answer = JSON.parse(line.value) as Answer;
      if ('failed' in answer) throw new UserError(`${name}: ${answer.failed}`);
      return answer.done;
    },
    async end() {
      child.stdin.end();
      await exited;
    },
  };
}
