/** Points in the order of `x`. */
export interface Curve {
  readonly name: string;
  readonly unit: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const WIDTH = 860;
const HEIGHT = 230;
const LEFT = 80;
const TOP = 36;
const BOTTOM = 36;
const RIGHT = 20;
const TICKS = 4;

/** Curves below each other over the same seconds, each with an axis that starts at zero. */
export function plot(title: string, curves: readonly Curve[]): string {
  const seconds = Math.max(...curves.flatMap(({ points }) => points.map(({ x }) => x)));
  const height = curves.length * HEIGHT + TOP;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${title}">
<style>
  svg { background: #fff; color: #1b1f24 } text { fill: currentColor } .grid { stroke: #8884 } .curve { stroke: #0b62c4; fill: none; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) { svg { background: #16191d; color: #e6e9ec } .curve { stroke: #6db1ff } }
</style>
<text x="${LEFT}" y="22" font-weight="600">${title}</text>
${curves.map((curve, index) => chart(curve, seconds, TOP + index * HEIGHT)).join('\n')}
</svg>
`;
}

function chart({ name, unit, points }: Curve, seconds: number, top: number): string {
  const most = niceAbove(Math.max(...points.map(({ y }) => y)));
  const x = (value: number) => LEFT + (value / seconds) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => top + HEIGHT - BOTTOM - (value / most) * (HEIGHT - BOTTOM - TOP);
  const grid = Array.from({ length: TICKS + 1 }, (_, tick) => {
    const value = (most * tick) / TICKS;
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/><text x="${LEFT - 8}" y="${y(value) + 4}" text-anchor="end">${value.toLocaleString('en')}</text>`;
  });
  const moments = Array.from({ length: 6 }, (_, tick) => {
    const value = (seconds * tick) / 5;
    return `<text x="${x(value)}" y="${top + HEIGHT - BOTTOM + 18}" text-anchor="middle">${Math.round(value)} s</text>`;
  });
  const line = points.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(' ');
  return `<text x="${LEFT}" y="${top + 22}">${name}, ${unit}</text>
${grid.join('\n')}
${moments.join('\n')}
<polyline class="curve" points="${line}"/>`;
}

/** 1, 2 or 5 times a power of ten. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}
