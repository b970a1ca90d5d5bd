/**
 * `vitalshare audit <vital>…`: do the shares the servers keep fit together? For a researcher or the
 * administrator of a data server; nobody learns a reading. And `--evidence`: does a file prove what
 * it says against a server?
 *
 * Exit codes: 0 they fit, or the evidence holds; 1 they do not, or no answer; 2 a wrong call.
 */
import { join } from 'node:path';
import { type Call, type Command, textOption, UserError } from '@vitalshare/edge/command/node';
import { verify } from '@vitalshare/edge/identity/node';
import { loadMember, loadParty } from '@vitalshare/edge/keys/node';
import { existsSync } from 'node:fs';
import { askAudit, type AuditResult } from './audit.ts';
import { asUserError, machine, tell } from './command-options.ts';
import { counted, listed, serverList } from './errors.ts';
import { EvidenceError, verifyEvidence } from './evidence.ts';
import { readEvidence } from './evidence-file.ts';
import { questionOf } from './stats-command.ts';

const HELP = `
Check that the shares which the data servers keep fit together. Each server first commits to its
shares and then sends two random combinations of them, masked, so nobody learns a reading.

  vitalshare audit <vital>… [options]
  vitalshare audit --evidence <file> [--dir <folder>]

Options
  --from <time>, --to <time>    as in \`vitalshare stats\`
  --where <label=value>         only stays with this label; may be given several times
  --stays <a,b>                 only these stays
  --evidence <file>             check instead a file that \`vitalshare stats --evidence\` wrote; any
                                party's folder will do, for it needs the configuration alone
  --dir <folder>                the world, or the own folder of a researcher or data server
                                (.vitalshare)
  --json                        one line of JSON

With 2t + 1 servers that agree a server whose shares are wrong is named; with fewer it shows that one
is wrong, not which. Its administrator then stops it, removes its store/ and starts it again: the
shares come back from the log.
`;

export const command: Command = {
  help: HELP,
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    where: { type: 'string', multiple: true },
    stays: { type: 'string', multiple: true },
    evidence: { type: 'string' },
    dir: { type: 'string' },
    json: { type: 'boolean' },
  },
  run,
};

async function run(call: Call): Promise<number> {
  const dir = textOption(call, 'dir', '.vitalshare');
  const folder = existsSync(join(dir, 'identity.json')) ? dir : join(dir, 'researcher');
  const isJson = call.values['json'] === true;
  if (call.values['evidence'] !== undefined) return checkEvidence(call, folder, isJson);
  if (call.positionals.length === 0) throw new UserError('Name a vital sign. See --help.', 2);
  const named = { ...call, positionals: ['count', ...call.positionals] };
  const question = questionOf(named, machine.clock());
  const party = loadParty(folder);
  const { role } = party.identity;
  if (role !== 'researcher' && role !== 'data-server') {
    throw new UserError(`${folder} is of a ${role}; an audit needs a researcher or a data server.`);
  }
  const { result, notes } = await asUserError(() => askAudit(party, question, { world: machine }));
  tell('audit', notes);
  process.stdout.write(`${isJson ? JSON.stringify(result) : sentenceOf(result)}\n`);
  return result.verdict === 'detected' || result.named.length > 0 ? 1 : 0;
}

function checkEvidence(call: Call, folder: string, isJson: boolean): number {
  const file = textOption(call, 'evidence', '');
  const { configuration } = loadMember(folder);
  try {
    const proven = readEvidence(file).map((each) => verifyEvidence(configuration, each, verify));
    const lines = proven.map(
      ({ named, question, asker }) =>
        `${file} proves that ${serverList(named)} answered a question about ` +
        `${listed('vital' in question ? [question.vital] : question.vitals)} wrongly, asked by ${asker}.`,
    );
    process.stdout.write(`${isJson ? JSON.stringify(proven) : lines.join('\n')}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new UserError(`${file} proves nothing: ${error.message}.`);
  }
}

function sentenceOf({ vitals, count, servers, verdict, named }: AuditResult): string {
  const what = `${counted(count, 'share')} of ${listed(vitals)} at ${serverList(servers)}`;
  if (named.length > 0) {
    const does =
      named.length === 1
        ? 'keeps wrong shares or miscounts them'
        : 'keep wrong shares or miscount them';
    return `${serverList(named)} ${does}, of ${what}.`;
  }
  return verdict === 'detected'
    ? `${what} do not fit together: at least one server keeps a wrong one.`
    : `${what} fit together (${verdict}).`;
}
