// What a page may ask for beside playing: a module of its own (../web-extras), fetched when a page first asks, or when an
// event first comes that it decodes.

import { diagnostics, initSync, payload, presentation } from 'footlight-extras-wasm';
import { withoutQueries } from './addresses.ts';
import type { Extras } from './extras-host.ts';
import { compile } from './module.ts';

/** Loads the module, from beside the engine's where that is elsewhere. */
export async function loadExtras(engine: string | null): Promise<Extras> {
  // Written so that bundlers see the file and take it along.
  const url = engine
    ? new URL('footlight_web_extras_bg.wasm', engine)
    : new URL('./footlight_web_extras_bg.wasm', import.meta.url);
  initSync(await compile(url, 'footlight_web_extras_bg.wasm'));
  return {
    presentation: (parts, given) => JSON.parse(presentation(withoutQueries(parts, given))),
    diagnostics: (parts, given) => JSON.parse(diagnostics(withoutQueries(parts, given))),
    payload: ({ scheme, value, data }) => JSON.parse(payload(scheme, value, data)),
  };
}
