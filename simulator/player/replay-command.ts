/** `vitalshare replay`: a recording becomes a node of the ward. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import {
  UserError,
  integerOption,
  printable,
  textOption,
  timeOption,
  type Call,
  type Command,
} from '@vitalshare/edge/command/node';
import { cutText, JournalError, openDiskJournal } from '@vitalshare/edge/journal/node';
import { loadParty, urlAt } from '@vitalshare/edge/keys/node';
import {
  CredentialError,
  parseCredential,
  systemTime,
  type Journal,
  type Node,
  type NodeCredential,
} from '@vitalshare/edge/loop';
import { RefusedError, connectNode, type Connection } from '@vitalshare/edge/mqtt';
import { isNodeName } from '@vitalshare/edge/wire';
import { enrollInto } from '@vitalshare/gateway/enroll/node';
import { CONNECT_WAIT_MS } from '../limits.ts';
import { lockNode } from '../node-lock.ts';
import { serveNodeMetrics } from '../world/node-metrics.ts';
import { CURVE_NAMES, curveOption } from './curve-option.ts';
import { withNumbers } from './derive.ts';
import { readRecording } from './read-recording.ts';
import { tableOptions } from './table-options.ts';
import { replay, type ReplayReport, type Speed } from './replay.ts';
import { readUserFile } from './user-file.ts';

const HELP = `
usage: vitalshare replay <record.hea|file.edf|file.csv> --node <name> [--start time]
                         [--speed N|max] [--columns map] [--rate Hz] [--raw] [--again]
                         [--curve name] [--dir .vitalshare] [--metrics-port n] [--json]

Plays a recording into the ward as the node <name>, all its signals as one bed: a WFDB record (formats
212, 16 and 80), EDF or EDF+C, a table of numerics (Time [s], HR, PULSE, RESP, SpO2) or of samples
(Time [s], II, PLETH); .csv.gz is unpacked. An empty cell or NaN is missing. A node that is not
enrolled is enrolled. Ends when the gateway has acknowledged every frame. Run again after a crash, it
goes on where it was.

  --node <name>    the node; its stay bears the same name
  --start <time>   where the recording begins: ISO, UTC unless it names a zone, or 1h for an hour
                   ago (default: at --speed 1 now, else so that it ends now)
  --speed <N|max>  1 is real time (default), 60 a minute a second, max as fast as the gateway settles
  --columns <map>  which column of a table is what: time, a vital sign, or a waveform with its lead,
                   each =head; [unit] behind a head states the unit
  --rate <Hz>      rows of a table follow each other at this rate, whatever its times say
  --raw            without the numbers that a node makes of waveforms (heart, pulse and respiratory
                   rate, SpO₂, skin temperature, rhythm, variability, each by the detector that
                   \`vitalshare score\` scores)
  --curve <name>   by which SpO₂ is made of red and infrared: ${CURVE_NAMES.join(', ')}, or points of
                   your own sensor, ratio:percent: 0.5:98,1:86,1.6:70
  --again          over a time this node has played before: cells it filled keep what they have
  --dir <folder>   the world's folder (default .vitalshare)
  --metrics-port <n>
                   serve /metrics, /healthz and /readyz of this node there, 0 for a free port
  --json           one JSON object at the end

  vitalshare replay bidmc_01_Numerics.csv --node bidmc-01 --speed max
  vitalshare replay bidmc_01_Signals.csv --node bed-9
  vitalshare replay lab.csv --node lab-1 --columns 'time=t,ecg:II=ECG [mV],pleth=PPG'
  vitalshare replay 100.hea --node rec100 --start 2026-03-01T08:00:00Z --speed max
`;

export const command: Command = {
  help: HELP,
  options: {
    node: { type: 'string' },
    start: { type: 'string' },
    speed: { type: 'string' },
    columns: { type: 'string' },
    rate: { type: 'string' },
    raw: { type: 'boolean' },
    curve: { type: 'string' },
    again: { type: 'boolean' },
    dir: { type: 'string' },
    'metrics-port': { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async (call) => {
    const json = call.values['json'] === true;
    const dir = textOption(call, 'dir', '.vitalshare');
    const [path, ...more] = call.positionals;
    if (path === undefined || more.length > 0) {
      throw new UserError('name one recording: vitalshare replay <file> --node <name>.', 2);
    }
    const name = textOption(call, 'node', '');
    if (name === '') {
      const guess = basename(path, extname(path)).toLowerCase();
      throw new UserError(`name the node it plays as, for example --node ${guess}.`, 2);
    }
    if (!isNodeName(name)) {
      throw new UserError(
        `${JSON.stringify(name)} is no name for a node: 1 to 32 characters of a-z 0-9 - _ . and a letter or digit first.`,
        2,
      );
    }
    const speed = speedOf(call);
    const metricsPort =
      call.values['metrics-port'] === undefined
        ? undefined
        : integerOption(call, 'metrics-port', 0, 0, 65_535);
    const startUs = timeOption(call, 'start', systemTime.clock());
    const startMs = startUs === undefined ? undefined : Math.floor(startUs / 1000);
    const file = readRecording(path, readUserFile, tableOptions(call));
    const curve = curveOption(call);
    const read = call.values['raw'] === true ? file : withNumbers(file, curve);
    for (const { name: signal, reason } of read.recording.ignored) {
      process.stderr.write(`left out: ${printable(`${signal}: ${reason}`)}\n`);
    }
    for (const note of read.recording.notes) process.stderr.write(`note: ${printable(note)}\n`);
    const { credential: credentialFile } = await enrollInto(dir, name, undefined, random);
    const folder = dirname(credentialFile);
    const unlock = lockNode(folder, name);
    try {
      const report = await replay({
        read,
        credential: credentialOf(credentialFile, dir),
        folder,
        journal: await journalOf(folder, name),
        startMs,
        speed,
        again: call.values['again'] === true,
        time: systemTime,
        connect: async (node) => measured(await connectOrExplain(node), node, metricsPort),
        progress: progressLine(json),
      });
      process.stdout.write(json ? `${JSON.stringify(report)}\n` : sentence(report));
      return 0;
    } finally {
      unlock();
    }
  },
};

async function journalOf(folder: string, node: string): Promise<Journal> {
  try {
    const journal = await openDiskJournal(join(folder, 'journal'));
    if (journal.cutBytes > 0) process.stderr.write(`note: ${node}: ${cutText(journal.cutBytes)}\n`);
    return journal;
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    throw new UserError(
      `${error.message}: remove ${folder} and ${node}.json in the gateway's folder nodes, then run this again.`,
    );
  }
}

/** The credential with the broker's address as the world has it now: a port may have changed. */
function credentialOf(file: string, dir: string): NodeCredential {
  const credential = readCredential(file);
  const { mqtt } = loadParty(join(dir, 'gateway')).addresses;
  return mqtt ? { ...credential, mqttUrl: urlAt('mqtt', mqtt) } : credential;
}

function readCredential(file: string): NodeCredential {
  try {
    return parseCredential(readFileSync(file, 'utf8'));
  } catch (error) {
    const isLost = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isLost && !(error instanceof CredentialError)) throw error;
    const why = isLost ? 'missing' : `damaged (${error.message})`;
    throw new UserError(
      `${file} is ${why}; restore it, or remove the gateway's file of this node (gateway/nodes) to enroll it anew.`,
    );
  }
}

/** Resolves at the first connection. Throws UserError where the broker refuses or nobody answers. */
async function connectOrExplain(node: Node): Promise<Connection> {
  const url = node.credential.mqttUrl;
  const connection = connectNode(node);
  let cancel = (): void => undefined;
  const nobody = new Promise<never>((_, reject) => {
    cancel = systemTime.setTimer(() => {
      const kept = 'Nothing is lost: run the same command again once the ward runs.';
      reject(new UserError(`no gateway answers at ${url}. ${kept}`));
    }, CONNECT_WAIT_MS);
  });
  try {
    await Promise.race([connection.ready, nobody]);
    return connection;
  } catch (error) {
    await connection.close();
    await node.close();
    if (!(error instanceof RefusedError)) throw error;
    throw new UserError(`${url}: ${error.message}; enroll the node again, or look at the gateway.`);
  } finally {
    cancel();
  }
}

/** The connection, and with it the node's metrics where a port was asked for. */
async function measured(
  connection: Connection,
  node: Node,
  port: number | undefined,
): Promise<Connection> {
  if (port === undefined) return connection;
  const metrics = await serveNodeMetrics(port, [node]);
  process.stderr.write(`metrics at ${metrics.url}/metrics\n`);
  const close = async (): Promise<void> => {
    await metrics.close();
    await connection.close();
  };
  return { ready: connection.ready, close };
}

function speedOf(call: Call): Speed {
  const text = textOption(call, 'speed', '1');
  if (text === 'max') return 'max';
  const speed = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (speed >= 0.1 && speed <= 100_000) return speed;
  throw new UserError(`--speed must be a number from 0.1 to 100000 or max, got ${text}.`, 2);
}

/** A line on standard error once a second, rewritten in place on a terminal. */
function progressLine(quiet: boolean): (placed: number, frames: number) => void {
  let nextMs = 0;
  return (placed, frames) => {
    if (quiet || !process.stderr.isTTY) return;
    const nowMs = systemTime.clock();
    if (placed < frames && nowMs < nextMs) return;
    nextMs = nowMs + 1000;
    process.stderr.write(`\r${placed} of ${frames} frames sent${placed === frames ? '\n' : ''}`);
  };
}

const sentence = (report: ReplayReport): string =>
  `${report.node}: ${report.frames} frames acknowledged, ${report.readings} readings and ` +
  `${report.waveformSamples} waveform samples from ${report.from} to ${report.to}.\n`;

const random = (lengthBytes: number): Uint8Array => new Uint8Array(randomBytes(lengthBytes));
