// A page with a player and a play button, which notes what happens. Its address says what to play (`src`), how large the
// picture is (`width`, `height`), and the player's options as JSON (`options`); `hold` leaves the load to the test.

import { FootlightPlayer } from '/player/footlight.js';

const query = new URLSearchParams(location.search);
const video = document.querySelector('#video');
video.width = Number(query.get('width') ?? 480);
video.height = Number(query.get('height') ?? 270);

/** Everything that happened: names, and what was told with them. */
const events = [];
/** The clock, whenever it was looked at: [milliseconds, seconds of media]. */
const clock = [];
const longTasks = [];

const player = new FootlightPlayer(JSON.parse(query.get('options') ?? '{}'));
player.attach(video);
Object.assign(globalThis, { player, video, events, clock, longTasks, FootlightPlayer });

const NAMES = [
  'statechange durationchange trackschange renditionchange decision cuechange timedevent error warning stall ended',
].flatMap((names) => names.split(' '));

function plain(name, detail) {
  if (name === 'timedevent') return { ...detail, data: Array.from(detail.data) };
  if (name !== 'error' && name !== 'warning') return detail;
  const { code, severity, action, message, url, status } = detail;
  return { code, severity, action, message, url, status };
}

for (const name of NAMES) {
  player.addEventListener(name, ({ detail }) => {
    events.push({ name, at: performance.now(), position: player.currentTime, detail: plain(name, detail) });
  });
}
player.addEventListener('cuechange', ({ detail }) => {
  document.querySelector('#cues').textContent = detail.cues.map((cue) => cue.text).join(' / ');
});

// The size of what is decoded, which is the rendition on screen.
video.addEventListener('resize', () => {
  const { videoWidth: width, videoHeight: height } = video;
  events.push({ name: 'resize', at: performance.now(), position: video.currentTime, detail: { width, height } });
});

function look() {
  const last = clock.at(-1);
  if (!last || last[1] !== video.currentTime) clock.push([performance.now(), video.currentTime]);
  requestAnimationFrame(look);
}
look();

if (globalThis.PerformanceObserver?.supportedEntryTypes?.includes('longtask')) {
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) longTasks.push({ startTime, duration });
  }).observe({ type: 'longtask', buffered: true });
}

document.querySelector('#play').onclick = () => {
  player.play().catch((error) => events.push({ name: 'play-rejected', at: performance.now(), detail: String(error) }));
};

/** Loads, and notes how it went. */
globalThis.open = async (url, options) => {
  globalThis.loadResult = 'pending';
  globalThis.loadAt = performance.now();
  try {
    await player.load(url, options);
    globalThis.loadResult = 'loaded';
  } catch (error) {
    globalThis.loadResult = error.code ?? String(error);
  }
  return globalThis.loadResult;
};

/** For the report of a failure. */
globalThis.describe = () => {
  const buffered = player.buffered.map(({ start, end }) => `${start.toFixed(2)}-${end.toFixed(2)}`).join(' ');
  const tail = events.slice(-25).map((event) => {
    const detail = JSON.stringify(event.detail)?.slice(0, 160);
    return `  ${event.at.toFixed(0)} ms @${event.position?.toFixed(2)} ${event.name} ${detail}`;
  });
  const { currentTime, readyState, paused, seeking } = video;
  return [
    `state ${player.state}, load ${globalThis.loadResult}, ${JSON.stringify({ currentTime, readyState, paused, seeking })}, `
      + `duration ${player.duration}, buffered ${buffered}, element error ${video.error?.message ?? 'none'}`,
    ...tail,
  ].join('\n');
};

globalThis.ready = true;
if (query.has('src') && !query.has('hold')) globalThis.open(query.get('src'));
