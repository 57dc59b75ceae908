// Cues on the page: as authored, or as the viewer wants them. Text becomes text nodes, never HTML.

import type { Cue, CueLayout, CueSpan, TextStyle } from '../footlight.d.ts';
import { make } from './dom.ts';

/** A size of type as the viewer wants it. */
const scaled = (size: string): string => `calc(var(--scale) * ${size})`;

/** What text looks like where nothing is said. */
const SIZE = scaled('var(--footlight-cue-size, max(14px, 4.4cqh))');
const BACKGROUND = 'rgb(0 0 0 / .75)';

const SHADOWS: Record<string, (color: string) => string> = {
  none: () => 'none',
  outline: (color) => ['.06em 0', '-.06em 0', '0 .06em', '0 -.06em', '0 0 .1em'].map((at) => `${at} ${color}`).join(),
  shadow: (color) => `.08em .08em .08em ${color}`,
  raised: (color) => `.04em .04em ${color}, .08em .08em ${color}`,
  depressed: (color) => `-.04em -.04em ${color}, -.08em -.08em ${color}`,
};

const ALIGNED = { before: 'flex-start', center: 'center', after: 'flex-end' };

/** Draws cues in an element over the picture, where the picture is. */
export class CueView {
  readonly #frame = make('div', { 'aria-hidden': 'true' });
  readonly #resizes = new ResizeObserver(() => this.#fit());
  readonly #listeners = new AbortController();
  readonly #video: HTMLVideoElement;
  readonly #container: HTMLElement;
  #cues: readonly Cue[] = [];
  #style: TextStyle;
  /** Addresses of pictures on screen. */
  #urls: string[] = [];

  constructor(container: HTMLElement, video: HTMLVideoElement, style: TextStyle) {
    this.#container = container;
    this.#video = video;
    this.#frame.style.cssText = 'position:absolute;overflow:hidden;container-type:size;pointer-events:none';
    container.append(this.#frame);
    this.#resizes.observe(container);
    const { signal } = this.#listeners;
    for (const name of ['resize', 'loadedmetadata']) video.addEventListener(name, () => this.#fit(), { signal });
    this.#fit();
    this.#style = style;
    this.style = style;
  }

  set style(style: TextStyle) {
    this.#style = style;
    this.#frame.style.setProperty('--scale', String(style.scale ?? 1));
    this.show(this.#cues);
  }

  /** Shows these cues in place of those before. */
  show(cues: readonly Cue[]): void {
    this.#cues = cues;
    const old = this.#urls;
    this.#urls = [];
    const boxes = new Map<string, HTMLElement>();
    for (const cue of cues) {
      const layout = placed(cue, this.#style);
      // Cues of one region follow each other in one box.
      const { region, place, line, left, top, width, height } = layout;
      const key = JSON.stringify(place === 'stack' ? [place, layout.writingMode] : [region, place, line, left, top, width, height]);
      let box = boxes.get(key);
      if (!box) boxes.set(key, (box = make('div', { part: 'cue-box' })));
      box.style.cssText = boxStyle(layout, cue.image !== null);
      box.append(this.#draw(cue, layout));
    }
    this.#frame.replaceChildren(...boxes.values());
    old.forEach((url) => URL.revokeObjectURL(url));
  }

  close(): void {
    this.show([]);
    this.#resizes.disconnect();
    this.#listeners.abort();
    this.#frame.remove();
  }

  #draw(cue: Cue, layout: CueLayout): HTMLElement {
    if (cue.image) {
      const url = URL.createObjectURL(new Blob([cue.image.data as BlobPart], { type: cue.image.mime }));
      this.#urls.push(url);
      const image = make('img', { src: url, alt: '' });
      image.style.cssText = 'width:100%;height:100%;object-fit:contain';
      return image;
    }
    const block = make('div', { dir: layout.direction ?? 'auto' });
    block.style.cssText = blockStyle(layout);
    for (const line of cue.lines) {
      const row = make('div', {}, ...line.map((span) => spanOf(span, this.#style)));
      // A line with nothing in it is as high as others.
      if (!line.length) row.append('\u00a0');
      block.append(row);
    }
    return block;
  }

  /** Puts the frame where the picture is within the element. */
  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#container;
    const { videoWidth, videoHeight } = this.#video;
    const aspect = videoWidth && videoHeight ? videoWidth / videoHeight : width / (height || 1);
    const wide = Math.min(width, height * aspect);
    const tall = Math.min(height, width / (aspect || 1));
    const { style } = this.#frame;
    style.left = `${(width - wide) / 2}px`;
    style.top = `${(height - tall) / 2}px`;
    style.width = `${wide}px`;
    style.height = `${tall}px`;
    // What covers the element's lower edge covers less of a picture that ends above it.
    style.setProperty('--spare', `${(height - tall) / 2}px`);
  }
}

/** Where a cue goes: where it was authored to, or where the viewer wants text. */
function placed({ layout, image }: Cue, { position }: TextStyle): CueLayout {
  if (image || !position || position === 'authored') return layout;
  const { direction } = layout;
  const base = { ...(direction && { direction }), place: 'stack', left: 0, top: 0, width: 100, height: 100 } as const;
  const blockAlign = position === 'top' ? 'before' : 'after';
  return { ...base, blockAlign, textAlign: 'center', writingMode: 'horizontal-tb' };
}

function boxStyle(layout: CueLayout, isPicture: boolean): string {
  const { place, left, top, width, height, blockAlign, writingMode } = layout;
  const horizontal = writingMode === 'horizontal-tb';
  const safe = 'max(4%, calc(var(--footlight-cue-bottom, 0px) - var(--spare, 0px)))';
  let style = `position:absolute;box-sizing:border-box;display:flex;flex-direction:column;writing-mode:${writingMode};`;
  style += `justify-content:${ALIGNED[blockAlign]};z-index:${layout.layer ?? 0};`;
  if (layout.rollUp) style += 'overflow:hidden;';
  const inline = horizontal ? `left:${left}%;width:${width}%;` : `top:${top}%;height:${height}%;`;
  if (place === 'stack') {
    const edge = blockAlign === 'before' ? 'top:4%;' : `bottom:${safe};`;
    return `${style}left:0;right:0;${horizontal ? edge : `top:4%;bottom:${safe};`}`;
  }
  if (place === 'line') {
    const line = layout.line ?? 0;
    const away = `calc(${line < 0 ? -line - 1 : line} * 1.25 * ${SIZE})`;
    const side = horizontal ? (line < 0 ? 'bottom' : 'top') : (line < 0) === (writingMode === 'vertical-rl') ? 'left' : 'right';
    return `${style}${inline}${side}:${side === 'bottom' ? `max(${away}, var(--footlight-cue-bottom, 0px))` : away};`;
  }
  const padding = layout.padding ?? [0, 0, 0, 0];
  const sides = padding.map((side, at) => `${side}${at % 2 ? 'cqw' : 'cqh'}`);
  if (layout.background) style += `background:${layout.background};`;
  // Text at the lower end of a box grows upwards, and gives way to what covers the picture's lower edge; pictures are as
  // large as their box.
  if (horizontal && blockAlign === 'after' && !layout.background && !isPicture) {
    const bottom = `max(${100 - top - height}%, calc(var(--footlight-cue-bottom, 0px) - var(--spare, 0px)))`;
    const limit = layout.rollUp ? `max-height:${height}%;` : '';
    return `${style}${inline}bottom:${bottom};${limit}padding:${sides.join(' ')};`;
  }
  return `${style}left:${left}%;top:${top}%;width:${width}%;height:${height}%;padding:${sides.join(' ')};`;
}

function blockStyle(layout: CueLayout): string {
  const wrap = layout.noWrap ? 'pre' : 'pre-wrap';
  const height = layout.lineHeight ? scaled(`${layout.lineHeight}cqh`) : '1.25';
  // The unit of what has no size is the size of type.
  let style = `text-align:${layout.textAlign};white-space:${wrap};line-height:${height};font-size:${SIZE};`;
  if (layout.blockBackground) style += `background:${layout.blockBackground};`;
  // In the stack each has its own measure, and keeps off the edges of the picture.
  if (layout.place === 'stack' && layout.writingMode === 'horizontal-tb') {
    const { left, width } = layout;
    style += width < 92 ? `margin-left:${left}%;width:${width}%;` : 'margin:0 4%;';
  }
  return style;
}

/** A run of text. What the viewer wants comes before what was authored. */
function spanOf(span: CueSpan, wanted: TextStyle): HTMLElement {
  const element = make('span', { part: 'cue' });
  const { style } = element;
  style.fontSize = span.size === undefined ? SIZE : scaled(`max(10px, ${span.size}cqh)`);
  style.color = wanted.color ?? span.color ?? '#fff';
  style.background = wanted.background ?? span.background ?? BACKGROUND;
  if (!/^(#.{6}00|transparent)$/.test(style.background)) style.padding = '.05em .3em';
  // A line that is wrapped has its background's ends on each part.
  style.setProperty('-webkit-box-decoration-break', 'clone');
  style.setProperty('box-decoration-break', 'clone');
  const family = wanted.font ?? span.family;
  if (family) style.fontFamily = family;
  if (family?.startsWith('small-caps')) style.fontVariant = 'small-caps';
  if (span.italic) style.fontStyle = 'italic';
  if (span.bold) style.fontWeight = 'bold';
  const lines = [span.underline && 'underline', span.strike && 'line-through'].filter(Boolean).join(' ');
  if (lines) style.textDecoration = lines;
  const edge = wanted.edge ?? span.edge;
  if (edge) style.textShadow = (SHADOWS[edge] ?? SHADOWS['none']!)(wanted.edge ? '#000' : (span.edgeColor ?? '#000'));
  if (span.flash) element.animate?.({ opacity: [1, 1, 0, 0] }, { duration: 1000, iterations: Infinity });
  if (span.voice) element.title = span.voice;
  if (span.ruby) element.append(make('ruby', {}, span.text, make('rt', {}, span.ruby)));
  else element.append(span.text);
  return element;
}
