// Top-level boxes of a body as it arrives: where chunks (moof and mdat) end, and which boxes are messages.

const MDAT = 0x6d646174;
const EMSG = 0x656d7367;
const PRFT = 0x70726674;
/** A message larger than this is passed over. */
const MAX_MESSAGE_BYTES = 256 * 1024;

export class BoxScanner {
  /** Whether the bytes so far end with the end of an mdat. */
  endsChunk = false;
  /** The header that is being read, 8 or 16 bytes of it. */
  readonly #header = new DataView(new ArrayBuffer(16));
  #headed = 0;
  /** Bytes of the box still to come; Infinity: up to the end. */
  #left = 0;
  #type = 0;
  #message: number[] | null = null;

  /** Takes what came; gives back the messages that are whole now, one after another. */
  push(bytes: Uint8Array): Uint8Array<ArrayBuffer> | null {
    let found: number[] | null = null;
    for (let at = 0; at < bytes.length; ) {
      if (this.#left === 0) {
        this.#header.setUint8(this.#headed++, bytes[at++]!);
        this.endsChunk = false;
        this.#open();
        continue;
      }
      const end = Math.min(bytes.length, at + this.#left);
      if (this.#message) for (let byte = at; byte < end; byte += 1) this.#message.push(bytes[byte]!);
      this.#left -= end - at;
      at = end;
      if (this.#left > 0) continue;
      this.endsChunk = this.#type === MDAT;
      if (this.#message) found = [...(found ?? []), ...this.#message];
      this.#message = null;
    }
    return found && Uint8Array.from(found);
  }

  #open(): void {
    const header = this.#header;
    if (this.#headed < 8) return;
    const short = header.getUint32(0);
    if (short === 1 && this.#headed < 16) return;
    const size = short === 1 ? Number(header.getBigUint64(8)) : short || Infinity;
    const length = this.#headed;
    this.#headed = 0;
    this.#type = header.getUint32(4);
    // A size that cannot be: what follows is no box either.
    this.#left = size < length ? Infinity : size - length;
    const isMessage = this.#type === EMSG || this.#type === PRFT;
    if (isMessage && size <= MAX_MESSAGE_BYTES) this.#message = [...new Uint8Array(header.buffer, 0, length)];
    if (this.#left === 0) this.#message = null;
  }
}
