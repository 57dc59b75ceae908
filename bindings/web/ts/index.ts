// The package's entry.

import { FootlightPlayerElement } from './element.ts';
import { FootlightPlayer } from './player.ts';

export { FootlightPlayer, FootlightPlayerElement };

if (!customElements.get('footlight-player')) customElements.define('footlight-player', FootlightPlayerElement);
