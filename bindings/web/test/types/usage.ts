// Compiled, not run: the documented use of the package, and the sources held to its public types.

import { FootlightPlayer, FootlightPlayerElement, type PlayerError, type Stats } from '../../footlight.js';
import type * as Public from '../../footlight.js';
import type * as Sources from '../../ts/index.ts';

export async function embed(video: HTMLVideoElement): Promise<Stats> {
  const player = new FootlightPlayer({ preferences: { audioLanguages: ['en'], textEnabled: true }, mse: 'auto' });
  player.attach(video);
  player.addEventListener('error', ({ detail }) => console.log(detail.code, detail.action));
  player.addEventListener('cuechange', (event) => event.detail.cues.map((cue) => cue.text));
  player.addEventListener('statechange', function ({ detail }) {
    console.log(this.duration, detail.state === 'playing');
  });
  try {
    await player.load('/film/manifest.mpd', { startTime: 30 });
    await player.play();
  } catch (error) {
    console.log((error as PlayerError).code);
  }
  player.selectRendition(player.tracks.video[0]?.renditions.at(-1)?.id ?? null);
  player.playbackRate = 1.5;
  const picture = await player.thumbnailAt(60);
  console.log(picture?.url, player.buffered.at(-1)?.end);
  return player.stats();
}

export function element(): FootlightPlayerElement {
  const element = document.createElement('footlight-player');
  element.src = '/film/manifest.mpd';
  element.player?.pause();
  return element;
}

// @ts-expect-error: there is no such state
export const wrong = (player: FootlightPlayer): boolean => player.state === 'asleep';

type Instance<K extends keyof typeof Public> = InstanceType<(typeof Public)[K]>;
type Made<K extends keyof typeof Public> = InstanceType<(typeof Sources)[K]>;

/** The implementation has everything that is declared, of the same types. */
export const player = (made: Made<'FootlightPlayer'>): Instance<'FootlightPlayer'> => made;
export const tag = (made: Made<'FootlightPlayerElement'>): Omit<Instance<'FootlightPlayerElement'>, 'player'> => made;
export const options: ConstructorParameters<typeof Sources.FootlightPlayer> =
  [] as ConstructorParameters<typeof Public.FootlightPlayer>;
