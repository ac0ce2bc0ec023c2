import { describe, expect, it } from 'vitest';

import { placeOf } from './place';

describe('placeOf', () => {
  it('names the tier where it is known', () => {
    expect(placeOf({ segment: 'prod/orders-db', tier: 'database' })).toBe('prod/orders-db · database');
    expect(placeOf({ segment: 'web', tier: '' })).toBe('web');
  });

  it('says so where no service has a name', () => {
    expect(placeOf({ segment: '', tier: '' })).toBe('everywhere');
  });

  it('marks what lies', () => {
    expect(placeOf({ segment: 'web', tier: 'a\u202eb' })).toBe('web · a⟨U+202E⟩b');
  });
});
