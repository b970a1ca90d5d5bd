import { describe, expect, it } from 'vitest';
import { CredentialError, formatCredential, parseCredential } from './loop.ts';

const key = (byte: number) => new Uint8Array(32).fill(byte);
const credential = {
  ...{ node: 'bed-7', mqttUrl: 'mqtt://127.0.0.1:1883', password: 'correct horse', keyEpoch: 3 },
  ...{ upKey: key(0xfa), downKey: key(0xfb) },
};
const file = {
  ...{ vitalshare: 'node-credential', version: 1, node: 'bed-7' },
  ...{ mqttUrl: 'mqtt://127.0.0.1:1883', password: 'correct horse', keyEpoch: 3 },
  upKey: '-vr6-vr6-vr6-vr6-vr6-vr6-vr6-vr6-vr6-vr6-vo',
  downKey: '-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s',
};

function refusal(text: string): CredentialError {
  try {
    parseCredential(text);
  } catch (error) {
    if (error instanceof CredentialError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('a node credential', () => {
  it('is this file', () => {
    const written = JSON.parse(formatCredential(credential)) as object;
    expect(written).toEqual({ ...file, sum: expect.stringMatching(/^[\w-]{16}$/) as string });
    expect(parseCredential(JSON.stringify(file))).toEqual(credential);
  });

  const wrong: [string, string, unknown][] = [
    ['not-json', 'text', 'not json SECRET'],
    ['not-json', 'an array', [file]],
    ['not-a-credential', 'another file', { ...file, vitalshare: 'SECRET' }],
    ['unknown-version', 'a later version', { ...file, version: 2 }],
    ['bad-sum', 'a checksum that does not fit', { ...file, sum: 'SECRET' }],
    ['bad-field', 'a field of its own', { ...file, SECRET: 1 }],
    ['bad-field', 'no node', { ...file, node: undefined }],
    ['bad-field', 'a node that is no name', { ...file, node: '../SECRET' }],
    ['bad-field', 'another protocol', { ...file, mqttUrl: 'http://SECRET' }],
    ['bad-field', 'a password in the url', { ...file, mqttUrl: 'mqtt://bed-7:SECRET@127.0.0.1' }],
    ['bad-field', 'an empty password', { ...file, password: '' }],
    ['bad-field', 'an epoch beyond 16 bits', { ...file, keyEpoch: 65_536 }],
    ['bad-field', 'a short key', { ...file, upKey: 'SECRET' }],
    ['bad-field', 'a padded key', { ...file, downKey: `${file.downKey}=` }],
    ['bad-field', 'a key that is a number', { ...file, downKey: 5 }],
  ];
  it.each(wrong)('is refused as %s: %s, without a secret in the error', (code, _name, value) => {
    const error = refusal(typeof value === 'string' ? value : JSON.stringify(value));
    expect(error.code).toBe(code);
    expect(String(error.stack)).not.toMatch(/SECRET|correct horse|-vr6|-_v7/);
    expect(error.cause).toBeUndefined();
  });
});
