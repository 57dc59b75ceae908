import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './support/bundle.mjs';

class FakeNode {
  children = [];
  listeners = new Map();

  constructor(name) {
    this.name = name;
    this.style = {
      cssText: '',
      properties: {},
      setProperty(property, value) {
        this.properties[property] = value;
      },
    };
  }

  append(...children) {
    this.children.push(...children);
  }

  replaceChildren(...children) {
    this.children = children;
  }

  remove() {
    this.removed = true;
  }

  setAttribute(name, value) {
    this[name] = value;
  }

  addEventListener(name, listener) {
    this.listeners.set(name, listener);
  }

  get textContent() {
    return this.children.map((child) => child.textContent ?? child).join('');
  }
}

globalThis.document = { createElement: (name) => new FakeNode(name) };
globalThis.ResizeObserver = class {
  observe() {}
  disconnect() {}
};
const urls = [];
URL.createObjectURL = () => `blob:${urls.push('live')}`;
URL.revokeObjectURL = (url) => (urls[url.slice(5) - 1] = 'gone');

const { CueView } = await load('cues.ts');
const { clock } = await load('dom.ts');

const LAYOUT = {
  place: 'stack',
  left: 0,
  top: 0,
  width: 100,
  height: 100,
  blockAlign: 'after',
  textAlign: 'center',
  writingMode: 'horizontal-tb',
};

function cue(lines, layout = {}, more = {}) {
  const spans = lines.map((line) => line.map((span) => (typeof span === 'string' ? { text: span } : span)));
  return { start: 0, end: 1, id: '', text: '', lines: spans, layout: { ...LAYOUT, ...layout }, image: null, forced: false, ...more };
}

function view(style = {}) {
  const container = new FakeNode('div');
  Object.assign(container, { clientWidth: 1000, clientHeight: 1000 });
  const video = new FakeNode('video');
  Object.assign(video, { videoWidth: 1600, videoHeight: 900 });
  const made = new CueView(container, video, style);
  return { made, container, video, frame: container.children[0] };
}

test('the frame is where the picture is', () => {
  const { frame, video } = view();
  const { left, top, width, height } = frame.style;
  assert.deepEqual([left, top, width, height], ['0px', '218.75px', '1000px', '562.5px']);
  assert.equal(frame.style.properties['--spare'], '218.75px');
  Object.assign(video, { videoWidth: 100, videoHeight: 200 });
  video.listeners.get('resize')();
  assert.deepEqual([frame.style.left, frame.style.width], ['250px', '500px']);
});

test('cues of one region share a box, others have their own', () => {
  const { made, frame } = view();
  const region = { place: 'box', region: 'r', left: 10, top: 70, width: 80, height: 20 };
  made.show([cue([['a']], region), cue([['b']], region), cue([['c']]), cue([['d']], { place: 'line', line: 2 })]);
  assert.deepEqual(frame.children.map((box) => box.textContent), ['ab', 'c', 'd']);
  const [box, stack, line] = frame.children.map((child) => child.style.cssText);
  assert.match(box, /left:10%;width:80%;bottom:max\(10%,/);
  assert.match(stack, /left:0;right:0;bottom:max\(4%,/);
  assert.match(line, /top:calc\(2 \* 1\.25/);
  made.show([]);
  assert.equal(frame.children.length, 0);
});

test('spans look as authored', () => {
  const { made, frame } = view();
  const span = {
    text: 'x',
    color: '#ff0000ff',
    background: '#00000000',
    size: 5,
    italic: true,
    bold: true,
    underline: true,
    strike: true,
    family: 'small-caps, serif',
    edge: 'outline',
    edgeColor: '#0000ffff',
    voice: 'Ann',
  };
  made.show([cue([[span, { text: 'base', ruby: 'over' }], []])]);
  const block = frame.children[0].children[0];
  const [first, second] = block.children[0].children;
  const { style } = first;
  assert.deepEqual([style.color, style.fontStyle, style.fontWeight], ['#ff0000ff', 'italic', 'bold']);
  assert.equal(style.textDecoration, 'underline line-through');
  assert.equal(style.fontSize, 'calc(var(--scale) * max(10px, 5cqh))');
  assert.equal(style.fontVariant, 'small-caps');
  assert.match(style.textShadow, /#0000ffff/);
  assert.equal(style.padding, undefined);
  assert.equal(first.title, 'Ann');
  assert.equal(second.children[0].name, 'ruby');
  assert.equal(second.style.background, 'rgb(0 0 0 / .75)');
  assert.equal(block.children[1].textContent, '\u00a0');
});

test('the viewer has the last word', () => {
  const { made, frame } = view({ scale: 1.5 });
  assert.equal(frame.style.properties['--scale'], '1.5');
  made.show([cue([[{ text: 'x', color: '#ff0000ff', edge: 'raised' }]], { place: 'box', top: 10, height: 10, blockAlign: 'before' })]);
  made.style = { color: 'yellow', background: 'navy', font: 'serif', edge: 'none', position: 'bottom' };
  const [box] = frame.children;
  const { style } = box.children[0].children[0].children[0];
  assert.deepEqual([style.color, style.background, style.fontFamily, style.textShadow], ['yellow', 'navy', 'serif', 'none']);
  assert.match(box.style.cssText, /justify-content:flex-end.*bottom:/);
});

test('pictures are drawn and let go', () => {
  const { made, frame } = view({ position: 'top' });
  const place = { place: 'box', left: 25, top: 75, width: 50, height: 10, blockAlign: 'after' };
  made.show([cue([], place, { image: { mime: 'image/png', data: new Uint8Array(3) } })]);
  assert.equal(frame.children[0].children[0].name, 'img');
  assert.match(frame.children[0].style.cssText, /left:25%;top:75%;width:50%;height:10%/);
  assert.deepEqual(urls, ['live']);
  made.close();
  assert.deepEqual([urls, frame.removed], [['gone'], true]);
});

test('times read as clocks', () => {
  assert.deepEqual([0, 61.9, 3600, NaN, -3].map(clock), ['0:00', '1:01', '1:00:00', '0:00', '0:00']);
});
