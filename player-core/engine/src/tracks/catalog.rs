//! Adaptation sets of all periods, joined to the tracks that a viewer sees.

use footlight_dash::{AdaptationSet, ContentType, Period};

use super::text::{self, TextFormat, TextKind};
use super::{AudioTrack, Preferences, Rendition, TextTrack, Tracks, VideoTrack};
use crate::presentation::{Kind, Playable, PlayableSet, switches};

/// What makes two adaptation sets of different periods the same track.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Identity {
    content: ContentType,
    language: String,
    roles: Vec<String>,
    label: String,
    channels: u32,
    /// Captions that travel in video.
    captions: Option<TextFormat>,
}

impl Identity {
    fn of(playable: PlayableSet<'_>) -> Self {
        let set = playable.set;
        Self {
            content: set.content_type,
            language: set.lang.clone().unwrap_or_default(),
            roles: roles(set),
            label: set.labels.first().map(|l| l.text.clone()).unwrap_or_default(),
            channels: playable.rep(0).map_or(0, |r| r.channels),
            captions: None,
        }
    }

    fn of_captions(format: TextFormat, language: String) -> Self {
        Self {
            content: ContentType::Text,
            language,
            roles: vec!["caption".to_owned()],
            label: String::new(),
            channels: 0,
            captions: Some(format),
        }
    }

    /// How well a set of another period stands in for this track; `None`: not at all.
    fn likeness(&self, set: PlayableSet<'_>) -> Option<u32> {
        let other = Self::of(set);
        (other.content == self.content).then(|| {
            u32::from(other.language == self.language) * 8
                + u32::from(other.roles == self.roles) * 4
                + u32::from(other.channels == self.channels) * 2
                + u32::from(other.label == self.label)
        })
    }
}

impl Track {
    fn kind(&self) -> TextKind {
        TextKind::of(&self.identity.roles)
    }

    /// Whether its codecs name a profile of IMSC: `stpp.ttml.im1t`, `im2t`.
    fn is_imsc(&self) -> bool {
        self.codecs.split(['.', '|']).any(|part| part.starts_with("im"))
    }

    fn set_of(&self, period: u32) -> Option<usize> {
        let at = self.sets.partition_point(|(serial, _)| *serial < period);
        self.sets
            .get(at)
            .filter(|(serial, _)| *serial == period)
            .map(|(_, set)| *set)
    }
}

#[derive(Debug)]
struct Track {
    identity: Identity,
    codecs: String,
    /// The adaptation set that is this track, by its period's serial number, which grow as periods come.
    sets: Vec<(u32, usize)>,
    priority: u32,
}

/// The tracks of a presentation, and what is selected. Ids are indexes: they are stable as long as the
/// presentation is loaded.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    tracks: Vec<Track>,
    pub(crate) video: Option<usize>,
    pub(crate) audio: Option<usize>,
    pub(crate) text: Option<usize>,
}

impl Catalog {
    pub(crate) fn new<'p>(periods: impl Iterator<Item = (u32, Playable<'p>)>, preferences: &Preferences) -> Self {
        let mut catalog = Self::default();
        catalog.update(periods);
        catalog.video = catalog.prefer(ContentType::Video, &[]);
        catalog.audio = catalog.prefer(ContentType::Audio, &preferences.audio_languages);
        if preferences.text_enabled {
            catalog.text = catalog.prefer(ContentType::Text, &preferences.text_languages);
        }
        catalog
    }

    /// How many tracks there are.
    pub(crate) const fn len(&self) -> usize {
        self.tracks.len()
    }

    /// Takes the periods that a live manifest has now: new ones may bring new tracks, gone ones take none away.
    pub(crate) fn update<'p>(&mut self, periods: impl Iterator<Item = (u32, Playable<'p>)>) {
        let mut oldest = u32::MAX;
        for (serial, period) in periods {
            oldest = oldest.min(serial);
            if self.tracks.iter().any(|track| track.set_of(serial).is_some()) {
                continue;
            }
            for (at, set) in period.sets().enumerate() {
                if is_track(period.period, set.set) && !self.has_alternative(serial, period, at, set.set) {
                    self.add(serial, at, set, Identity::of(set));
                    for (format, language) in text::captions(set.set) {
                        self.add(serial, at, set, Identity::of_captions(format, language));
                    }
                }
            }
        }
        for track in &mut self.tracks {
            track.sets.retain(|(serial, _)| *serial >= oldest);
        }
    }

    /// A set that one may switch to from a known one is the same track; the preferred of them plays.
    fn has_alternative(&mut self, serial: u32, period: Playable<'_>, at: usize, set: &AdaptationSet) -> bool {
        let places = self.tracks.iter_mut().flat_map(|track| &mut track.sets);
        for (_, place) in places.filter(|(of, _)| *of == serial) {
            if let Some(known) = period.set(*place).map(|known| known.set)
                && switches(known, set)
            {
                if set.selection_priority > known.selection_priority {
                    *place = at;
                }
                return true;
            }
        }
        false
    }

    fn add(&mut self, serial: u32, at: usize, set: PlayableSet<'_>, identity: Identity) {
        let open = |t: &&mut Track| t.identity == identity && t.set_of(serial).is_none();
        if let Some(known) = self.tracks.iter_mut().find(open) {
            known.sets.push((serial, at));
            return;
        }
        // The same language, role and label twice in a period is one track in two codecs: the manifest's first is as
        // good as any that this device can decode.
        if identity.content != ContentType::Video && self.tracks.iter().any(|t| t.identity == identity) {
            return;
        }
        let first = set.rep(0);
        self.tracks.push(Track {
            identity,
            codecs: first.map(|r| r.codecs.clone()).unwrap_or_default(),
            sets: vec![(serial, at)],
            priority: set.set.selection_priority,
        });
    }

    /// The best track: by language, then the main role, then `@selectionPriority`, then the manifest's order.
    fn prefer(&self, content: ContentType, languages: &[String]) -> Option<usize> {
        let rank = |track: &Track| {
            let language = languages
                .iter()
                .position(|l| same_language(l, &track.identity.language))
                .unwrap_or(languages.len());
            let roles = &track.identity.roles;
            let has = |role: &str| roles.iter().any(|r| r == role);
            let side = !(roles.is_empty() || has("main")) || has(DESCRIPTION);
            (language, side, u32::MAX - track.priority)
        };
        self.of(content)
            .filter(|(_, track)| track.kind() != TextKind::Forced)
            .min_by_key(|(id, track)| (rank(track), *id))
            .map(|(id, _)| id)
    }

    /// The language of a track.
    pub(crate) fn language(&self, id: Option<usize>) -> Option<&str> {
        let track = self.tracks.get(id?)?;
        Some(track.identity.language.as_str())
    }

    /// The text on screen, and whether only what is forced in it: what is selected, else what is forced for those who hear
    /// this sound, in a track of its own or in one that may have it among the rest (IMSC 1.1, 8.4.3.1).
    pub(crate) fn shown_text(&self) -> Option<(usize, bool)> {
        if let Some(selected) = self.text {
            return Some((selected, false));
        }
        let sound = &self.tracks.get(self.audio?)?.identity.language;
        let heard = |(_, track): &(usize, &Track)| same_language(&track.identity.language, sound);
        let own = |(_, track): &(usize, &Track)| track.kind() == TextKind::Forced;
        let among = |(_, track): &(usize, &Track)| track.is_imsc();
        let own = self
            .of(ContentType::Text)
            .filter(heard)
            .find(own)
            .map(|(id, _)| (id, false));
        own.or_else(|| {
            self.of(ContentType::Text)
                .filter(heard)
                .find(among)
                .map(|(id, _)| (id, true))
        })
    }

    /// The format of captions that travel in video; none for other tracks.
    pub(crate) fn text_format(&self, id: usize) -> Option<TextFormat> {
        self.tracks.get(id)?.identity.captions
    }

    fn of(&self, content: ContentType) -> impl Iterator<Item = (usize, &Track)> {
        self.tracks
            .iter()
            .enumerate()
            .filter(move |(_, t)| t.identity.content == content)
    }

    /// Whether `id` is a track of this content type.
    pub(crate) fn is(&self, id: u32, content: ContentType) -> bool {
        self.tracks
            .get(id as usize)
            .is_some_and(|t| t.identity.content == content)
    }

    /// The adaptation set that plays a track in a period: its own, or the likest one.
    pub(crate) fn set_in(&self, id: usize, number: u32, period: Playable<'_>) -> Option<usize> {
        let track = self.tracks.get(id)?;
        if let Some(set) = track.set_of(number) {
            return Some(set);
        }
        if track.identity.content == ContentType::Text {
            return None;
        }
        let sets = period
            .sets()
            .enumerate()
            .filter(|(_, s)| is_track(period.period, s.set));
        sets.filter_map(|(at, set)| Some((track.identity.likeness(set)?, usize::MAX - at)))
            .max()
            .map(|(_, at)| usize::MAX - at)
    }

    /// The adaptation set that plays in a period: that of the selected track, as far as the Period's Subsets let picture
    /// and sound be played together (ISO/IEC 23009-1, 5.3.8). Rather another picture than another sound.
    pub(crate) fn played(&self, kind: Kind, number: u32, period: Playable<'_>) -> Option<usize> {
        let own = |track: Option<usize>| self.set_in(track?, number, period);
        let (video, audio) = (own(self.video), own(self.audio));
        let selected = if kind == Kind::Video { video } else { audio };
        let (Some(video), Some(audio)) = (video, audio) else {
            return selected;
        };
        if may_join(period, video, audio) {
            return selected;
        }
        let (mut rank, mut best) = (3, (video, audio));
        for (at, set) in period.sets().enumerate() {
            let (place, pair) = match set.set.content_type {
                ContentType::Video => (1, (at, audio)),
                ContentType::Audio => (2, (video, at)),
                _ => continue,
            };
            if place < rank && is_track(period.period, set.set) && may_join(period, pair.0, pair.1) {
                (rank, best) = (place, pair);
            }
        }
        Some(if kind == Kind::Video { best.0 } else { best.1 })
    }

    /// What a menu shows at `number`, the period of the playhead; `active` is the rendition at the playhead.
    pub(crate) fn describe(
        &self,
        number: u32,
        period: Playable<'_>,
        active: Option<u32>,
        fixed: Option<u32>,
    ) -> Tracks {
        let selected = |id: usize, choice: Option<usize>| choice == Some(id);
        let renditions = |id: usize| {
            let set = self.set_in(id, number, period).and_then(|at| period.set(at));
            let reps = set.into_iter().flat_map(PlayableSet::reps);
            (0u32..).zip(reps).map(|(id, rep)| Rendition {
                id,
                bandwidth: rep.bandwidth,
                width: rep.width,
                height: rep.height,
                frame_rate: rep.frame_rate,
                codecs: rep.codecs.clone(),
                active: active == Some(id),
            })
        };
        Tracks {
            video: self
                .of(ContentType::Video)
                .map(|(id, _)| VideoTrack {
                    id: to_id(id),
                    selected: selected(id, self.video),
                    renditions: renditions(id).collect(),
                })
                .collect(),
            audio: self
                .of(ContentType::Audio)
                .map(|(id, t)| AudioTrack {
                    id: to_id(id),
                    language: t.identity.language.clone(),
                    label: t.identity.label.clone(),
                    roles: t.identity.roles.clone(),
                    channels: t.identity.channels,
                    codecs: t.codecs.clone(),
                    selected: selected(id, self.audio),
                })
                .collect(),
            text: self
                .of(ContentType::Text)
                .map(|(id, t)| TextTrack {
                    id: to_id(id),
                    language: t.identity.language.clone(),
                    label: t.identity.label.clone(),
                    roles: t.identity.roles.clone(),
                    kind: t.kind(),
                    selected: selected(id, self.text),
                })
                .collect(),
            thumbnails: period.sets().any(|s| s.set.content_type == ContentType::Image),
            fixed_rendition: fixed,
        }
    }
}

/// Whether the Subsets of a period let two sets be played together.
fn may_join(period: Playable<'_>, a: usize, b: usize) -> bool {
    let subsets = &period.period.subsets;
    let is_in = |subset: &[u32], at: usize| {
        let id = period.set(at).and_then(|set| set.set.id);
        id.is_none_or(|id| subset.contains(&id))
    };
    subsets.is_empty() || subsets.iter().any(|subset| is_in(subset, a) && is_in(subset, b))
}

/// Whether a viewer may choose a set: scanning and parts of a Preselection are not for playing alone. One that a
/// Preselection names alone is.
fn is_track(period: &Period, set: &AdaptationSet) -> bool {
    let is_media = matches!(
        set.content_type,
        ContentType::Video | ContentType::Audio | ContentType::Text
    );
    let alone = || {
        let mut all = period.preselections.iter().map(|p| p.components.as_slice());
        set.id
            .is_some_and(|id| all.any(|parts| matches!(parts, [only] if only.parse() == Ok(id))))
    };
    is_media && !set.is_trick_mode() && (!set.preselection_only || alone())
}

/// Faster than this, in thousandths, a picture is scanned rather than watched.
const SCANNING: u32 = 2000;

/// The set for trick modes that plays instead of a set at a speed, in thousandths; none: the set itself can do that.
pub(crate) fn scanned_instead(period: Playable<'_>, main: usize, rate: u32) -> Option<usize> {
    let main = period.set(main)?;
    let fastest = main.rep(0)?.max_playout_rate.unwrap_or(0);
    if rate <= fastest.max(SCANNING) {
        return None;
    }
    let id = main.set.id?;
    let is_for = |set: PlayableSet<'_>| set.set.is_trick_mode() && set.set.trick_mode_of.contains(&id);
    period.sets().position(is_for)
}

/// The role of sound that also says what there is to see.
const DESCRIPTION: &str = "description";

/// Roles, and what Accessibility descriptors say of those who need a set, as roles.
fn roles(set: &AdaptationSet) -> Vec<String> {
    let mut roles: Vec<_> = set.roles.iter().map(|role| role.value.clone()).collect();
    for accessibility in &set.accessibility {
        let role = match (accessibility.scheme.as_str(), accessibility.value.as_str()) {
            ("urn:mpeg:dash:role:2011", role) => role,
            ("urn:tva:metadata:cs:AudioPurposeCS:2007", "1") => DESCRIPTION,
            ("urn:tva:metadata:cs:AudioPurposeCS:2007", "2") if set.content_type == ContentType::Text => "caption",
            ("urn:tva:metadata:cs:AudioPurposeCS:2007", "2") => "enhanced-audio-intelligibility",
            _ => continue,
        };
        if !roles.iter().any(|known| known == role) {
            roles.push(role.to_owned());
        }
    }
    roles
}

/// BCP 47 lookup as far as players need it: `en` matches `en-GB` and the other way round.
fn same_language(a: &str, b: &str) -> bool {
    let primary = |l: &str| l.split('-').next().unwrap_or_default().to_ascii_lowercase();
    !a.is_empty() && primary(a) == primary(b)
}

fn to_id(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
