/**
 * `vitalshare catalogue`: what there is to ask about, for a researcher.
 *
 * Made of what the data servers know anyway: who is pseudonymous, which vital sign is present when.
 * Exit codes: 0; 1 no answer (servers missing); 2 an unknown option.
 */
import type { Call, Command } from '@vitalshare/edge/command/node';
import { askCatalogues } from './catalogue.ts';
import { type CatalogueReport, reportOf } from './catalogue-report.ts';
import { faultLines, tooFew, without } from './ask.ts';
import { asUserError, machine, partyOf, tell } from './command-options.ts';
import { counted, serverList } from './errors.ts';
import type { ReaderParty } from './party.ts';
import type { ServerFault } from './request.ts';
import { takeSnapshot } from './snapshot.ts';
import type { Surroundings } from './surroundings.ts';
import { table } from './text-table.ts';
import { utcOf } from './utc.ts';

const HELP = `
List what there is to ask about: vital signs and how well they are covered, labels and who carries
them. No reading is among it, and no name.

  vitalshare catalogue [options]

Options
  --dir <folder>   the world, or the researcher's own folder (.vitalshare)
  --json           one line of JSON

"present" is the share of the seconds between the first and the last reading of each stay that have
a reading: 97.1 % means that 2.9 % are missing. A fact is listed as enough servers tell it.

Examples
  vitalshare catalogue
  vitalshare catalogue --json
`;

export const command: Command = {
  help: HELP,
  options: { dir: { type: 'string' }, json: { type: 'boolean' } },
  positionalsMax: 0,
  run,
};

async function run(call: Call): Promise<number> {
  const party = partyOf(call, 'researcher');
  const { report, servers, faults } = await asUserError(() => askReport(party, machine));
  tell('catalogue', faultLines(party, faults));
  const text =
    call.values['json'] === true
      ? JSON.stringify({ ...inTimes(report), servers })
      : catalogueText(report, servers);
  process.stdout.write(`${text}\n`);
  return 0;
}

interface ReportAnswer {
  readonly report: CatalogueReport;
  /** Whose catalogues it is made of. */
  readonly servers: readonly number[];
  readonly faults: readonly ServerFault[];
}

/** Throws ReaderError where fewer than t + 1 servers tell. */
async function askReport(party: ReaderParty, world: Surroundings): Promise<ReportAnswer> {
  const { threshold } = party.configuration;
  const needed = threshold + 1;
  const what = 'the catalogue';
  const snapshot = await takeSnapshot(party, world, { needed, what });
  const asking = { enough: needed, signal: undefined, servers: without(party, snapshot.faults) };
  const { answers, faults: failed } = await askCatalogues(party, world, snapshot.asOf, asking);
  const servers = answers.map(({ server }) => server);
  const faults = [...snapshot.faults, ...failed];
  if (servers.length < needed) throw tooFew(party, what, needed, servers, faults);
  const catalogues = answers.map(({ answer }) => answer);
  return { report: reportOf(catalogues, threshold), servers, faults };
}

const inTimes = (report: CatalogueReport): object => ({
  ...report,
  vitals: report.vitals.map((vital) => ({
    ...vital,
    from: utcOf(vital.from),
    to: utcOf(vital.to),
  })),
});

function catalogueText(report: CatalogueReport, servers: readonly number[]): string {
  const { patients, stays, vitals, labels } = report;
  const who = `${counted(stays, 'stay')} of ${counted(patients, 'patient')}`;
  const whole = `${who}, as ${serverList(servers)} tell.`;
  if (vitals.length === 0) return `${whole} No vital sign is recorded yet.`;
  const head = [
    'vital sign',
    'unit',
    'patients',
    'stays',
    'rows',
    'present',
    'first (UTC)',
    'last',
  ];
  const rows = vitals.map(({ name, unit, present, rows: count, ...vital }) => [
    ...[name, unit, String(vital.patients), String(vital.stays), String(count)],
    ...[`${(100 * present).toFixed(1)} %`, utcOf(vital.from), utcOf(vital.to - 1)],
  ]);
  const carried = Object.entries(labels).flatMap(([key, values]) =>
    Object.entries(values).map(([value, who]) => [
      ...[`${key}=${value}`, String(who.patients), String(who.stays)],
    ]),
  );
  const labelled =
    carried.length === 0
      ? 'No stay carries a label.'
      : table([['label', 'patients', 'stays'], ...carried], [0]);
  return [whole, '', table([head, ...rows], [0, 1]), '', labelled].join('\n');
}
