// Where the cells of the swim lanes stand.

/** Height of a lane and of the time axis, in px. */
export const ROW = 18;
export const AXIS = 18;

/** Least distance between two labels of the axis, in px. */
const APART = 64;

const STEPS = [60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];

export interface Grid {
  rows: number;
  columns: number;
  /** Of all cells, in px. */
  width: number;
}

export interface Cell {
  row: number;
  column: number;
}

/** Return the left edge of a column; that of the one after the last is the right edge of all. */
export function left(column: number, grid: Grid): number {
  return Math.round((column * grid.width) / grid.columns);
}

/** Return the height of lanes and axis together. */
export function height(grid: Grid): number {
  return grid.rows * ROW + AXIS;
}

/** Return the cell at a point, or null outside of all. */
export function cellAt(x: number, y: number, grid: Grid): Cell | null {
  const row = Math.floor(y / ROW);
  const column = Math.floor((x / grid.width) * grid.columns);
  const inside = row >= 0 && row < grid.rows && column >= 0 && column < grid.columns;
  return inside ? { row, column } : null;
}

/** Return the round times (s) for which there is room on the axis. */
export function axisTimes(start: number, step: number, grid: Grid): number[] {
  const span = step * grid.columns;
  const room = Math.max(1, Math.floor(grid.width / APART));
  const every = STEPS.find((seconds) => span / seconds <= room) ?? STEPS[STEPS.length - 1]!;
  const first = Math.ceil(start / every) * every;
  const times: number[] = [];
  for (let time = first; time <= start + span; time += every) times.push(time);
  return times;
}

/** Return where a time (s) stands, in px. */
export function position(time: number, start: number, step: number, grid: Grid): number {
  return ((time - start) / step / grid.columns) * grid.width;
}
