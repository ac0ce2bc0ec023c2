// A line against its expected band, drawn by uPlot: the severity as a ribbon, what is cut off marked at the edge.
import uPlot from 'uplot';

import type { Series, Severity } from '../api/types';
import { amount } from '../words/numbers';
import { severityOf } from '../words/severity';
import { tickLabels, type Zone } from '../words/time';
import { excesses, type Extent } from './extent';

export interface Look {
  line: string;
  expected: string;
  band: string;
  grid: string;
  text: string;
  severity: Record<Severity, string>;
  font: string;
}

export interface Frame {
  width: number;
  height: number;
  extent: Extent;
  zone: Zone;
  /** Charts of the same name share their cursor. */
  sync?: string;
  /** Told the row under the pointer, null when it leaves. */
  onhover: (row: number | null) => void;
}

/** Height of the ribbon, in px. */
const RIBBON = 4;

/** Height of the labels at the upper edge, in px. */
const MARKS = 16;

const AXIS_WIDTH = 58;

/** Return the columns as uPlot takes them. */
export function columns(series: Series): uPlot.AlignedData {
  return [series.t, series.upper, series.lower, series.expected, series.actual];
}

/** Return uPlot's options for one chart. */
export function options(series: Series, frame: Frame, look: Look): uPlot.Options {
  const axis = { stroke: look.text, font: look.font, grid: { stroke: look.grid, width: 1 }, ticks: { show: false } };
  return {
    width: frame.width,
    height: frame.height,
    legend: { show: false },
    padding: [MARKS, 8, 0, 0],
    tzDate: (time) => zoned(time, frame.zone),
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 6 },
      sync: frame.sync ? { key: frame.sync } : undefined,
    },
    scales: { x: { time: true }, y: { range: [frame.extent.low, frame.extent.high] } },
    axes: [
      { ...axis, size: 26, space: 70, values: (_, times) => tickLabels(times, frame.zone) },
      { ...axis, size: AXIS_WIDTH, space: 36, values: (_, ticks) => ticks.map((tick) => amount(tick, series.unit)) },
    ],
    bands: [{ series: [1, 2], fill: look.band }],
    series: [
      {},
      { ...UNSEEN, label: 'upper' },
      { ...UNSEEN, label: 'lower' },
      { label: 'expected', stroke: look.expected, width: 1, dash: [5, 4], points: { show: false } },
      { label: 'actual', stroke: look.line, width: 1.5, points: { show: series.t.length < 3, size: 5 } },
    ],
    hooks: {
      setCursor: [(chart) => frame.onhover(chart.cursor.idx ?? null)],
      draw: [
        (chart) => ribbon(chart, series, look),
        (chart) => edgeMarks(chart, series, frame.extent, look),
      ],
    },
  };
}

const UNSEEN = { stroke: 'transparent', width: 0, points: { show: false } };

function zoned(time: number, zone: Zone): Date {
  const date = new Date(time * 1000);
  return zone === 'utc' ? uPlot.tzDate(date, 'Etc/UTC') : date;
}

function ribbon(chart: uPlot, series: Series, look: Look): void {
  const { ctx, bbox } = chart;
  const tall = RIBBON * devicePixelRatio;
  series.score.forEach((score, row) => {
    const severity = severityOf(score ?? -1);
    if (!severity) return;
    const from = chart.valToPos(series.t[row]!, 'x', true);
    const until = chart.valToPos(series.t[row + 1] ?? series.t[row]!, 'x', true);
    ctx.fillStyle = look.severity[severity];
    ctx.fillRect(from, bbox.top + bbox.height - tall, Math.max(until - from, devicePixelRatio), tall);
  });
}

function edgeMarks(chart: uPlot, series: Series, extent: Extent, look: Look): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.font = look.font.replace(/^\d+/, (size) => String(Number(size) * devicePixelRatio));
  ctx.fillStyle = look.line;
  ctx.textAlign = 'center';
  let taken = -Infinity;
  for (const excess of excesses(series.actual, extent)) {
    const words = `${excess.above ? '▲' : '▼'} ${amount(excess.value, series.unit)}`;
    const half = ctx.measureText(words).width / 2;
    const middle = chart.valToPos((series.t[excess.from]! + series.t[excess.to]!) / 2, 'x', true);
    const x = Math.min(Math.max(middle, bbox.left + half), bbox.left + bbox.width - half);
    // a label that would stand on the one before is left out
    if (x - half < taken) continue;
    taken = x + half;
    ctx.textBaseline = excess.above ? 'bottom' : 'top';
    ctx.fillText(words, x, excess.above ? bbox.top - 1 : bbox.top + bbox.height - 14 * devicePixelRatio);
  }
  ctx.restore();
}
