//! Subtitles, drawn by the app as text.

use leptos::prelude::*;

use super::ui::Ui;
use crate::player::cues::{self, Line, Placement, Span};
use crate::player::types::Cue;

/// The subtitles showing now, above the controls when those show.
pub(super) fn captions(ui: Ui) -> AnyView {
    let cues = ui.session.cues;
    view! {
        <div class="captions" class:raised=move || !ui.hidden() data-testid="player-captions">
            {move || {
                let (stacked, placed): (Vec<_>, Vec<_>) = cues
                    .get()
                    .iter()
                    .map(|cue| (Placement::parse(&cue.settings), cue.clone()))
                    .partition(|(place, _)| place.line == Line::Auto);
                view! {
                    {placed.iter().map(draw).collect_view()}
                    <div class="caption-stack">{stacked.iter().map(draw).collect_view()}</div>
                }
            }}
        </div>
    }
    .into_any()
}

fn draw((place, cue): &(Placement, Cue)) -> AnyView {
    let lines = cues::parse_text(&cue.text);
    view! {
        <div class="caption" style=place.css() data-testid="caption">
            {lines
                .into_iter()
                .map(|line| {
                    view! {
                        <div>
                            <span class="caption-line" dir="auto">{line.into_iter().map(span).collect_view()}</span>
                        </div>
                    }
                })
                .collect_view()}
        </div>
    }
    .into_any()
}

fn span(span: Span) -> AnyView {
    view! {
        <span
            class:italic=span.italic
            class:bold=span.bold
            class:underline=span.underline
            title=span.voice
        >
            {span.text}
        </span>
    }
    .into_any()
}
