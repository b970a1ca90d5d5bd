/** What `doctor` asks of a running world: its processes, and whether the data servers keep up. */
import { readFileSync } from 'node:fs';
import {
  ALARM_REMEDIES,
  type LogHead,
  parseAlarms,
  parseHead,
  parseLogs,
} from '@vitalshare/cloud-sink/messages';
import { isAlive, type Member } from '@vitalshare/edge/keys/node';
import { withoutSum } from '@vitalshare/edge/seal';
import { BEHIND_RECORDS_MAX, DOCTOR_ASK_MS_MAX } from '../limits.ts';
import { type Finding, note, ok, problem } from './finding.ts';
import { type RunningWorld, serverFolder, gatewayFolder, worldFile } from './world-folder.ts';

/** world.json; undefined where the world does not run, a finding where the file is damaged. */
export function readRunning(dir: string): RunningWorld | Finding | undefined {
  const file = worldFile(dir);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const world = withoutSum(JSON.parse(text)) as Partial<RunningWorld>;
    const { pids, dataServers, dashboard } = world;
    if (pids && Array.isArray(dataServers) && dashboard !== undefined) return world as RunningWorld;
  } catch {
    // Falls through to the finding.
  }
  const cure = `stop the world (Ctrl-C where it runs), remove ${file} and start it again`;
  return problem('world', `${file} is damaged`, cure);
}

/** Who of the processes in world.json is gone; one that was started by hand answers all the same. */
export async function checkRunning(
  dir: string,
  world: RunningWorld,
  member: Member,
): Promise<Finding[]> {
  const logs = await ask(`${world.dashboard}/logs`, parseLogs);
  const gatewayDown = logs === undefined;
  const findings = [
    gatewayDown
      ? gone('gateway', world.dashboard, world.pids.gateway, gatewayStart(dir, world))
      : ok('gateway', `answers at ${world.dashboard}`),
  ];
  for (const [index, url] of world.dataServers.entries()) {
    const name = `data server ${index + 1}`;
    const head = await ask(`${url}/head`, parseHead);
    if (head === undefined) {
      const pid = world.pids.dataServers[index] ?? 0;
      findings.push(gone(name, url, pid, `data-server --dir ${serverFolder(dir, index + 1)}`));
    } else if (head.config !== member.configDigest || head.server !== index + 1) {
      const cure = `see who listens at ${url}; stop it, then start this world's server`;
      findings.push(problem(name, 'another server answers in its place', cure));
    } else {
      findings.push(behind(name, logs ?? [], (log) => head.heads[log]?.position ?? 0));
      const alarms = (await ask(`${url}/alarms`, parseAlarms)) ?? [];
      findings.push(...alarmsOf(name, serverFolder(dir, index + 1), alarms));
    }
  }
  return findings;
}

/** What a data server has against a log, its gateway or another server; what is over is a note. */
export const alarmsOf = (
  name: string,
  folder: string,
  alarms: ReturnType<typeof parseAlarms>,
): Finding[] =>
  alarms.map(({ kind, detail, until, acknowledged }) => {
    const show = `npx vitalshare data-server alarms --dir ${folder}`;
    const said = `${kind}: ${detail}`;
    const check = `${name}, alarm`;
    if (acknowledged !== undefined)
      return note(check, `${said} (acknowledged ${utc(acknowledged)})`, show);
    if (until !== undefined) return note(check, `${said} (over since ${utc(until)})`, show);
    return problem(check, said, `${ALARM_REMEDIES[kind]}; then: ${show} --acknowledge all`);
  });

const utc = (ms: number): string => new Date(ms).toISOString();

function behind(
  name: string,
  logs: readonly LogHead[],
  positionIn: (log: string) => number,
): Finding {
  const records = logs.reduce(
    (sum, { log, position }) => sum + Math.max(0, position - positionIn(log)),
    0,
  );
  if (records <= BEHIND_RECORDS_MAX) return ok(name, `answers, ${records} records behind the log`);
  return note(
    name,
    `is ${records} records behind the log`,
    'wait: it is catching up if the number falls; if not, restart it and read what it says',
  );
}

/** As `up` started it: another gateway would acknowledge what it was not asked to. */
const gatewayStart = (dir: string, { acknowledge = 'durable' }: RunningWorld): string =>
  `gateway --dir ${gatewayFolder(dir)}${acknowledge === 'held' ? ' --acknowledge held' : ''}`;

function gone(name: string, url: string, pid: number, command: string): Finding {
  const start = `start it: npx vitalshare ${command}`;
  return isAlive(pid)
    ? problem(name, `process ${pid} runs but does not answer at ${url}`, `stop it, then ${start}`)
    : problem(name, `its process ${pid} is gone and nobody answers at ${url}`, start);
}

/** Undefined: no answer, or not one of ours. */
async function ask<T>(url: string, parse: (body: Uint8Array) => T): Promise<T | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOCTOR_ASK_MS_MAX) });
    if (!response.ok) return undefined;
    return parse(new Uint8Array(await response.arrayBuffer()));
  } catch {
    return undefined;
  }
}
