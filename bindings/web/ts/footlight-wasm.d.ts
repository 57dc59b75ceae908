// What wasm-bindgen makes of src/lib.rs; the build puts it here.
declare module 'footlight-wasm' {
  export default function init(options: { module_or_path: Response | Promise<Response> }): Promise<unknown>;
  export class Engine {
    constructor(host: object, seed: number);
  }
}
