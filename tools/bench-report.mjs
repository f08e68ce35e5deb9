// Results as a Markdown table: the first contender's value, then how many times slower the others are (median of the rounds, their range in brackets).

/** Lines of Markdown for one suite's rows. */
export function markdown({ rows, contenders }) {
  const [reference] = contenders;
  const lines = [`| | ${contenders.join(' | ')} |`, `|---|${contenders.map(() => '---:|').join('')}`];
  for (const { name, unit, cells } of rows) lines.push(`| ${name} | ${cells.map(c => text(c, unit, c.contender === reference)).join(' | ')} |`);
  for (const { name, cells } of rows.filter(r => r.details)) {
    lines.push('', `${name}: ${cells.filter(c => !c.skip).map(c => `${c.contender} ${number(c.cpu)} ms CPU, ${number(c.wall)} ms wall, ${number(c.rss)} MB`).join('; ')}.`);
  }
  const skipped = new Map();
  for (const { name, cells } of rows) for (const { contender, skip } of cells) {
    if (skip) skipped.set(`${contender}: ${skip}`, [...skipped.get(`${contender}: ${skip}`) ?? [], name]);
  }
  return [...lines, ...(skipped.size > 0 ? [''] : []), ...[...skipped].map(([why, names]) => `Skipped, ${why} (${names.join(', ')}).`)];
}

function text({ skip, value, ratio, low, high }, unit, absolute) {
  if (skip) return '–';
  if (absolute || ratio === undefined) return `${number(value)} ${unit}`;
  return `${number(ratio)}×${high / low > 1.1 ? ` (${number(low)}–${number(high)})` : ''}`;
}

/** Two significant digits, three from a hundred on. */
export function number(v) {
  return v >= 100 ? v.toFixed(0) : v >= 10 ? v.toFixed(0) : v >= 1 ? v.toFixed(1) : v.toFixed(2);
}
