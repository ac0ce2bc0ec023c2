// Log content is the attacker's. The page only ever makes text nodes of it; what is left is text
// that lies about itself: characters that reorder, hide or overprint what stands around them.

const DECEITFUL =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** Names under which the server knows things: shown through `shown`, sent back as they came. */
const HANDLES = new Set(['id', 'segment', 'tier', 'feature', 'environment', 'service', 'operation']);

/** Return text in which control and direction characters stand as visible marks. */
export function shown(text: string): string {
  return text.replace(DECEITFUL, mark);
}

/** Return a document in which every text may be shown, but for the handles. */
export function cleaned<T>(value: T, key = ''): T {
  if (typeof value === 'string') return (HANDLES.has(key) ? value : shown(value)) as T;
  if (Array.isArray(value)) return value.map((item) => cleaned(item, key)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, cleaned(part, name)])) as T;
}

function mark(character: string): string {
  const code = character.charCodeAt(0);
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
