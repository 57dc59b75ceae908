// The element's looks. `build.mjs` takes the white space out.

export const STYLE = `
:host {
  display: block; position: relative; overflow: hidden; background: #000; aspect-ratio: 16 / 9;
  color: var(--footlight-text, #fff); font: 14px/1.4 system-ui, sans-serif;
  --accent: var(--footlight-accent, #f5b83d); --panel: var(--footlight-panel, rgb(0 0 0 / .72));
}
:host([hidden]) { display: none; }
:host(:fullscreen) { aspect-ratio: auto; }
video { display: block; width: 100%; height: 100%; object-fit: contain; }
[part=cues] { position: absolute; inset: 0; pointer-events: none; --footlight-cue-bottom: 96px; }
.idle [part=cues], :host(:not([controls])) [part=cues] { --footlight-cue-bottom: 0px; }
[part=controls] {
  position: absolute; inset: auto 0 0; display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px;
  padding: 8px 12px; background: var(--panel); transition: opacity .2s;
}
.idle [part=controls]:not(:focus-within) { opacity: 0; }
.idle { cursor: none; }
[hidden] { display: none !important; }
button, select {
  color: inherit; font: inherit; background: none; border: 0; border-radius: 4px; min-width: 36px; min-height: 36px;
  padding: 0 6px; cursor: pointer;
}
select { max-width: 9em; }
option { color: #000; background: #fff; }
svg { width: 24px; height: 24px; fill: currentColor; display: block; margin: auto; }
:is(button, select, input):focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
input { accent-color: var(--accent); height: 24px; margin: 0; cursor: pointer; }
[part=seek] {
  flex: 1 0 100%; appearance: none; background: linear-gradient(var(--accent) 0 0) 0 / var(--played, 0%) 4px no-repeat,
    var(--ranges, none), linear-gradient(rgb(255 255 255 / .3) 0 0) 0 / 100% 4px no-repeat; background-position-y: center;
}
[part=seek]::-webkit-slider-thumb { appearance: none; width: 14px; height: 14px; border-radius: 50%; background: var(--accent); }
[part=seek]::-moz-range-thumb { width: 14px; height: 14px; border: 0; border-radius: 50%; background: var(--accent); }
[part=volume] { width: 72px; }
[part=time] { flex: 1; font-variant-numeric: tabular-nums; white-space: nowrap; }
[part=error] {
  position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 12px;
  padding: 16px; text-align: center; background: var(--panel);
}
[part=error] button { border: 1px solid; padding: 0 16px; }
.wait {
  position: absolute; inset: 50% auto auto 50%; width: 40px; height: 40px; margin: -20px; border-radius: 50%;
  border: 4px solid rgb(255 255 255 / .3); border-top-color: var(--accent); animation: turn 1s linear infinite;
}
@keyframes turn { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) { .wait { animation-duration: 4s; } }
`;
