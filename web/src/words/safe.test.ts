import { describe, expect, it } from 'vitest';

import { cleaned, shown } from './safe';

describe('shown', () => {
  it('leaves text of every script as it is', () => {
    const text = 'POST /checkout <b> "x" Ünïcode 漢字 عربى 🙂\ttab\nline';
    expect(shown(text)).toBe(text);
  });

  it.each([
    ['\u001b[31mred', '⟨U+001B⟩[31mred'],
    ['gpj.\u202eexe', 'gpj.⟨U+202E⟩exe'],
    ['a\u200bb', 'a⟨U+200B⟩b'],
    ['\u2066x\u2069', '⟨U+2066⟩x⟨U+2069⟩'],
    ['\u0000', '⟨U+0000⟩'],
    ['\r', '⟨U+000D⟩'],
    ['\u009b1m', '⟨U+009B⟩1m'],
    ['\ufeff', '⟨U+FEFF⟩'],
  ])('marks what lies: %j', (text, words) => {
    expect(shown(text)).toBe(words);
  });
});

describe('cleaned', () => {
  it('reaches every text of a document', () => {
    const found = cleaned({ title: '\u001b', explanation: { evidence: ['a\u202eb'] }, score: 3, ended_at: null });
    expect(found).toEqual({ title: '⟨U+001B⟩', explanation: { evidence: ['a⟨U+202E⟩b'] }, score: 3, ended_at: null });
  });

  it('leaves the names by which the server knows things', () => {
    const handles = { id: '\u200b', segment: '\u202e', feature: '\u001b' };
    expect(cleaned({ items: [handles] })).toEqual({ items: [handles] });
  });

  it('can be done twice', () => {
    const once = cleaned({ title: '\u001b' });
    expect(cleaned(once)).toEqual(once);
  });

  it('does not trip over names from prototypes', () => {
    const found = cleaned(JSON.parse('{"__proto__": {"evil": true}, "constructor": "x"}') as Record<string, unknown>);
    expect((found as { evil?: boolean }).evil).toBeUndefined();
  });
});
