//! The seek bar, with what is buffered and a preview of where one would go.

use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::ui::Ui;
use crate::player::types::Thumbnail;
use crate::player::{live, seek};
use crate::{dom, format};

/// The seek bar and the time that is left.
pub(super) fn seek_bar(ui: Ui) -> AnyView {
    let session = ui.session;
    let bar = NodeRef::<Div>::new();
    // Where the finger is while it drags, and where the pointer or the keys look.
    let scrub = RwSignal::new(None::<f64>);
    let look = RwSignal::new(None::<f64>);
    let position = Memo::new(move |_| scrub.get().unwrap_or_else(|| session.position.get()));
    let span = session.span;
    let timeline = session.timeline;
    let part = move || seek::fraction(position.get(), span.get());
    let at = move |event: &web_sys::PointerEvent| {
        let rect = bar
            .try_get_untracked()
            .flatten()
            .map(|bar| bar.get_bounding_client_rect());
        rect.map_or(0.0, |rect| {
            seek::position_at(
                f64::from(event.client_x()),
                rect.left(),
                rect.width(),
                span.get_untracked(),
            )
        })
    };
    let down = move |event: web_sys::PointerEvent| {
        if event.button() != 0 || !span.get_untracked().is_known() {
            return;
        }
        if let Some(bar) = bar.try_get_untracked().flatten() {
            let _ = bar.set_pointer_capture(event.pointer_id());
        }
        let target = at(&event);
        scrub.set(Some(target));
        look.set(Some(target));
    };
    let moved = move |event: web_sys::PointerEvent| {
        let target = at(&event);
        if scrub.try_get_untracked().flatten().is_some() {
            scrub.set(Some(target));
            ui.wake();
        }
        look.set(Some(target));
    };
    let spoken = move |target| {
        let now = timeline.get_untracked();
        if now.live {
            live::value_text(&now, target)
        } else {
            format::spoken(target)
        }
    };
    let up = move |event: web_sys::PointerEvent| {
        if let Some(target) = scrub.try_get_untracked().flatten() {
            session.seek_to(target);
            scrub.set(None);
            ui.say(spoken(target));
        }
        if event.pointer_type() != "mouse" {
            look.set(None);
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        if event.alt_key() || event.ctrl_key() || event.meta_key() {
            return;
        }
        let span = span.get_untracked();
        let here = session.position.get_untracked();
        let target = match event.key().as_str() {
            "ArrowRight" | "ArrowUp" => here + 5.0,
            "ArrowLeft" | "ArrowDown" => here - 5.0,
            "PageUp" => here + seek::page_step(span),
            "PageDown" => here - seek::page_step(span),
            "Home" => span.start,
            "End" => span.end,
            _ => return,
        };
        event.prevent_default();
        session.seek_to(target);
        look.set(Some(session.position.get_untracked()));
    };
    // A screen reader hears a new value each second, not each frame.
    let second = Memo::new(move |_| position.get().floor());
    view! {
        <div class="seek-line">
            <div
                class="seek"
                class:scrubbing=move || scrub.get().is_some()
                node_ref=bar
                role="slider"
                tabindex="0"
                aria-label="Position"
                aria-valuemin=move || span.get().start.floor()
                aria-valuemax=move || span.get().end.max(0.0).floor()
                aria-valuenow=move || second.get()
                aria-valuetext=move || {
                    let (now, second) = (timeline.get(), second.get());
                    if now.live { live::value_text(&now, second) } else { seek::value_text(second, span.get().end) }
                }
                aria-disabled=move || (!span.get().is_known()).to_string()
                data-testid="player-seek"
                on:pointerdown=down
                on:pointermove=moved
                on:pointerup=up
                on:pointercancel=move |_| scrub.set(None)
                on:pointerleave=move |_| {
                    if scrub.try_get_untracked().flatten().is_none() {
                        look.set(None);
                    }
                }
                on:keydown=keys
                on:blur=move |_| look.set(None)
            >
                <div class="seek-track">
                    {move || {
                        session
                            .buffered
                            .with(|ranges| seek::bars(ranges, span.get()))
                            .into_iter()
                            .map(|(left, width)| {
                                view! {
                                    <span class="seek-buffered" style=format!("left:{left:.2}%;width:{width:.2}%")></span>
                                }
                            })
                            .collect_view()
                    }}
                    <span
                        class="seek-look"
                        style=move || {
                            let part = look.get().map_or(0.0, |look| seek::fraction(look, span.get()));
                            format!("transform:scaleX({part:.4})")
                        }
                    ></span>
                    <span class="seek-fill" style=move || format!("transform:scaleX({:.4})", part())></span>
                </div>
                <span class="seek-carrier" style=move || format!("transform:translateX({:.3}%)", part() * 100.0)>
                    <span class="seek-knob"></span>
                </span>
                {preview(ui, look)}
            </div>
            <span class="time time-left" aria-hidden="true">
                {move || {
                    let left = span.get().end - position.get();
                    let now = timeline.get();
                    if now.live {
                        live::wall_clock(&now, second.get()).map(dom::time_of_day).unwrap_or_default()
                    } else if left.is_finite() { format!("−{}", format::clock(left.max(0.0).ceil())) } else { String::new() }
                }}
            </span>
        </div>
    }
    .into_any()
}

/// The picture and time of the position looked at.
fn preview(ui: Ui, look: RwSignal<Option<f64>>) -> AnyView {
    let session = ui.session;
    let picture = RwSignal::new(None::<Thumbnail>);
    let second = Memo::new(move |_| look.get().map(f64::floor));
    Effect::new(move |_| {
        let Some(wanted) = second.get() else { return };
        if !session.tracks.with_untracked(|tracks| tracks.thumbnails) {
            return;
        }
        spawn_local(async move {
            let found = session.thumbnail(wanted).await;
            // The pointer has moved on: a later answer is the right one.
            if second.try_get_untracked().flatten() == Some(wanted) {
                let _ = picture.try_set(found);
            }
        });
    });
    (move || {
        let wanted = look.get().filter(|_| session.span.get().is_known())?;
        let part = seek::fraction(wanted, session.span.get()) * 100.0;
        Some(view! {
            <div class="seek-preview" aria-hidden="true" style=format!("--at:{part:.2}%") data-testid="player-preview">
                {move || picture.get().map(|picture| view! { <span class="thumbnail" style=sheet(&picture)></span> })}
                <span class="seek-time">{ui.place(wanted)}</span>
            </div>
        })
    })
    .into_any()
}

/// Shows one tile of a sheet, whatever size it is drawn in.
fn sheet(tile: &Thumbnail) -> String {
    let place = |offset: f64, sheet: f64, tile: f64| {
        if sheet > tile {
            offset / (sheet - tile) * 100.0
        } else {
            0.0
        }
    };
    let url: String = tile
        .url
        .chars()
        .filter(|letter| !matches!(letter, '"' | '\\' | '\n' | '\r'))
        .collect();
    format!(
        "background-image:url(\"{url}\");aspect-ratio:{}/{};background-size:{:.3}% {:.3}%;background-position:{:.3}% {:.3}%",
        tile.width,
        tile.height,
        tile.sheet_width / tile.width * 100.0,
        tile.sheet_height / tile.height * 100.0,
        place(tile.x, tile.sheet_width, tile.width),
        place(tile.y, tile.sheet_height, tile.height),
    )
}
