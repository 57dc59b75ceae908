//! What is on the shelf: every title of the media folder, and further editions of the ones we know, so that there is
//! enough for a home page. Each edition is something else to play: another length, another variant.

use crate::{
    media::{Library, PictureFile, Title},
    mpd::Variant,
};
use service_api::{Catalogue, Channel, Image, Language, Quality, Row, TitleCard, TitleDetails, VariantSummary};
use std::{cmp::Reverse, sync::Arc};

/// An edition of a title.
pub(super) struct Edition {
    pub(super) card: TitleCard,
    pub(super) media: Arc<Title>,
    pub(super) variant: Variant,
    synopsis: String,
}

/// What a further edition changes.
struct Remix {
    id: &'static str,
    of: &'static str,
    title: &'static str,
    tagline: &'static str,
    synopsis: &'static str,
    year: u16,
    minutes: u64,
    variant: Variant,
}

const REMIXES: [Remix; 6] = [
    Remix {
        id: "tidewater-directors-cut",
        of: "tidewater",
        title: "Tidewater: The Long Shore",
        tagline: "The director's cut, with every wave back in",
        synopsis: "Maren's whole year at the lamp. Every tide that the release had to leave out, and the answer to the last signal.",
        year: 2026,
        minutes: 94,
        variant: Variant::Base,
    },
    Remix {
        id: "tidewater-three-tides",
        of: "tidewater",
        title: "Three Tides",
        tagline: "One shore, three evenings",
        synopsis: "Low water, high water and the hour between them: the lighthouse before Maren, told in three chapters.",
        year: 2025,
        minutes: 6,
        variant: Variant::Periods,
    },
    Remix {
        id: "nightline-express",
        of: "nightline",
        title: "Nightline Express",
        tagline: "The whole line, without a stop",
        synopsis: "Line 9 again, but this time it does not slow down, and one of the seven has to reach the driver.",
        year: 2026,
        minutes: 12,
        variant: Variant::Vp9,
    },
    Remix {
        id: "nightline-last-train",
        of: "nightline",
        title: "The Last Train",
        tagline: "Where Nightline began",
        synopsis: "The short film that it grew from: one carriage, seven strangers, and a stop that nobody remembers.",
        year: 2023,
        minutes: 9,
        variant: Variant::Timeline,
    },
    Remix {
        id: "paperbirds-first-fold",
        of: "paperbirds",
        title: "First Fold",
        tagline: "A square of paper has plans",
        synopsis: "How the letter was torn, and why it was folded: the evening before the cranes set out.",
        year: 2024,
        minutes: 4,
        variant: Variant::List,
    },
    Remix {
        id: "paperbirds-migration",
        of: "paperbirds",
        title: "The Great Migration",
        tagline: "A whole day on the wing",
        synopsis: "Slow television at its slowest: follow seven cranes over the hills for as long as you can stay awake.",
        year: 2026,
        minutes: 24 * 60,
        variant: Variant::Timeline,
    },
];

const DAY_MS: u64 = 24 * 3_600_000;
const SHORT_MS: u64 = 13 * 60_000;

/// All editions, the originals first.
pub(super) struct Shelf {
    pub(super) editions: Vec<Edition>,
}

/// The pictures of a title, smallest first.
pub(super) fn pictures(media: &Title, files: &[PictureFile]) -> Vec<Image> {
    let mut images: Vec<_> = files.iter().filter_map(|file| image(media, file)).collect();
    images.sort_by_key(|image| image.width);
    images
}

impl Shelf {
    pub(super) fn new(library: &Library) -> Self {
        let mut editions: Vec<_> = library.titles().map(original).collect();
        // The film that the home page opens with.
        editions.sort_by_key(|edition| edition.card.id != "tidewater");
        let remixes = REMIXES.iter().filter_map(|remix| {
            let media = library.title(remix.of)?;
            Some(remixed(remix, media))
        });
        editions.extend(remixes);
        Self { editions }
    }

    /// The edition with this id.
    pub(super) fn find(&self, id: &str) -> Option<&Edition> {
        self.editions.iter().find(|edition| edition.card.id == id)
    }

    /// The home page; none when there is nothing on the shelf.
    pub(super) fn catalogue(&self, channels: Vec<Channel>) -> Option<Catalogue> {
        let hero = self.editions.first()?.card.clone();
        let mut rows = vec![
            row("tonight", "Tonight on Footlight", self.editions.iter()),
            row(
                "new",
                "New this year",
                self.sorted(|card| card.year >= 2026, |card| Reverse(card.year)),
            ),
            row(
                "short",
                "Short films",
                self.sorted(|card| card.duration_ms <= SHORT_MS, |card| card.duration_ms),
            ),
            row(
                "long",
                "For a long evening",
                self.sorted(|card| card.duration_ms > SHORT_MS / 2, |card| Reverse(card.duration_ms)),
            ),
        ];
        rows.retain(|row| !row.items.is_empty());
        Some(Catalogue { hero, rows, channels })
    }

    fn sorted<K: Ord>(
        &self,
        filter: impl Fn(&TitleCard) -> bool,
        key: impl Fn(&TitleCard) -> K,
    ) -> impl Iterator<Item = &Edition> {
        let mut found: Vec<_> = self.editions.iter().filter(|edition| filter(&edition.card)).collect();
        found.sort_by_key(|edition| key(&edition.card));
        found.into_iter()
    }

    /// Best match first: in the name, in the genres, anywhere.
    pub(super) fn search(&self, query: &str) -> Vec<TitleCard> {
        let query = query.to_lowercase();
        let words: Vec<_> = query.split_whitespace().collect();
        let mut found: Vec<_> = self
            .editions
            .iter()
            .filter_map(|edition| Some((edition.score(&words)?, &edition.card)))
            .collect();
        found.sort_by_key(|(score, _)| Reverse(*score));
        found.into_iter().map(|(_, card)| card.clone()).collect()
    }

    /// What to play after an edition: the next on the shelf, around its end.
    pub(super) fn next(&self, id: &str) -> Option<&TitleCard> {
        let index = self.editions.iter().position(|edition| edition.card.id == id)?;
        let next = self.editions.get((index + 1) % self.editions.len())?;
        (next.card.id != id).then_some(&next.card)
    }

    /// Everything about an edition.
    pub(super) fn details(&self, edition: &Edition) -> TitleDetails {
        let family = |other: &&Edition| other.card.id != edition.card.id;
        let mut related: Vec<_> = self.editions.iter().filter(family).collect();
        related.sort_by_key(|other| !Arc::ptr_eq(&other.media, &edition.media));
        TitleDetails {
            card: edition.card.clone(),
            synopsis: edition.synopsis.clone(),
            audio: edition.audio(),
            text: edition.text(),
            qualities: edition.qualities(),
            variants: edition.variants().map(summary).collect(),
            related: related.into_iter().take(6).map(|other| other.card.clone()).collect(),
        }
    }
}

impl Edition {
    /// What a playback request may ask for, the usual one first.
    pub(super) fn variants(&self) -> impl Iterator<Item = Variant> {
        let others = Variant::ALL
            .into_iter()
            .filter(|variant| *variant != self.variant && (*variant != Variant::Vp9 || self.media.has_vp9()));
        std::iter::once(self.variant).chain(others)
    }

    fn vp9(&self) -> bool {
        self.variant == Variant::Vp9
    }

    fn audio(&self) -> Vec<Language> {
        let audio = self.media.audio.iter();
        let audio = audio.filter(|audio| audio.is_opus() == self.vp9());
        audio
            .map(|audio| language(&audio.file.lang, &audio.file.label))
            .collect()
    }

    fn text(&self) -> Vec<Language> {
        let text = self.media.text.iter();
        text.map(|text| language(&text.file.lang, &text.file.label)).collect()
    }

    fn qualities(&self) -> Vec<Quality> {
        let video = self.media.video.iter();
        let video = video.filter(|video| video.is_vp9() == self.vp9());
        let mut qualities: Vec<_> = video
            .map(|video| Quality {
                label: format!("{}p", video.file.height),
                width: video.file.width,
                height: video.file.height,
            })
            .collect();
        qualities.sort_by_key(|quality| Reverse(quality.height));
        qualities
    }

    /// How well it matches lower-case words, all of which must be found; none: not at all.
    fn score(&self, words: &[&str]) -> Option<u32> {
        let title = self.card.title.to_lowercase();
        let genres = self.card.genres.join(" ").to_lowercase();
        let rest = format!("{} {}", self.card.tagline, self.synopsis).to_lowercase();
        let mut score = 0;
        for word in words {
            score += if title
                .split(|c: char| !c.is_alphanumeric())
                .any(|part| part.starts_with(word))
            {
                8
            } else if title.contains(word) {
                4
            } else if genres.contains(word) {
                2
            } else if rest.contains(word) {
                1
            } else {
                return None;
            };
        }
        (score > 0).then_some(score)
    }
}

pub(super) fn summary(variant: Variant) -> VariantSummary {
    VariantSummary {
        id: variant.id().to_owned(),
        label: variant.label().to_owned(),
    }
}

fn language(tag: &str, label: &str) -> Language {
    Language {
        tag: tag.to_owned(),
        label: label.to_owned(),
    }
}

fn row<'a>(id: &str, title: &str, editions: impl Iterator<Item = &'a Edition>) -> Row {
    Row {
        id: id.to_owned(),
        title: title.to_owned(),
        items: editions.map(|edition| edition.card.clone()).collect(),
    }
}

fn original(media: &Arc<Title>) -> Edition {
    let info = &media.info;
    Edition {
        card: TitleCard {
            id: info.id.clone(),
            title: info.title.clone(),
            tagline: info.tagline.clone(),
            accent: info.accent.clone(),
            year: info.year,
            rating: info.rating.clone(),
            genres: info.genres.clone(),
            duration_ms: info.duration_ms.min(DAY_MS),
            posters: pictures(media, &info.posters),
            heroes: pictures(media, &info.heroes),
        },
        synopsis: info.synopsis.clone(),
        variant: Variant::Number,
        media: Arc::clone(media),
    }
}

fn remixed(remix: &Remix, media: &Arc<Title>) -> Edition {
    let mut edition = original(media);
    edition.card.id = remix.id.to_owned();
    edition.card.title = remix.title.to_owned();
    edition.card.tagline = remix.tagline.to_owned();
    edition.card.year = remix.year;
    edition.card.duration_ms = remix.minutes * 60_000;
    edition.synopsis = remix.synopsis.to_owned();
    if remix.variant != Variant::Vp9 || media.has_vp9() {
        edition.variant = remix.variant;
    }
    edition
}

fn image(media: &Title, file: &PictureFile) -> Option<Image> {
    let picture = media.pictures.get(&file.file)?;
    Some(Image {
        url: format!(
            "/v1/images/{}/{}?v={:016x}",
            media.info.id, file.file, picture.fingerprint
        ),
        width: file.width,
        height: file.height,
    })
}
