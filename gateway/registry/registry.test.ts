import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash, randomBytes } from 'node:crypto';
import { runCommand } from '@vitalshare/edge/command/node';
import { parseCredential } from '@vitalshare/edge/loop';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { entryJson, parseEntry } from './entry.ts';
import { enroll, relabel } from './enroll.ts';
import { command } from './enroll-command.ts';
import { nodeFiles, writeEntry } from './node-files.ts';
import { Registry } from './registry.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const enrolment = { node: 'n1', labels: { ward: 'A' }, mqttUrl: 'mqtt://127.0.0.1:1883' };
const folder = mkdtempSync(join(tmpdir(), 'vitalshare-registry-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('enrolment', () => {
  it('keeps the hash of the password and carries the same keys away', () => {
    const { entry, credential } = enroll(enrolment, random);
    const hash = createHash('sha256').update(credential.password).digest();
    expect([...entry.passwordHash]).toEqual([...hash]);
    expect([entry.upKey, entry.downKey]).toEqual([credential.upKey, credential.downKey]);
    expect([...entry.upKey]).not.toEqual([...entry.downKey]);
    expect(entry).toMatchObject({ stay: 'n1', admitted: false, revoked: false });
    expect(JSON.stringify(entryJson(entry))).not.toContain(credential.password);
  });

  it('draws an id below 2^63, so that a tag has its top bit free [PROTO-8]', () => {
    const { entry } = enroll(enrolment, (length) => new Uint8Array(length).fill(0xff));
    expect(entry.id).toBe(2n ** 63n - 1n);
  });

  it('keeps everything but the labels when a node is enrolled again', () => {
    const { entry } = enroll(enrolment, random);
    expect(relabel(entry, { ward: 'B' })).toEqual({ ...entry, labels: { ward: 'B' } });
  });

  it.each(['', 'A', '-a', 'a/b', 'a+', '..', 'x'.repeat(33)])('refuses the name %j', (node) => {
    expect(() => enroll({ ...enrolment, node }, random)).toThrow(TypeError);
  });
});

describe('a node file', () => {
  it('reads back what was written', () => {
    const { entry } = enroll(enrolment, random);
    expect(parseEntry(JSON.parse(JSON.stringify(entryJson(entry))))).toEqual(entry);
  });

  it('is refused with the field’s name and without its text, whatever is wrong in it', () => {
    const good = entryJson(enroll(enrolment, random).entry);
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(good)), fc.anything(), (field, value) => {
        if (JSON.stringify(good[field]) === JSON.stringify(value)) return;
        try {
          parseEntry({ ...good, [field]: value });
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          expect((error as Error).message).toContain(field);
        }
      }),
    );
  });
});

describe('the registry', () => {
  it('admits by name and password, at once after enrolment and never after revocation', async () => {
    const registry = new Registry(nodeFiles(folder), vi.fn());
    const { entry, credential } = enroll(enrolment, random);
    const password = Buffer.from(credential.password);
    expect(await registry.admit('n1', password)).toBe(false);
    await writeEntry(folder, entry);
    expect(await registry.admit('n1', password)).toBe(true);
    expect(await registry.admit('n1', Buffer.from('guess'))).toBe(false);
    expect(await registry.admit('n2', password)).toBe(false);
    expect(await registry.admit('../n1', password)).toBe(false);
    await writeEntry(folder, { ...entry, revoked: true });
    expect(await registry.admit('n1', password)).toBe(false);
    expect(registry.get('n1')).toBeUndefined();
  });

  it('keeps what it knows of a node while its file cannot be read', async () => {
    const { entry, credential } = enroll({ ...enrolment, node: 'n4' }, random);
    let answer = (): Promise<typeof entry | undefined> => Promise.resolve(entry);
    const said = vi.fn();
    const names = (): Promise<string[]> => Promise.resolve(['n4']);
    const registry = new Registry({ read: () => answer(), names }, said);
    await registry.loadAll();
    const failing = Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    answer = () => Promise.reject(failing);
    expect(await registry.loadAll()).toEqual([]);
    expect(registry.get('n4')).toBe(entry);
    expect(await registry.admit('n4', Buffer.from(credential.password))).toBe(true);
    expect(said).toHaveBeenCalledWith('n4', failing);
    answer = () => Promise.reject(new TypeError('the file is not JSON'));
    expect(await registry.loadAll()).toEqual(['n4']);
  });

  it('tells of a damaged file and goes on', async () => {
    const damaged = vi.fn();
    const registry = new Registry(nodeFiles(folder), damaged);
    writeFileSync(join(folder, 'nodes', 'n3.json'), '{"node": "n3", "upKey": "secret"');
    await registry.loadAll();
    expect(damaged).toHaveBeenCalledOnce();
    expect(String(damaged.mock.calls[0]![1])).not.toContain('secret');
  });
});

describe('vitalshare enroll', () => {
  const out: string[] = [];
  const run = async (...argv: string[]): Promise<number> => {
    out.length = 0;
    const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out.push(String(text));
      return true;
    });
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      out.push(String(text));
      return true;
    });
    try {
      return await runCommand('enroll', command, argv);
    } finally {
      stdout.mockRestore();
      stderr.mockRestore();
    }
  };

  it.each([
    [[], 2, 'name the node'],
    [['Bed 1'], 2, 'no name for a node'],
    [['n1', 'n2'], 2, 'one node at a time'],
    [['n1', '--label', 'ward'], 2, 'key=value'],
    [['n1', '--label', 'a=1', '--label', 'a=2'], 2, 'given twice'],
    [['n1', '--label', 'ward=A B'], 2, '--label: labels must be'],
    [['n1', '--dir', '/nowhere'], 1, 'no world in /nowhere'],
  ])('explains %j in one sentence', async (argv, exitCode, words) => {
    expect(await run(...argv)).toBe(exitCode);
    expect(out.join('')).toContain(words);
    expect(out.join('').trim().split('\n')).toHaveLength(1);
  });

  it('writes the node file and the credential, then only labels', async () => {
    const { makeWorldFolder } = await import('../world.fixture.ts');
    const dir = makeWorldFolder(folder);
    expect(await run('bed-1', '--dir', dir, '--label', 'ward=A', '--json')).toBe(0);
    const first = JSON.parse(out.join('')) as { credential: string; new: boolean };
    expect(first.new).toBe(true);
    expect(first.credential).toBe(join(dir, 'nodes', 'bed-1', 'credential.json'));
    const text = readFileSync(first.credential, 'utf8');
    expect(parseCredential(text)).toMatchObject({
      node: 'bed-1',
      mqttUrl: 'mqtt://127.0.0.1:1883',
    });
    expect(statSync(first.credential).mode & 0o777).toBe(0o600);
    expect(await run('bed-1', '--dir', dir, '--label', 'ward=B', '--json')).toBe(0);
    expect(JSON.parse(out.join(''))).toMatchObject({ new: false, labels: { ward: 'B' } });
    expect(readFileSync(first.credential, 'utf8')).toBe(text);
  });
});
