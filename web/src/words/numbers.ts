// Numbers as people say them; the same rules as the server's sentences.

type Scale = readonly (readonly [number, string])[];

const SECONDS: Scale = [[1, 's'], [1e-3, 'ms'], [1e-6, 'µs']];
const BYTES: Scale = [[2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB'], [1, 'B']];
const COUNTS: Scale = [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']];

/** Counts below it are said in full. */
const LARGE = 10_000;

/** Return a value with its unit (UCUM): `1.84 s`, `6.1 %`, `2 KiB`. */
export function amount(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return 'unknown';
  if (unit === 's') return scaled(value, SECONDS);
  if (unit === 'By') return scaled(value, BYTES);
  if (unit === '1') return `${short(100 * value)} %`;
  return count(value);
}

/** Return a band; the unit is said once where both ends share it. */
export function span(lower: number | null | undefined, upper: number | null | undefined, unit: string): string {
  const [low, high] = [amount(lower, unit), amount(upper, unit)];
  if (low === high) return low;
  const [number, name] = low.split(' ');
  if (!name) return `${low}–${high}`;
  return high.endsWith(` ${name}`) ? `${number}–${high}` : `${low} – ${high}`;
}

/** Return a number without a unit, in thousands or millions from 10 000 upwards. */
export function count(value: number): string {
  return Math.abs(value) >= LARGE ? scaled(value, COUNTS) : short(value);
}

/** Return `1 event`, `2 events`, `12 k events`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

function scaled(value: number, scale: Scale): string {
  const least = scale[scale.length - 1]!;
  const step = value === 0 ? scale.find(([size]) => size === 1) : scale.find(([size]) => Math.abs(value) >= size);
  const [size, name] = step ?? least;
  return `${short(value / size)} ${name}`;
}

/** Three significant digits, all of them for larger whole numbers. */
function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
