//! The types of the gateway's answers.

use serde::{Deserialize, Serialize};

/// A picture in one size.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Image {
    /// URL reference, resolves against the gateway. Its content never changes.
    pub url: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// What a poster in a row shows of a title.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TitleCard {
    /// Stable identifier, safe in a URL path.
    pub id: String,
    /// Name.
    pub title: String,
    /// One line about it.
    pub tagline: String,
    /// Accent colour, `#rrggbb`.
    pub accent: String,
    /// Year of release.
    pub year: u16,
    /// Age rating, for example `PG`.
    pub rating: String,
    /// Genres, the most telling first.
    pub genres: Vec<String>,
    /// Running time in milliseconds.
    pub duration_ms: u64,
    /// The same 2:3 picture in several sizes, smallest first.
    pub posters: Vec<Image>,
    /// The same 16:9 picture in several sizes, smallest first.
    pub heroes: Vec<Image>,
}

/// A row of the home page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Row {
    /// Stable identifier.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Titles, in order.
    pub items: Vec<TitleCard>,
}

/// The home page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Catalogue {
    /// The title to show large.
    pub hero: TitleCard,
    /// Rows, in order.
    pub rows: Vec<Row>,
    /// Live channels, in order.
    #[serde(default)]
    pub channels: Vec<Channel>,
}

/// Something that is on a live channel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Programme {
    /// Name.
    pub title: String,
    /// One line about it.
    pub tagline: String,
    /// When it starts, in milliseconds since the Unix epoch.
    pub start_ms: u64,
    /// When it ends, in milliseconds since the Unix epoch.
    pub end_ms: u64,
}

/// A live channel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Channel {
    /// Stable identifier, safe in a URL path.
    pub id: String,
    /// Name.
    pub title: String,
    /// A sentence about it.
    pub description: String,
    /// Accent colour of what is on, `#rrggbb`.
    pub accent: String,
    /// The same 2:3 picture of what is on in several sizes, smallest first.
    pub posters: Vec<Image>,
    /// The same 16:9 picture of what is on in several sizes, smallest first.
    pub heroes: Vec<Image>,
    /// Absolute URL of its MPD.
    pub manifest_url: String,
    /// It is made to be seen within seconds.
    pub low_latency: bool,
    /// How far back one can go, in seconds.
    pub window_s: u32,
    /// What is on.
    pub now: Programme,
    /// What is on after it.
    pub next: Programme,
}

/// All live channels.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Channels {
    /// In the order in which they are shown.
    pub items: Vec<Channel>,
}

/// A language that a title has sound or subtitles in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Language {
    /// BCP 47 tag.
    pub tag: String,
    /// Name to show.
    pub label: String,
}

/// A picture quality that a title comes in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quality {
    /// Name to show, for example `1080p`.
    pub label: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// A way in which a title can be delivered: an addressing mode, a codec, a fault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VariantSummary {
    /// Identifier, the `variant` of a playback request.
    pub id: String,
    /// Name to show.
    pub label: String,
}

/// Everything about a title.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TitleDetails {
    /// What a row shows of it.
    pub card: TitleCard,
    /// A paragraph about it.
    pub synopsis: String,
    /// Languages of the sound, the original first.
    pub audio: Vec<Language>,
    /// Languages of the subtitles.
    pub text: Vec<Language>,
    /// Picture qualities, highest first.
    pub qualities: Vec<Quality>,
    /// Variants that a playback request may ask for, the usual one first.
    pub variants: Vec<VariantSummary>,
    /// Titles that the same viewer may like.
    pub related: Vec<TitleCard>,
}

/// A variant with its manifest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Variant {
    /// Identifier, the `variant` of a playback request.
    pub id: String,
    /// Name to show.
    pub label: String,
    /// Absolute URL of its MPD.
    pub manifest_url: String,
}

/// What is needed to play a title.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Playback {
    /// What is played.
    pub title: TitleCard,
    /// Identifier of the variant that `manifest_url` is of.
    pub variant: String,
    /// Absolute URL of the MPD.
    pub manifest_url: String,
    /// Running time of this presentation in milliseconds.
    pub duration_ms: u64,
    /// All variants, the usual one first.
    pub variants: Vec<Variant>,
    /// What to play after it.
    pub next: Option<TitleCard>,
    /// The channel, when it is one.
    #[serde(default)]
    pub channel: Option<Channel>,
}

/// Titles that match a query.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchResults {
    /// The query as it was understood.
    pub query: String,
    /// Best match first.
    pub items: Vec<TitleCard>,
}
