import { FootlightPlayer, type PlayerError, type Tracks } from 'footlight-player';

const player = new FootlightPlayer({ preferences: { audioLanguages: ['en'] } });
player.attach(document.querySelector('video') as HTMLVideoElement);
player.addEventListener('error', ({ detail }) => console.log(detail.code, detail.action));
player.load('/film/manifest.mpd', { startTime: 30 }).catch((error: PlayerError) => console.log(error.message));
export const languages = (tracks: Tracks): string[] => tracks.audio.map(({ language }) => language);
