// What the window gives the web app's page, and what the program is told of it.
(() => {
  if (window !== window.top) return;
  const gateway = __GATEWAY__;
  const tell = (command, told) => window.__TAURI_INTERNALS__.invoke(command, told).catch(() => undefined);

  // Logs: what the page would tell a console that nobody has open.
  const log = (level, ...words) => void tell('log', { level, text: words.map(String).join(' ').slice(0, 2000) });
  for (const level of ['error', 'warn']) {
    const native = console[level].bind(console);
    console[level] = (...words) => {
      native(...words);
      log(level, ...words);
    };
  }
  addEventListener('error', ({ message, filename, lineno }) => log('error', `${message} (${filename}:${lineno})`));
  addEventListener('unhandledrejection', ({ reason }) => log('error', `unhandled: ${reason}`));

  // What this webview can do.
  const CODECS = {
    'H.264': 'video/mp4; codecs="avc1.640028"',
    HEVC: 'video/mp4; codecs="hvc1.1.6.L120.90"',
    VP9: 'video/mp4; codecs="vp09.00.40.08"',
    AV1: 'video/mp4; codecs="av01.0.08M.08"',
    AAC: 'audio/mp4; codecs="mp4a.40.2"',
    Opus: 'audio/mp4; codecs="opus"',
    FLAC: 'audio/mp4; codecs="flac"',
    'AC-3': 'audio/mp4; codecs="ac-3"',
    'E-AC-3': 'audio/mp4; codecs="ec-3"',
  };
  const SYSTEMS = { Widevine: 'com.widevine.alpha', PlayReady: 'com.microsoft.playready', FairPlay: 'com.apple.fps', ClearKey: 'org.w3.clearkey' };
  /** Some systems never answer. */
  const SYSTEM_MS = 2000;

  const has = async (system) => {
    const config = [{ initDataTypes: ['cenc'], videoCapabilities: [{ contentType: CODECS['H.264'] }] }];
    const late = new Promise((resolve) => setTimeout(resolve, SYSTEM_MS, false));
    const asked = navigator.requestMediaKeySystemAccess(system, config).then(() => true, () => false);
    return Promise.race([asked, late]);
  };
  const systems = async () => {
    if (!navigator.requestMediaKeySystemAccess) return [];
    const found = await Promise.all(Object.entries(SYSTEMS).map(async ([name, system]) => ((await has(system)) ? name : '')));
    return found.filter(Boolean);
  };
  const survey = async () => {
    const Source = globalThis.MediaSource ?? globalThis.ManagedMediaSource;
    return {
      source: globalThis.MediaSource ? 'MediaSource' : Source ? 'ManagedMediaSource' : null,
      managed: 'ManagedMediaSource' in globalThis,
      in_workers: Boolean(Source?.canConstructInDedicatedWorker),
      changes_type: Boolean(globalThis.SourceBuffer?.prototype.changeType),
      codecs: Object.keys(CODECS).filter((name) => Source?.isTypeSupported(CODECS[name])),
      key_systems: await systems(),
    };
  };
  const about = survey().then((found) => tell('report', { found }));

  /** Shows a page of the app, as its own links do. */
  const open = (path) => {
    const link = Object.assign(document.createElement('a'), { href: path, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
  };

  globalThis.footlightShell = { gateway, open, about: () => about };
})();
