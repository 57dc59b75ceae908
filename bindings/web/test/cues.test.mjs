import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './support/bundle.mjs';

class FakeNode {
  children = [];

  constructor(name) {
    this.name = name;
  }

  append(...children) {
    this.children.push(...children);
  }

  /** Names in brackets around text, to compare with. */
  toString() {
    const inside = this.children.join('');
    return this.name ? `[${this.name} ${inside}]` : inside;
  }
}

globalThis.document = {
  createElement: (name) => new FakeNode(name),
  createDocumentFragment: () => new FakeNode(''),
};

const { cueStyle, cueText } = await load('cues.ts');
const { clock } = await load('dom.ts');

test('cue text shows what tags say and nothing of the tags', () => {
  const cases = [
    ['plain\ntext', 'plain\ntext'],
    ['<v Ann>Hello <i>you</i></v>', 'Hello [i you]'],
    ['<b><u>both</b> ends</u>', '[b [u both] ends]'],
    ['</i>early', 'early'],
    ['<c.yellow.bg_blue>x</c> <00:01.000>y', 'x y'],
    ['1 &lt; 2 &amp;&nbsp;&what;', '1 < 2 &\u00a0&what;'],
    ['<script>alert(1)</script>', 'alert(1)'],
    ['a < b', 'a < b'],
  ];
  for (const [text, shown] of cases) assert.equal(String(cueText(text)), shown);
});

test('cue settings say where a cue goes', () => {
  assert.equal(cueStyle(''), 'text-align:center;');
  assert.match(cueStyle('line:10% align:start'), /text-align:start;.*top:min\(10%,85%\)/);
  assert.match(cueStyle('line:2'), /top:min\(10.66%,85%\)/);
  assert.equal(cueStyle('line:-1'), 'text-align:center;');
  assert.equal(cueStyle('align:center;color:red line:1%;x'), cueStyle('line:1%'));
});

test('times read as clocks', () => {
  assert.deepEqual([0, 61.9, 3600, NaN, -3].map(clock), ['0:00', '1:01', '1:00:00', '0:00', '0:00']);
});
