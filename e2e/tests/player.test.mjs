// Every way of addressing segments, from a click to the end.

import { suite } from '../lib/harness.mjs';
import { openPlayer, playThrough } from '../lib/player.mjs';

const DURATION = 10;

/** Titles as the variants need them; `hole`: seconds that are not there. */
const CASES = [
  { variant: 'number', title: 'tidewater' },
  { variant: 'timeline', title: 'paperbirds' },
  { variant: 'list', title: 'nightline' },
  { variant: 'base', title: 'tidewater' },
  { variant: 'base', title: 'paperbirds', query: { sidx: 'hierarchical' } },
  { variant: 'periods', title: 'nightline', duration: 12 },
  { variant: 'vp9', title: 'nightline' },
  { variant: 'gap', title: 'tidewater', duration: 12, hole: 4 },
];

suite('plays from click to ended', { concurrency: 3 }, (add) => {
  for (const { variant, title, query = {}, duration = DURATION, hole } of CASES) {
    const name = [variant, ...Object.values(query)].join(', ');
    add(name, async (frame, t) => {
      const backend = await frame.backend();
      const src = backend.manifest(title, variant, { duration, ...query });
      const page = await openPlayer(frame, backend, { src });
      const { frames, stalls } = await playThrough(page, duration, { hole });
      const { firstFrameMs, mse } = await page.evaluate(() => player.stats());
      t.diagnostic(`first frame ${Math.round(firstFrameMs)} ms, ${frames} frames, ${stalls} stalls, MSE in ${mse}`);
    });
  }
});
