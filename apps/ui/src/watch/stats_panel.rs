//! The stats panel: how playback is doing, and why each rendition was chosen.

use std::time::Duration;

use leptos::html::Canvas;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::plots;
use super::ui::Ui;
use crate::components::icons::{Icon, icon};
use crate::player::history::{History, Sample};
use crate::player::types::{Decision, Stats, Tracks};
use crate::player::{live, words};
use crate::{dom, format, host};

/// How often the panel looks, while it is open.
const PERIOD: Duration = Duration::from_millis(300);

/// The panel.
pub(super) fn stats_panel(ui: Ui) -> AnyView {
    let session = ui.session;
    let history = StoredValue::new(History::default());
    let stats = RwSignal::new(None::<Stats>);
    let buffer = NodeRef::<Canvas>::new();
    let rates = NodeRef::<Canvas>::new();
    let look = move || {
        spawn_local(async move {
            let Some(now) = session.stats().await else { return };
            let _ = history.try_update_value(|history| history.push(sample(&now)));
            let goal = now.buffer_goal.unwrap_or(0.0);
            if stats.try_set(Some(now)).is_some() {
                // Closed meanwhile.
                return;
            }
            let _ = history.try_with_value(|history| {
                if let Some(canvas) = buffer.try_get_untracked().flatten() {
                    plots::draw_buffer(&canvas, history, goal);
                }
                if let Some(canvas) = rates.try_get_untracked().flatten() {
                    plots::draw_rates(&canvas, history);
                }
            });
        });
    };
    look();
    dom::every(PERIOD, look);
    view! {
        <aside class="stats" aria-label="Playback stats" data-testid="stats-panel">
            <div class="panel-head">
                <h2>"Playback stats"</h2>
                <button
                    type="button"
                    class="round-button"
                    aria-label="Close playback stats"
                    on:click=move |_| ui.toggle_stats()
                >
                    {icon(Icon::Close)}
                </button>
            </div>
            {plot("Buffer", [("Video", plots::WARM), ("Audio", plots::COOL)], buffer)}
            {plot("Network", [("Rendition", plots::WARM), ("Throughput", plots::COOL)], rates)}
            <h3>"Why this quality"</h3>
            {decisions(ui)}
            {plan(ui)}
            <dl class="stats-table">
                {FIELDS
                    .iter()
                    .map(|(name, read)| {
                        let value = move || stats.with(|stats| stats.as_ref().map_or_else(|| "–".to_owned(), read));
                        view! {
                            <div>
                                <dt>{*name}</dt>
                                <dd>{value}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
            {platform()}
            {save(ui)}
        </aside>
    }
    .into_any()
}

/// What the platform under the page can do, where its shell says so.
fn platform() -> AnyView {
    let told = RwSignal::new(None::<String>);
    spawn_local(async move {
        let about = host::about().await;
        let _ = told.try_set(about);
    });
    let line = move || {
        told.get()
            .map(|text| view! { <p class="plan" data-testid="stats-platform">{text}</p> })
    };
    view! { {line} }.into_any()
}

/// The session as a file, to be looked into by others.
fn save(ui: Ui) -> AnyView {
    let told = RwSignal::new(String::new());
    let is_busy = RwSignal::new(false);
    let save = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        told.set("Saving…".to_owned());
        spawn_local(async move {
            let words = match ui.session.save_recording().await {
                Ok(()) => "Saved. It can be played again with footlight-probe replay.".to_owned(),
                Err(why) => format!("It could not be saved. {why}"),
            };
            // The panel may be closed by now.
            let _ = told.try_set(words);
            let _ = is_busy.try_set(false);
        });
    };
    view! {
        <div class="save-session">
            <button
                type="button"
                class="button"
                aria-disabled=move || is_busy.get().to_string()
                data-testid="save-session"
                on:click=save
            >
                "Save this session"
            </button>
            <p>"What the player was told and when, without pictures and sound; addresses without their queries."</p>
            <p role="status">{move || told.get()}</p>
        </div>
    }
    .into_any()
}

fn plot(title: &'static str, lines: [(&'static str, &'static str); 2], canvas: NodeRef<Canvas>) -> AnyView {
    view! {
        <figure class="plot">
            <figcaption>
                <span>{title}</span>
                {lines
                    .iter()
                    .map(|(name, colour)| {
                        view! {
                            <span class="legend">
                                <i style=format!("background:{colour}")></i>
                                {*name}
                            </span>
                        }
                    })
                    .collect_view()}
            </figcaption>
            <canvas node_ref=canvas role="img" aria-label=format!("{title} over the last minute")></canvas>
        </figure>
    }
    .into_any()
}

fn decisions(ui: Ui) -> AnyView {
    let session = ui.session;
    view! {
        <ol class="decisions" data-testid="stats-decisions">
            {move || {
                let tracks = session.tracks.get();
                let list = session.decisions.get();
                if list.is_empty() {
                    return view! { <li class="decision-none">"No decision yet."</li> }.into_any();
                }
                list.iter()
                    .take(6)
                    .map(|decision| {
                        let when = decision.time.map(format::clock).unwrap_or_default();
                        let why = words::decision(decision, &rendition_name(decision, &tracks));
                        view! {
                            <li data-reason=decision.reason.clone()>
                                <span class="decision-time">{when}</span>
                                <span>{why}</span>
                            </li>
                        }
                    })
                    .collect_view()
                    .into_any()
            }}
        </ol>
    }
    .into_any()
}

/// What the player plans for the next segments of the picture, and what it expects of the network.
fn plan(ui: Ui) -> AnyView {
    let session = ui.session;
    let told = move || {
        let tracks = session.tracks.get();
        session.decisions.with(|list| {
            let last = list.iter().find(|decision| decision.kind == "video")?;
            let names = last.plan.iter().flatten().map(|id| {
                let step = Decision {
                    id: *id,
                    ..last.clone()
                };
                rendition_name(&step, &tracks)
            });
            let names: Vec<_> = names.collect();
            Some(words::plan(&names, last.forecast))
        })
    };
    view! {
        <p class="plan" data-testid="stats-plan">
            {move || told().unwrap_or_default()}
        </p>
    }
    .into_any()
}

/// What to call the rendition of a decision.
fn rendition_name(decision: &Decision, tracks: &Tracks) -> String {
    if decision.kind == "audio" {
        return format!("sound at {}", format::bit_rate(decision.bandwidth));
    }
    tracks
        .video
        .iter()
        .flat_map(|track| &track.renditions)
        .find(|rendition| rendition.id == decision.id)
        .map_or_else(
            || format::bit_rate(decision.bandwidth),
            |rendition| format::height_label(rendition.height),
        )
}

fn sample(stats: &Stats) -> Sample {
    Sample {
        at: dom::now() / 1000.0,
        video_buffer: stats.video_buffer.unwrap_or(0.0),
        audio_buffer: stats.audio_buffer.unwrap_or(0.0),
        throughput: stats.throughput.unwrap_or(0.0),
        bitrate: stats.rendition.as_ref().map_or(0.0, |rendition| rendition.bandwidth),
    }
}

type Field = (&'static str, fn(&Stats) -> String);

const FIELDS: [Field; 12] = [
    ("Picture", |stats| match &stats.rendition {
        Some(now) => format!("{}×{}, {}", now.width, now.height, format::bit_rate(now.bandwidth)),
        None => "–".to_owned(),
    }),
    ("Throughput", |stats| {
        stats.throughput.map_or_else(|| "–".to_owned(), format::bit_rate)
    }),
    ("Video ahead", |stats| {
        stats.video_buffer.map_or_else(|| "–".to_owned(), format::seconds)
    }),
    ("Audio ahead", |stats| {
        stats.audio_buffer.map_or_else(|| "–".to_owned(), format::seconds)
    }),
    ("Behind live", |stats| {
        stats.latency.map_or_else(|| "–".to_owned(), live::latency)
    }),
    ("Frames", |stats| {
        format!("{:.0}, {:.0} lost", stats.decoded_frames, stats.dropped_frames)
    }),
    ("Requests", |stats| {
        format!("{:.0}, {:.0} failed", stats.requests.count, stats.requests.failed)
    }),
    ("Received", |stats| format::bytes(stats.requests.bytes)),
    ("Stalls", |stats| format!("{:.0}", stats.stalls)),
    ("First frame", |stats| {
        stats
            .first_frame_ms
            .map_or_else(|| "–".to_owned(), |ms| format!("{ms:.0} ms"))
    }),
    ("Delivered by", |stats| {
        stats.service_location.clone().unwrap_or_else(|| "–".to_owned())
    }),
    ("Media source", |stats| match stats.mse.as_str() {
        "worker" => "worker".to_owned(),
        "main" => "page".to_owned(),
        _ => "–".to_owned(),
    }),
];
