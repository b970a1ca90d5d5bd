import { describe, expect, it } from 'vitest';
import { identityContract } from './identity.contract.ts';
import * as browser from './identity.ts';
import * as node from './node.ts';
import { recent } from './recent.ts';

identityContract('@vitalshare/edge/identity', browser, node);
identityContract('@vitalshare/edge/identity/node', node, browser);

describe('recent', () => {
  it('makes once, forgets the oldest first, and keeps no more than its limit', () => {
    const made: string[] = [];
    const get = recent(2, (key) => {
      made.push(key);
      return { key };
    });
    expect(get('a')).toBe(get('a'));
    get('b');
    get('c');
    get('b');
    expect(made).toEqual(['a', 'b', 'c']);
    get('a');
    expect(made).toEqual(['a', 'b', 'c', 'a']);
  });
});
