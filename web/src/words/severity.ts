// The severity scale: a colour, a shape and a word; never the colour alone.
import type { Severity } from '../api/types';

export const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high', 'critical'];

/** Lowest score of each severity. */
export const FROM: Record<Severity, number> = { low: 25, medium: 50, high: 70, critical: 90 };

/** Return the severity of a score of 0–100; null below the lowest. */
export function severityOf(score: number): Severity | null {
  return SEVERITIES.findLast((name) => score >= FROM[name]) ?? null;
}

/** Outline of each shape in a box of 12 × 12, for SVG and canvas alike. */
export const SHAPES: Record<Severity, string> = {
  low: 'M6 1.5A4.5 4.5 0 1 1 6 10.5A4.5 4.5 0 1 1 6 1.5Z',
  medium: 'M6 1L11.5 10.5H.5Z',
  high: 'M6 .5L11.5 6L6 11.5L.5 6Z',
  critical: 'M3.25 1.25H8.75L11.5 6L8.75 10.75H3.25L.5 6Z',
};
