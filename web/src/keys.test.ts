import { describe, expect, it } from 'vitest';

import { KeyReader } from './keys';

const plain = { ctrlKey: false, metaKey: false, altKey: false };

function read(...keys: [string, number][]): (string | null)[] {
  const reader = new KeyReader();
  return keys.map(([key, at]) => reader.read({ key, ...plain }, at));
}

describe('KeyReader', () => {
  it.each([
    ['j', 'next'],
    ['k', 'previous'],
    ['y', 'real'],
    ['e', 'expected'],
    ['n', 'noise'],
    ['t', 'table'],
    ['?', 'help'],
    ['Escape', 'back'],
    ['x', null],
    ['Enter', null],
  ])('reads %s as %s', (key, command) => {
    expect(read([key, 0])).toEqual([command]);
  });

  it('reads a pair whose second key follows soon', () => {
    expect(read(['g', 0], ['i', 900])).toEqual([null, 'incidents']);
    expect(read(['g', 0], ['o', 10])).toEqual([null, 'overview']);
  });

  it('forgets the first key after a second', () => {
    expect(read(['g', 0], ['i', 1500])).toEqual([null, null]);
  });

  it('does not take the second key of a pair for itself', () => {
    expect(read(['g', 0], ['n', 10])).toEqual([null, null]);
    expect(read(['g', 0], ['n', 10], ['n', 20])).toEqual([null, null, 'noise']);
  });

  it('does not take a pair for the beginning of another', () => {
    expect(read(['g', 0], ['g', 10], ['i', 20])).toEqual([null, null, null]);
  });

  it.each(['ctrlKey', 'metaKey', 'altKey'])('leaves keys with %s to the browser', (modifier) => {
    expect(new KeyReader().read({ key: 'n', ...plain, [modifier]: true }, 0)).toBeNull();
  });

  it('does not trip over names from prototypes', () => {
    expect(read(['constructor', 0], ['toString', 1])).toEqual([null, null]);
  });
});
