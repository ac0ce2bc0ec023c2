import { describe, expect, it } from 'vitest';

import { lanes } from '../testing';
import { cellTime, columnOf, moved, scoreWords, spoken } from './cursor';
import { axisTimes, cellAt, height, left, position, ROW } from './layout';
import { paint, type Look, type Pen } from './paint';

const GRID = { rows: 2, columns: 4, width: 100 };
const START = Date.parse('2026-11-24T21:00:00Z') / 1000;

const LOOK: Look = {
  severity: { low: 'low', medium: 'medium', high: 'high', critical: 'critical' },
  calm: 'calm',
  learning: 'learning',
  mark: 'mark',
  text: 'text',
  focus: 'focus',
  font: '11px sans-serif',
};

interface Stroke {
  what: string;
  style: string;
  at: (number | string)[];
}

/** A pen that remembers what it drew. */
class Recorder implements Pen {
  fillStyle = '';
  strokeStyle = '';
  lineWidth = 1;
  font = '';
  textAlign: CanvasTextAlign = 'start';
  strokes: Stroke[] = [];

  fillRect(...at: number[]): void {
    this.strokes.push({ what: 'fill', style: this.fillStyle, at });
  }
  clearRect(...at: number[]): void {
    this.strokes.push({ what: 'clear', style: '', at });
  }
  strokeRect(...at: number[]): void {
    this.strokes.push({ what: 'outline', style: this.strokeStyle, at });
  }
  fillText(text: string, x: number, y: number): void {
    this.strokes.push({ what: 'text', style: this.fillStyle, at: [text, x, y] });
  }
}

function drawn(width = 100, marks: Parameters<typeof paint>[3] = { cursor: null, picked: null }): Recorder {
  const pen = new Recorder();
  paint(pen, lanes(), { ...GRID, width }, marks, ['21:00', '22:00'], LOOK);
  return pen;
}

describe('layout', () => {
  it('fills the width without gaps or overlaps', () => {
    const grid = { rows: 1, columns: 7, width: 100 };
    expect(left(0, grid)).toBe(0);
    expect(left(7, grid)).toBe(100);
    expect(height(GRID)).toBe(3 * ROW);
  });

  it.each([
    [0, 0, { row: 0, column: 0 }],
    [99.9, ROW + 1, { row: 1, column: 3 }],
    [100, 0, null],
    [-1, 0, null],
    [0, 2 * ROW, null],
  ])('finds the cell at %d, %d', (x, y, cell) => {
    expect(cellAt(x, y, GRID)).toEqual(cell);
  });

  it('puts labels on round times only, as many as there is room for', () => {
    const grid = { rows: 1, columns: 96, width: 800 };
    const times = axisTimes(START, 900, grid);
    expect(times.length).toBeLessThanOrEqual(13);
    expect(times.every((time) => time % 7200 === 0)).toBe(true);
    expect(position(START + 43_200, START, 900, grid)).toBe(400);
  });

  it('has a label even on a narrow lane', () => {
    expect(axisTimes(0, 900, { rows: 1, columns: 96, width: 10 })).toEqual([0, 86_400]);
  });
});

describe('keys', () => {
  const middle = { row: 0, column: 1 };
  it.each([
    ['ArrowLeft', { row: 0, column: 0 }],
    ['ArrowRight', { row: 0, column: 2 }],
    ['ArrowDown', { row: 1, column: 1 }],
    ['ArrowUp', { row: 0, column: 1 }],
    ['Home', { row: 0, column: 0 }],
    ['End', { row: 0, column: 3 }],
    ['a', null],
  ])('%s moves', (key, cell) => {
    expect(moved(middle, key, GRID)).toEqual(cell);
  });

  it('stops at the edges', () => {
    expect(moved({ row: 1, column: 3 }, 'ArrowRight', GRID)).toEqual({ row: 1, column: 3 });
    expect(moved({ row: 1, column: 3 }, 'ArrowDown', GRID)).toEqual({ row: 1, column: 3 });
    expect(moved({ row: 0, column: 0 }, 'ArrowLeft', GRID)).toEqual({ row: 0, column: 0 });
  });
});

describe('what a cell says', () => {
  it('is segment, time, score and severity', () => {
    expect(spoken(lanes(), { row: 1, column: 2 }, 'utc')).toBe(
      'web POST /checkout, Tue 24 Nov, 21:30 to 21:45: score 97, critical',
    );
  });

  it.each([
    [null, 'no data'],
    [undefined, 'no data'],
    [-1, 'still learning'],
    [3.4, 'score 3, nothing unusual'],
    [55, 'score 55, medium'],
  ])('says %s as %s', (score, words) => {
    expect(scoreWords(score)).toBe(words);
  });

  it('says nothing of a lane that is gone', () => {
    expect(spoken(lanes(), { row: 9, column: 0 }, 'utc')).toBe('');
  });

  it('marks characters that lie in names', () => {
    const rows = [{ segment: 'a\u202eb', state: 'ready' as const, scores: [1] }];
    expect(spoken(lanes({ rows }), { row: 0, column: 0 }, 'utc')).toContain('a⟨U+202E⟩b');
  });

  it('finds its time, and the time its cell', () => {
    expect(cellTime(lanes(), 2)).toBe(START + 1800);
    expect(columnOf(lanes(), START + 1800)).toBe(2);
    expect(columnOf(lanes(), START + 2699)).toBe(2);
    expect(columnOf(lanes(), START - 1)).toBeNull();
    expect(columnOf(lanes(), START + 3600)).toBeNull();
  });
});

describe('paint', () => {
  it('clears first, then draws every cell that has data', () => {
    const { strokes } = drawn();
    expect(strokes[0]).toMatchObject({ what: 'clear', at: [0, 0, 100, 54] });
    expect(strokes.filter((stroke) => stroke.what === 'fill').map((stroke) => stroke.style)).toEqual([
      'calm',
      'low',
      'critical',
      'learning',
      'low',
      'critical',
    ]);
  });

  it('marks critical cells where there is room to read it', () => {
    const marks = (pen: Recorder): number => pen.strokes.filter((stroke) => stroke.at[0] === '!').length;
    expect(marks(drawn(100))).toBe(2);
    expect(marks(drawn(16))).toBe(0);
  });

  it('draws learning as a thin dash', () => {
    const dash = drawn().strokes.find((stroke) => stroke.style === 'learning');
    expect(dash?.at[3]).toBe(1);
  });

  it('outlines cursor and choice', () => {
    const marks = { cursor: { row: 0, column: 0 }, picked: { row: 1, column: 3 } };
    const outlines = drawn(100, marks).strokes.filter((stroke) => stroke.what === 'outline');
    expect(outlines.map((stroke) => stroke.style)).toEqual(['focus', 'text']);
  });

  it('leaves out labels that an edge would cut', () => {
    const texts = drawn(100).strokes.filter((stroke) => stroke.what === 'text' && stroke.at[0] !== '!');
    expect(texts).toEqual([]);
    const words = drawn(400).strokes.map((stroke) => stroke.at[0]);
    expect(words).not.toContain('21:00');
    expect(words).toContain('22:00');
  });
});
