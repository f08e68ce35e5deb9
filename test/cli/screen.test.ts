import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Screen } from './screen.ts';

test('screen: text wraps and scrolls, sequences cut in two are put together', () => {
  const s = new Screen(5, 3);
  s.write('abcdefg\r\nx\r\ny\r\nz');
  assert.deepEqual(s.text, ['x', 'y', 'z']);
  s.write('\x1b[2');
  s.write('J\x1b[2;3Hq\x1b[Aw\x1b[1;1HM');
  assert.deepEqual(s.text, ['M  w', '  q', '']);
  s.write('\x1b[2;2H\x1b[K\x1b[?25l\x1b]0;title\x07!');
  assert.deepEqual(s.text, ['M  w', ' !', '']);
});
