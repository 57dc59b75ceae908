// Runs in the page: each function gets a player ready and returns what parses a manifest with it once and tells the
// milliseconds that took. The manifest's bytes are there before the clock starts; where a player's parser cannot be
// called alone, the clock runs from when the player has the response to its event for the parsed manifest.

const timed = (work) => {
  const start = performance.now();
  work();
  return performance.now() - start;
};

function script(src) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement('script'), { src, onload: resolve, onerror: reject });
    document.head.append(element);
  });
}

/** The engine's WebAssembly, from the response's bytes to its question which codecs can be played. */
async function footlight(url, bytes) {
  const glue = await import('/bindgen/footlight_web.js');
  await glue.default({ module_or_path: '/bindgen/footlight_web_bg.wasm' });
  return () => {
    let request;
    let parsed = false;
    const calls = { fetch: (id) => { request = id; }, probeSupport: () => { parsed = true; } };
    const host = new Proxy(calls, { get: (known, name) => known[name] ?? (() => {}) });
    const engine = new glue.Engine(host, 1, '', 0);
    // The numbers of inputs are those of bindings/web/ts/inputs.ts.
    engine.text(21, 0, url, NaN);
    engine.text(22, 1, url, request, 200, bytes.length, NaN);
    const took = timed(() => {
      engine.bytes(1, 2, bytes, request);
      engine.numbers(3, 3, request);
    });
    engine.numbers(11, 4);
    engine.free();
    if (!parsed) throw new Error('the engine has not read the manifest');
    return took;
  };
}

/** Shaka Player: from the response of its networking engine to `manifestparsed`. */
async function shaka(url, bytes) {
  await script('/npm/shaka-player/dist/shaka-player.dash-es2021.js');
  const { Player, net } = globalThis.shaka;
  let start;
  net.NetworkingEngine.registerScheme('bench', () => {
    const answer = Promise.resolve().then(() => {
      start = performance.now();
      return { uri: url, originalUri: url, data: bytes.buffer, headers: {}, status: 200 };
    });
    return new globalThis.shaka.util.AbortableOperation(answer, () => Promise.resolve());
  });
  return async () => {
    const player = new Player();
    const parsed = new Promise((resolve) => {
      player.addEventListener('manifestparsed', () => resolve(performance.now()));
    });
    await player.attach(document.createElement('video'));
    const loading = player.load('bench:manifest', undefined, 'application/dash+xml').catch(() => {});
    const end = await parsed;
    await player.unload();
    await player.destroy();
    await loading;
    return end - start;
  };
}

/** dash.js: from MANIFEST_LOADING_FINISHED to MANIFEST_LOADED. */
async function dashjs(url) {
  await script('/npm/dashjs/dist/modern/umd/dash.all.min.js');
  const { MediaPlayer } = globalThis.dashjs;
  const { events } = MediaPlayer;
  return async () => {
    const player = MediaPlayer().create();
    player.updateSettings({ debug: { logLevel: 0 } });
    player.initialize(document.createElement('video'), null, false);
    let start;
    player.on(events.MANIFEST_LOADING_FINISHED, () => { start = performance.now(); });
    const end = await new Promise((resolve, reject) => {
      player.on(events.MANIFEST_LOADED, () => resolve(performance.now()));
      player.on(events.ERROR, ({ error }) => reject(new Error(error?.message)));
      player.attachSource(url);
    });
    player.destroy();
    return end - start;
  };
}

/** rx-player: its JavaScript parser, then its Manifest. */
async function rxPlayer(url, bytes) {
  const { default: parse } = await import('/npm/rx-player/dist/es2017/parsers/manifest/dash/js-parser/index.js');
  const { default: Manifest } = await import('/npm/rx-player/dist/es2017/manifest/classes/index.js');
  const text = new TextDecoder().decode(bytes);
  return () => timed(() => {
    const parsed = parse(text, { url, referenceDateTime: undefined, externalClockOffset: undefined });
    if (parsed.type !== 'done') throw new Error(parsed.type);
    return new Manifest(parsed.value.parsed, {}, []);
  });
}

export const PARSERS = { Footlight: footlight, 'Shaka Player': shaka, 'dash.js': dashjs, 'rx-player': rxPlayer };
