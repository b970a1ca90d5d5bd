import { describe, expect, it } from 'vitest';
import { parseAddresses } from './addresses.ts';

const FOLDER = { gateway: 'http://127.0.0.1:8080', dataServers: ['http://a', 'http://b'] };

describe('addresses.json', () => {
  it('has no origins unless it says so [PROTO-28]', () => {
    expect(parseAddresses(FOLDER, 2).origins).toBeUndefined();
    const origins = ['https://ward.example', 'http://127.0.0.1:9000'];
    expect(parseAddresses({ ...FOLDER, origins }, 2).origins).toEqual(origins);
  });

  it.each([
    '*',
    'null',
    'https://*.example',
    'https://ward.example/',
    'https://ward.example/page',
    'https://WARD.example',
    'https://ward.example:443',
    'ward.example',
    'file:///x',
    7,
  ])('refuses %s as an origin: a browser never sends it so', (origin) => {
    const text = { ...FOLDER, origins: ['https://ward.example', origin] };
    expect(() => parseAddresses(text, 2)).toThrow(/^origins\[1\]/);
  });

  it('refuses anything but a short list', () => {
    expect(() => parseAddresses({ ...FOLDER, origins: 'https://ward.example' }, 2)).toThrow(
      TypeError,
    );
    const many = Array.from({ length: 17 }, (_, i) => `https://ward-${i}.example`);
    expect(() => parseAddresses({ ...FOLDER, origins: many }, 2)).toThrow('at most 16');
  });
});
