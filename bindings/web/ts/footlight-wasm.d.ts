// What wasm-bindgen makes of src/lib.rs; the build puts it here.
declare module 'footlight-wasm' {
  export function initSync(options: { module: WebAssembly.Module }): unknown;
  export class Engine {
    constructor(host: object, seed: number, algorithm: string, bandwidth: number);
  }
}

// The same of ../web-recorder.
declare module 'footlight-recorder-wasm' {
  export function initSync(options: { module: WebAssembly.Module }): unknown;
  export class Engine {
    constructor(seed: number, algorithm: string, bandwidth: number);
    take(): Uint8Array;
    requests(now: number): number;
    free(): void;
  }
}

// The same of ../web-text.
declare module 'footlight-text-wasm' {
  export function initSync(options: { module: WebAssembly.Module }): unknown;
  export class CueDecoder {
    constructor(format: string);
    init(data: Uint8Array): void;
    decode(data: Uint8Array, offset: number, start: number, end: number): string;
    image(number: number): Uint8Array;
    free(): void;
  }
}

// The same of ../web-extras.
declare module 'footlight-extras-wasm' {
  export function initSync(options: { module: WebAssembly.Module }): unknown;
  export function presentation(parts: string[]): string;
  export function diagnostics(parts: string[]): string;
  export function payload(scheme: string, value: string, data: Uint8Array): string;
}
