//! What is fuzzed.

mod binary;
mod indexes;
mod manifests;
mod remotes;
mod text;

/// A parser, and how to reach deep into it.
pub struct Target {
    /// What one types to run it alone.
    pub name: &'static str,
    /// Feeds it one input and answers with the signature of what it did. Panics when it is wrong.
    pub(crate) run: fn(&[u8]) -> u64,
    /// Folders of inputs to begin with, from this crate's.
    pub(crate) corpora: &'static [&'static str],
    /// Words that parsers look for.
    pub(crate) dictionary: &'static [&'static str],
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target {
        name: "mpd",
        run: manifests::parse,
        corpora: MANIFESTS,
        dictionary: manifests::WORDS,
    },
    Target {
        name: "refresh",
        run: manifests::refresh,
        corpora: &["corpus/refresh"],
        dictionary: manifests::WORDS,
    },
    Target {
        name: "patch",
        run: manifests::patch,
        corpora: &["corpus/patch"],
        dictionary: manifests::PATCH_WORDS,
    },
    Target {
        name: "remotes",
        run: remotes::resolve,
        corpora: &["corpus/remotes"],
        dictionary: remotes::WORDS,
    },
    Target {
        name: "index",
        run: indexes::load,
        corpora: &["corpus/index"],
        dictionary: BOXES,
    },
    Target {
        name: "sidx",
        run: binary::sidx,
        corpora: &["corpus/sidx"],
        dictionary: BOXES,
    },
    Target {
        name: "boxes",
        run: binary::boxes,
        corpora: &["corpus/boxes"],
        dictionary: BOXES,
    },
    Target {
        name: "emsg",
        run: binary::emsg,
        corpora: &["corpus/emsg"],
        dictionary: binary::SCHEMES,
    },
    Target {
        name: "scte35",
        run: binary::scte35,
        corpora: &["corpus/scte35"],
        dictionary: &["CUEI", "<Binary>", "</Binary>", "\u{7f}", "MPU"],
    },
    Target {
        name: "id3",
        run: binary::id3,
        corpora: &["corpus/id3"],
        dictionary: &["ID3", "TXXX", "TIT2", "PRIV", "WXXX", "WOAR", "GEOB"],
    },
    Target {
        name: "webvtt",
        run: text::webvtt,
        corpora: &["corpus/webvtt"],
        dictionary: text::WEBVTT_WORDS,
    },
    Target {
        name: "ttml",
        run: text::ttml,
        corpora: &["corpus/ttml"],
        dictionary: text::TTML_WORDS,
    },
    Target {
        name: "iso_text",
        run: text::iso_text,
        corpora: &["corpus/iso_text"],
        dictionary: BOXES,
    },
    Target {
        name: "cea",
        run: text::cea,
        corpora: &["corpus/cea"],
        dictionary: &["\u{0}\u{0}\u{1}", "GA94", "moof", "mdat", "trun"],
    },
];

/// Manifests: those of this crate, and the parser's own, one feature each.
const MANIFESTS: &[&str] = &["corpus/mpd", "../../player-core/dash/tests/corpus"];

const BOXES: &[&str] = &[
    "ftyp",
    "moov",
    "trak",
    "tkhd",
    "mdia",
    "mdhd",
    "hdlr",
    "minf",
    "stbl",
    "stsd",
    "mvex",
    "trex",
    "moof",
    "mfhd",
    "traf",
    "tfhd",
    "tfdt",
    "trun",
    "subs",
    "mdat",
    "sidx",
    "emsg",
    "prft",
    "uuid",
    "encv",
    "enca",
    "sinf",
    "frma",
    "wvtt",
    "stpp",
    "vttC",
    "vttc",
    "vtte",
    "payl",
    "sttg",
    "iden",
    "senc",
    "pssh",
    "\u{0}\u{0}\u{0}\u{1}",
];
