// Manifests to measure parsers with, as large as they come in the field.

const VIDEO = [
  [320, 180, 400_000],
  [480, 270, 800_000],
  [640, 360, 1_600_000],
  [960, 540, 3_000_000],
  [1280, 720, 5_000_000],
  [1920, 1080, 8_000_000],
];

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
  + 'profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static" minBufferTime="PT4S" mediaPresentationDuration=';

function video(at, addressing, prefix = '') {
  const [width, height, bandwidth] = VIDEO[at];
  return `      <Representation id="${prefix}v${at}" bandwidth="${bandwidth}" width="${width}" height="${height}" codecs="avc1.64001F" `
    + `frameRate="25">\n${addressing}      </Representation>\n`;
}

function template(name, timescale, segments) {
  return `        <SegmentTemplate timescale="${timescale}" media="${name}/$Time$.m4s" initialization="${name}/init.mp4">\n`
    + `          <SegmentTimeline>\n${segments}          </SegmentTimeline>\n        </SegmentTemplate>\n`;
}

/** Segments of about two seconds, no two neighbours of the same length, so that @r does not help. */
function irregular(count, timescale, shift) {
  let text = '';
  for (let at = 0, time = 0; at < count; at += 1) {
    const duration = 2 * timescale + (at % 2 ? 1 : -1) * (1 + ((at + shift) % 7));
    text += `            <S t="${time}" d="${duration}"/>\n`;
    time += duration;
  }
  return text;
}

/** A day of six renditions, each with a SegmentTimeline of its own: all alike, or no two. */
export function day(areAlike) {
  const one = (at) => video(at, template(`v${at}`, 90_000, irregular(43_200, 90_000, areAlike ? 0 : at)));
  return `${HEAD}"PT24H">\n  <Period id="p0" start="PT0S">\n    <AdaptationSet id="1" mimeType="video/mp4" `
    + `segmentAlignment="true" startWithSAP="1">\n${VIDEO.map((_, at) => one(at)).join('')}    </AdaptationSet>\n  </Period>\n</MPD>\n`;
}

/** Five hundred periods of thirty seconds, as ad insertion makes them: with the same renditions, or each with its own. */
export function periods(areAlike) {
  const one = (at) => {
    const shared = template(`${at}/$RepresentationID$`, 90_000, '            <S t="0" d="180000" r="14"/>\n');
    const prefix = areAlike ? '' : `${at}-`;
    const renditions = VIDEO.map((_, number) => video(number, '', prefix));
    return `  <Period id="p${at}" start="PT${at * 30}S">\n    <AdaptationSet id="1" mimeType="video/mp4">\n${shared}`
      + `${renditions.join('')}    </AdaptationSet>\n    <AdaptationSet id="2" mimeType="audio/mp4" lang="en">\n${shared}`
      + `      <Representation id="${prefix}a" bandwidth="128000" codecs="mp4a.40.2" audioSamplingRate="48000"/>\n`
      + '    </AdaptationSet>\n  </Period>\n';
  };
  return `${HEAD}"PT${500 * 30}S">\n${Array.from({ length: 500 }, (_, at) => one(at)).join('')}</MPD>\n`;
}
