/**
 * `vitalshare up`: a whole ward on this machine. The gateway and every data server are processes of
 * their own with a folder of their own, exactly as on separate hosts.
 */
import {
  type Call,
  type Command,
  integerOption,
  textOption,
  UserError,
} from '@vitalshare/edge/command/node';
import { isLogJson, LOG_OPTION } from '@vitalshare/edge/command/say/node';
import { findScenario, shippedText } from '../scenarios/find-scenario.ts';
import { type ScenarioPatient, sooner } from '../scenarios/scenario.ts';
import { checkSharing } from './choice.ts';
import { makeLogTeller } from './log-teller.ts';
import { runWorld, type WorldOptions } from './run-world.ts';
import { makeTeller } from './status-line.ts';
import { machineTools } from './tools.ts';

const help = `
usage: vitalshare up [--dir .vitalshare] [--servers 3] [--threshold 1] [--beds 6] [options]

Runs a ward: data servers, gateway with its page, simulated beds. The first start makes the keys;
later starts go on with the same world. Ctrl-C stops it.

  --dir             the world's folder (.vitalshare)
  --servers         data servers, 2 to 16 (3); fixed at the first start
  --threshold       this many servers together learn nothing (1); fixed at the first start
  --minimum-cohort  no statistic over fewer patients than this (5); fixed at the first start.
                    1 lets a statistic be one patient's: for trying things out only
  --beds            simulated beds, 0 to 500 (6, or as many as the scenario has patients)
  --no-bodies       no simulated beds at all
  --seed            seed of the simulated bodies, never of keys (1)
  --scenario        what the beds live: a name below, or a file of JSON
                    (simulator/scenarios/scenario.schema.json); bed k lives its patient k, the
                    beds beyond them are at rest
  --speed           the scenario's clock passes so many times faster, 1 to 1000 (1): states,
                    rhythms, artefacts and silences come and go sooner; hearts beat and
                    alarms wait in real time, so what becomes too short for them raises none
  --port            port of the page (8080), 0 for a free one
  --mqtt-port       port of the broker (1883), 0 for a free one
  --acknowledge     durable (default): a frame is acknowledged when it is on the gateway's disk;
                    held: when threshold + 1 data servers have it on theirs
  --joint           every data server also answers \`stats --engine paillier\` (off): for trying out,
                    for there a server that cheats together with a reader can open others' shares
  --metrics-port    port where the beds say how they are (/metrics, /readyz), 0 for a free one
  --log json        one JSON object a line, from every party: time, level, party, event, text
  --json            one JSON object a line: waiting, ready, statistic, status, ended, back, stopped

A party that ends is named with the command that starts it again; up does not do it by itself.

Scenarios:
${shippedText()}
`;

export const command: Command = {
  help,
  options: {
    dir: { type: 'string' },
    servers: { type: 'string' },
    threshold: { type: 'string' },
    'minimum-cohort': { type: 'string' },
    beds: { type: 'string' },
    'no-bodies': { type: 'boolean' },
    seed: { type: 'string' },
    scenario: { type: 'string' },
    speed: { type: 'string' },
    port: { type: 'string' },
    'mqtt-port': { type: 'string' },
    acknowledge: { type: 'string' },
    joint: { type: 'boolean' },
    'metrics-port': { type: 'string' },
    json: { type: 'boolean' },
    ...LOG_OPTION,
  },
  positionalsMax: 0,
  run(call) {
    const options = optionsOf(call);
    const { servers = 3, threshold = 1 } = options.asked;
    checkSharing({ servers, threshold });
    const teller = isLogJson(call)
      ? makeLogTeller(process.stdout, machineTools.clock)
      : makeTeller(process.stdout, call.values['json'] === true);
    return runWorld(options, teller, machineTools);
  },
};

function optionsOf(call: Call): WorldOptions {
  const acknowledge = textOption(call, 'acknowledge', 'durable');
  if (acknowledge !== 'durable' && acknowledge !== 'held') {
    throw new UserError('--acknowledge is durable or held.', 2);
  }
  const given = (name: string, min: number, max: number): number | undefined =>
    call.values[name] === undefined ? undefined : integerOption(call, name, min, min, max);
  const patients = patientsOf(call);
  const beds = Math.max(BEDS_DEFAULT, patients.length);
  return {
    dir: textOption(call, 'dir', '.vitalshare'),
    asked: {
      servers: given('servers', 2, 16),
      threshold: given('threshold', 1, 15),
      minimumCohort: given('minimum-cohort', 1, 1_000_000),
    },
    ports: { http: given('port', 0, 65_535), mqtt: given('mqtt-port', 0, 65_535) },
    beds: call.values['no-bodies'] === true ? 0 : integerOption(call, 'beds', beds, 0, BEDS_MAX),
    acknowledge,
    joint: call.values['joint'] === true,
    seed: integerOption(call, 'seed', 1, 0, 2 ** 31 - 1),
    patients,
    metricsPort: given('metrics-port', 0, 65_535),
    logJson: isLogJson(call),
  };
}

const BEDS_DEFAULT = 6;
const BEDS_MAX = 500;
const SPEED_MAX = 1_000;

/** None where no scenario is asked for. */
function patientsOf(call: Call): ScenarioPatient[] {
  const speed = integerOption(call, 'speed', 1, 1, SPEED_MAX);
  const asked = textOption(call, 'scenario', '');
  if (asked !== '') {
    return findScenario(asked).scenario.patients.map((patient) => sooner(patient, speed));
  }
  if (call.values['speed'] === undefined) return [];
  throw new UserError('--speed is of a scenario; name one with --scenario.', 2);
}
