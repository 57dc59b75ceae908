// MediaSource and SourceBuffer as far as the sink sees them: strict about order, and finished when the test says so.

export class FakeSourceBuffer extends EventTarget {
  updating = false;
  mode = 'segments';
  appended = [];
  spans = [];
  /** Thrown by the next append. */
  refusal = null;
  #offset = 0;
  #start = 0;
  #end = Infinity;
  #source;

  constructor(source, type) {
    super();
    this.#source = source;
    this.type = type;
  }

  get buffered() {
    this.#check();
    return { length: this.spans.length, start: (at) => this.spans[at][0], end: (at) => this.spans[at][1] };
  }

  get timestampOffset() {
    return this.#offset;
  }

  set timestampOffset(seconds) {
    this.#idle();
    this.#offset = seconds;
    this.#source.log.push(['timestampOffset', seconds]);
  }

  get appendWindowStart() {
    return this.#start;
  }

  set appendWindowStart(seconds) {
    this.#idle();
    if (seconds < 0 || seconds >= this.#end) throw new TypeError('start after end');
    this.#start = seconds;
    this.#source.log.push(['appendWindowStart', seconds]);
  }

  get appendWindowEnd() {
    return this.#end;
  }

  set appendWindowEnd(seconds) {
    this.#idle();
    if (!(seconds > this.#start)) throw new TypeError('end before start');
    this.#end = seconds;
    this.#source.log.push(['appendWindowEnd', seconds]);
  }

  appendBuffer(body) {
    this.#idle();
    if (this.refusal) {
      const error = this.refusal;
      this.refusal = null;
      throw error;
    }
    if (this.#source.readyState === 'ended') this.#source.readyState = 'open';
    this.appended.push(body);
    this.updating = true;
    this.#source.log.push(['append', body.byteLength]);
  }

  remove(start, end) {
    this.#idle();
    if (!(end > start)) throw new TypeError('empty range');
    this.updating = true;
    this.#source.log.push(['remove', start, end]);
  }

  changeType(type) {
    this.#idle();
    this.type = type;
    this.#source.log.push(['changeType', type]);
  }

  abort() {
    this.#check();
    if (this.updating) this.finish('abort');
  }

  /** Ends what is under way. */
  finish(how = 'update') {
    this.updating = false;
    this.dispatchEvent(new Event(how));
    this.dispatchEvent(new Event('updateend'));
  }

  #check() {
    if (!this.#source.buffers.includes(this)) throw new DOMException('removed', 'InvalidStateError');
  }

  #idle() {
    this.#check();
    if (this.updating) throw new DOMException('updating', 'InvalidStateError');
  }
}

export class FakeMediaSource extends EventTarget {
  static isTypeSupported(type) {
    return type.includes('avc1');
  }

  readyState = 'closed';
  buffers = [];
  log = [];
  #duration = NaN;

  get duration() {
    return this.#duration;
  }

  set duration(seconds) {
    if (this.readyState !== 'open' || this.buffers.some((buffer) => buffer.updating)) {
      throw new DOMException('not now', 'InvalidStateError');
    }
    this.#duration = seconds;
    this.log.push(['duration', seconds]);
  }

  addSourceBuffer(type) {
    if (type.includes('bad')) throw new DOMException('no such type', 'NotSupportedError');
    const buffer = new FakeSourceBuffer(this, type);
    this.buffers.push(buffer);
    return buffer;
  }

  removeSourceBuffer(buffer) {
    this.buffers = this.buffers.filter((other) => other !== buffer);
  }

  endOfStream() {
    if (this.buffers.some((buffer) => buffer.updating)) throw new DOMException('updating', 'InvalidStateError');
    this.readyState = 'ended';
    this.log.push(['endOfStream']);
  }

  /** What attaching to an element does. */
  open() {
    this.readyState = 'open';
    this.dispatchEvent(new Event('sourceopen'));
  }

  /** What the element does when it lets go: no buffer says anything any more. */
  detach() {
    this.readyState = 'closed';
    this.buffers = [];
    this.dispatchEvent(new Event('sourceclose'));
  }
}
