// The lanes by keyboard: where a key leads, and what is said of a cell.
import type { Lanes } from '../api/types';
import { shown } from '../words/safe';
import { severityOf } from '../words/severity';
import { clock, day, type Zone } from '../words/time';
import type { Cell, Grid } from './layout';

/** Name of the lane that stands for all. */
export const ALL = 'all segments';

/** Return the cell that a key leads to, or null if the key does not move. */
export function moved(cell: Cell, key: string, grid: Pick<Grid, 'rows' | 'columns'>): Cell | null {
  const { row, column } = cell;
  const [down, right] = [grid.rows - 1, grid.columns - 1];
  switch (key) {
    case 'ArrowLeft':
      return { row, column: Math.max(0, column - 1) };
    case 'ArrowRight':
      return { row, column: Math.min(right, column + 1) };
    case 'ArrowUp':
      return { row: Math.max(0, row - 1), column };
    case 'ArrowDown':
      return { row: Math.min(down, row + 1), column };
    case 'Home':
      return { row, column: 0 };
    case 'End':
      return { row, column: right };
    default:
      return null;
  }
}

/** Return where a cell begins, in seconds. */
export function cellTime(lanes: Lanes, column: number): number {
  return Date.parse(lanes.start) / 1000 + column * lanes.step_seconds;
}

/** Return the column of a time in seconds, or null outside of the lanes. */
export function columnOf(lanes: Lanes, time: number): number | null {
  const column = Math.floor((time - Date.parse(lanes.start) / 1000) / lanes.step_seconds);
  return column >= 0 && column < lanes.cells ? column : null;
}

/** Return what a cell says: segment, time, score, severity. */
export function spoken(lanes: Lanes, cell: Cell, zone: Zone): string {
  const lane = lanes.rows[cell.row];
  if (!lane) return '';
  const from = cellTime(lanes, cell.column) * 1000;
  const until = from + lanes.step_seconds * 1000;
  const when = `${day(from, zone)}, ${clock(from, zone)} to ${clock(until, zone)}`;
  return `${shown(lane.segment)}, ${when}: ${scoreWords(lane.scores[cell.column])}`;
}

/** Return a cell's score in words. */
export function scoreWords(score: number | null | undefined): string {
  if (score === null || score === undefined) return 'no data';
  if (score < 0) return 'still learning';
  return `score ${Math.round(score)}, ${severityOf(score) ?? 'nothing unusual'}`;
}
