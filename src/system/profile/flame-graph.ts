// A flame graph (Brendan Gregg's idea) as a static SVG without scripts: the root at the bottom, callees above their callers, width is instructions; a tooltip
// has the numbers. Colours come from the file that a function is in.
import type { CallNode, Profile } from './profile.ts';

const WIDTH = 1200, ROW = 17, TEXT = 6.6, LEAST = 0.4;

/** The SVG document. */
export function flameGraph({ root, interval }: Profile): string {
  const boxes: string[] = [], height = (depth(root) + 2) * ROW, scale = WIDTH / Math.max(1, root.total);
  const draw = (n: CallNode, x: number, level: number): void => {
    const w = n.total * scale;
    if (w < LEAST) return;
    boxes.push(box(n, x, height - (level + 1) * ROW, w, root.total));
    for (const c of [...n.children.values()].sort((a, b) => (a.frame.name < b.frame.name ? -1 : 1))) {
      draw(c, x, level + 1);
      x += c.total * scale;
    }
  };
  draw(root, 0, 0);
  const title = `${root.total} samples, one every ${interval.toLocaleString('en')} instructions of programs; time in the kernel is not in here`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="monospace" font-size="11">
<rect width="100%" height="100%" fill="#fcfcfa"/><text x="4" y="12">${title}</text>
${boxes.join('\n')}
</svg>
`;
}

function box({ frame, total, self }: CallNode, x: number, y: number, w: number, all: number): string {
  const letters = Math.floor((w - 4) / TEXT), label = letters < 3 ? '' : frame.name.length > letters ? `${frame.name.slice(0, letters - 1)}…` : frame.name;
  const tip = `${frame.name}${frame.file === '' ? '' : ` (${frame.file})`}: ${percent(total, all)}, itself ${percent(self, all)}`;
  const text = label === '' ? '' : `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">${escape(label)}</text>`;
  return `<g><title>${escape(tip)}</title><rect x="${x.toFixed(1)}" y="${y}" width="${w.toFixed(1)}" height="${ROW - 1}" rx="1" fill="${colour(frame.file)}"/>${text}</g>`;
}

function colour(file: string): string {
  let h = 0;
  for (const ch of file) h = (h * 31 + ch.codePointAt(0)!) % 360;
  return file === '' ? '#d8d8d0' : `hsl(${h} 70% 78%)`;
}

function depth(n: CallNode): number {
  let most = 0;
  for (const c of n.children.values()) most = Math.max(most, depth(c));
  return most + 1;
}

const percent = (n: number, all: number): string => `${(100 * n / Math.max(1, all)).toFixed(1)} %`;
/** XML has no control characters. */
const escape = (s: string): string => [...s].map(c => (c < ' ' ? '?' : '<>&"'.includes(c) ? `&#${c.charCodeAt(0)};` : c)).join('');
