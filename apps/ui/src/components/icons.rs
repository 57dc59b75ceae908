//! The app's icons: one drawing each, on a 24 by 24 grid.

use leptos::prelude::*;

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Icon {
    Play,
    Pause,
    Replay,
    Back10,
    Forward10,
    VolumeHigh,
    VolumeLow,
    VolumeOff,
    Subtitles,
    Audio,
    Quality,
    Speed,
    Pip,
    Fullscreen,
    FullscreenExit,
    Stats,
    Back,
    Search,
    Home,
    Close,
    Check,
    Left,
    Right,
    Info,
    Warning,
    Offline,
    Next,
    Help,
    TextStyle,
}

impl Icon {
    /// The path, and whether it is filled rather than stroked.
    fn drawing(self) -> (&'static str, bool) {
        match self {
            Self::Play => (
                "M7 4.8v14.4c0 .8.9 1.3 1.6.9l11.6-7.2c.7-.4.7-1.4 0-1.8L8.6 3.9C7.9 3.5 7 4 7 4.8z",
                true,
            ),
            Self::Pause => (
                "M7 4h2.6a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zm7.4 0H17a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-2.6a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1z",
                true,
            ),
            Self::Replay => ("M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5", false),
            Self::Back10 => (
                "M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5M9 10.5l1.3-.8v5M13.2 11.2v2a1.4 1.4 0 0 0 2.8 0v-2a1.4 1.4 0 0 0-2.8 0z",
                false,
            ),
            Self::Forward10 => (
                "M20 12a8 8 0 1 1-2.6-5.9M20 4v4.5h-4.5M8.4 10.5l1.3-.8v5M12.6 11.2v2a1.4 1.4 0 0 0 2.8 0v-2a1.4 1.4 0 0 0-2.8 0z",
                false,
            ),
            Self::VolumeHigh => (
                "M4 9.5v5h3.2L12 18.5v-13L7.2 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11",
                false,
            ),
            Self::VolumeLow => ("M4 9.5v5h3.2L12 18.5v-13L7.2 9.5zM15.5 9a4.2 4.2 0 0 1 0 6", false),
            Self::VolumeOff => ("M4 9.5v5h3.2L12 18.5v-13L7.2 9.5zM16 9.5l5 5M21 9.5l-5 5", false),
            Self::Subtitles => (
                "M5 5h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM6.5 12h4M13 12h4.5M6.5 15.5h7M16 15.5h1.5",
                false,
            ),
            Self::Audio => (
                "M4 14v-2a8 8 0 0 1 16 0v2M4 14.5A1.5 1.5 0 0 1 5.5 13H8v6.5H6a2 2 0 0 1-2-2zM20 14.5a1.5 1.5 0 0 0-1.5-1.5H16v6.5h2a2 2 0 0 0 2-2z",
                false,
            ),
            Self::Quality => (
                "M4 7h9M17 7h3M4 12h3M11 12h9M4 17h9M17 17h3M15 5v4M9 10v4M15 15v4",
                false,
            ),
            Self::Speed => ("M5.6 18.5a8.5 8.5 0 1 1 12.8 0M12 13.5l3.6-4.6M12 13.5h.01", false),
            Self::Pip => (
                "M5 5h14a2 2 0 0 1 2 2v4M10 19H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2M13.5 13.5H21V19h-7.5z",
                false,
            ),
            Self::Fullscreen => ("M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5", false),
            Self::FullscreenExit => ("M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5", false),
            Self::Stats => ("M4 20h16M7 16.5V12M12 16.5V6M17 16.5V9.5", false),
            Self::Back => ("M20 12H5M11 5.5 4.5 12l6.5 6.5", false),
            Self::Search => (
                "M10.8 4a6.8 6.8 0 1 1 0 13.6 6.8 6.8 0 0 1 0-13.6zM15.8 15.8 20.5 20.5",
                false,
            ),
            Self::Home => ("M4 11.2 12 4.5l8 6.7M6.2 9.6V19.5h4v-5h3.6v5h4V9.6", false),
            Self::Close => ("M5.5 5.5l13 13M18.5 5.5l-13 13", false),
            Self::Check => ("M4.5 12.5 9.8 18 19.5 6.5", false),
            Self::Left => ("M14.5 5 8 12l6.5 7", false),
            Self::Right => ("M9.5 5 16 12l-6.5 7", false),
            Self::Info => (
                "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 11v5.5M12 7.6v.01",
                false,
            ),
            Self::Warning => ("M12 4 21 19.5H3zM12 10v4.5M12 17v.01", false),
            Self::Offline => (
                "M3.5 3.5l17 17M8.6 12.8a6 6 0 0 1 2-1.2M5.2 9.6a10.6 10.6 0 0 1 2.6-1.8M11.2 6.6a10.6 10.6 0 0 1 7.6 3M15.4 12.8a6 6 0 0 0-1.2-.8M12 17.5v.01",
                false,
            ),
            Self::Next => ("M5.5 5v14l10-7zM18.5 5v14", false),
            Self::TextStyle => (
                "M3 18 8 6l5 12M4.8 14h6.4M20.5 11v7M20.5 14.5a3 3 0 1 1-6 0 3 3 0 0 1 6 0z",
                false,
            ),
            Self::Help => ("M9 8.8a3 3 0 1 1 4.4 2.7c-.9.5-1.4 1.1-1.4 2.2M12 17.2v.01", false),
        }
    }
}

/// Draws an icon; screen readers skip it.
pub fn icon(icon: Icon) -> AnyView {
    let (path, filled) = icon.drawing();
    let class = if filled { "icon icon-filled" } else { "icon" };
    view! {
        <svg class=class viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=path></path>
        </svg>
    }
    .into_any()
}

/// The mark: a lamp at the foot of the stage and the light that it throws.
pub fn brand_mark() -> AnyView {
    view! {
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path class="beam" d="M10.4 19 4 4h24l-6.4 15z"></path>
            <path class="lamp" d="M7 27a9 9 0 0 1 18 0z"></path>
        </svg>
    }
    .into_any()
}
