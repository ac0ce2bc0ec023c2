// Draws the swim lanes on a canvas: 60 × 192 cells take 37 ms so, and 268 ms as SVG.
import type { Lanes, Severity } from '../api/types';
import { severityOf } from '../words/severity';
import { axisTimes, height, left, position, ROW, type Cell, type Grid } from './layout';

/** Height of a cell within its lane, in px; the rest is the gap. */
const CELL = 15;

/** Width of cells from which there is room for a gap between them, in px. */
const SPACED = 4;

/** Width from which the mark of critical cells can be read, in px. */
const READABLE = 5;

export interface Look {
  severity: Record<Severity, string>;
  /** Cells in which nothing is unusual. */
  calm: string;
  /** The dash of cells that still learn. */
  learning: string;
  /** On critical cells. */
  mark: string;
  text: string;
  focus: string;
  font: string;
}

export interface Marks {
  /** Has the keyboard's or the pointer's attention. */
  cursor: Cell | null;
  picked: Cell | null;
}

export type Pen = Pick<
  CanvasRenderingContext2D,
  'fillRect' | 'clearRect' | 'strokeRect' | 'fillText' | 'fillStyle' | 'strokeStyle' | 'lineWidth' | 'font' | 'textAlign'
>;

/** Draw lanes, axis and marks; `labels` are those of `axisTimes`. */
export function paint(pen: Pen, lanes: Lanes, grid: Grid, marks: Marks, labels: readonly string[], look: Look): void {
  pen.clearRect(0, 0, grid.width, height(grid));
  pen.font = look.font;
  pen.textAlign = 'center';
  for (let row = 0; row < grid.rows; row++) paintLane(pen, lanes.rows[row]!.scores, row, grid, look);
  paintAxis(pen, lanes, grid, labels, look);
  if (marks.picked) outline(pen, marks.picked, grid, look.focus, 2);
  if (marks.cursor) outline(pen, marks.cursor, grid, look.text, 1);
}

function paintLane(pen: Pen, scores: readonly (number | null)[], row: number, grid: Grid, look: Look): void {
  const top = row * ROW + (ROW - CELL) / 2;
  const gap = grid.width / grid.columns >= SPACED ? 1 : 0;
  for (let column = 0; column < grid.columns; column++) {
    const score = scores[column];
    if (score === null || score === undefined) continue;
    const x = left(column, grid);
    const width = left(column + 1, grid) - x;
    if (score < 0) {
      pen.fillStyle = look.learning;
      pen.fillRect(x, row * ROW + ROW / 2, width - gap, 1);
      continue;
    }
    const severity = severityOf(score);
    pen.fillStyle = severity ? look.severity[severity] : look.calm;
    pen.fillRect(x, top, width - gap, CELL);
    if (severity !== 'critical' || width < READABLE) continue;
    pen.fillStyle = look.mark;
    pen.fillText('!', x + (width - gap) / 2, top + CELL - 4);
  }
}

function paintAxis(pen: Pen, lanes: Lanes, grid: Grid, labels: readonly string[], look: Look): void {
  const start = Date.parse(lanes.start) / 1000;
  const base = height(grid) - 4;
  pen.fillStyle = look.text;
  axisTimes(start, lanes.step_seconds, grid).forEach((time, index) => {
    const x = position(time, start, lanes.step_seconds, grid);
    // a label that would be cut at an edge is left out
    if (x >= 16 && x <= grid.width - 16) pen.fillText(labels[index] ?? '', x, base);
  });
}

function outline(pen: Pen, cell: Cell, grid: Grid, color: string, width: number): void {
  const x = left(cell.column, grid);
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.strokeRect(x - 1, cell.row * ROW + 0.5, left(cell.column + 1, grid) - x + 1, ROW - 1);
}
