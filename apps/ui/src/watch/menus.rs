//! The menus: quality, sound, subtitles, speed.

use leptos::html::Div;
use leptos::prelude::*;

use super::ui::{Menu, Ui};
use crate::components::icons::{Icon, icon};
use crate::components::roving::{self, Axis};
use crate::player::prefs::SPEEDS;
use crate::player::types::Rendition;
use crate::player::words::track_name;
use crate::{dom, format};

/// The choice of automatic quality that saves data.
const SAVER: &str = "saver";

/// One choice.
#[derive(Clone, Debug, PartialEq)]
struct Item {
    /// What `data-testid` names it by, and what choosing it means.
    id: String,
    label: String,
    note: String,
    chosen: bool,
}

/// A menu's looks and what it does.
#[derive(Clone, Copy)]
struct Kind {
    menu: Menu,
    name: &'static str,
    title: &'static str,
    icon: Icon,
}

/// The quality menu: automatic, with or without saving data, or one rendition.
pub(super) fn quality(ui: Ui) -> AnyView {
    let session = ui.session;
    let kind = Kind {
        menu: Menu::Quality,
        name: "quality",
        title: "Quality",
        icon: Icon::Quality,
    };
    let items = Memo::new(move |_| {
        let renditions = session.tracks.with(|tracks| tracks.renditions());
        let fixed = session.fixed.get();
        let saves = session.prefs.with(|prefs| prefs.save_data);
        let now = active_label(&renditions)
            .map(|label| format!("{label} now"))
            .unwrap_or_default();
        let automatic = Item {
            id: "auto".to_owned(),
            label: "Automatic".to_owned(),
            note: if saves { String::new() } else { now.clone() },
            chosen: fixed.is_none() && !saves,
        };
        let saver = Item {
            id: SAVER.to_owned(),
            label: "Data saver".to_owned(),
            note: if saves { now } else { "up to 480p".to_owned() },
            chosen: fixed.is_none() && saves,
        };
        [automatic, saver]
            .into_iter()
            .chain(renditions.iter().map(|rendition| Item {
                id: rendition.id.to_string(),
                label: format::height_label(rendition.height),
                note: format::bit_rate(rendition.bandwidth),
                chosen: fixed == Some(rendition.id),
            }))
            .collect::<Vec<_>>()
    });
    let badge = Memo::new(move |_| {
        session
            .tracks
            .with(|tracks| active_label(&tracks.renditions()))
            .unwrap_or_default()
    });
    let choose = move |id: &str| match id.parse() {
        Ok(rendition) => session.select_rendition(Some(rendition)),
        Err(_) => session.select_automatic(id == SAVER),
    };
    menu(ui, kind, items, Some(badge), choose)
}

fn active_label(renditions: &[Rendition]) -> Option<String> {
    renditions
        .iter()
        .find(|rendition| rendition.active)
        .map(|rendition| format::height_label(rendition.height))
}

/// The sound menu.
pub(super) fn audio(ui: Ui) -> AnyView {
    let session = ui.session;
    let kind = Kind {
        menu: Menu::Audio,
        name: "audio",
        title: "Sound",
        icon: Icon::Audio,
    };
    let items = Memo::new(move |_| {
        session.tracks.with(|tracks| {
            tracks
                .audio
                .iter()
                .map(|track| Item {
                    id: track.id.to_string(),
                    label: track_name(&track.label, &track.language),
                    note: sound_note(&track.roles, track.channels),
                    chosen: track.selected,
                })
                .collect::<Vec<_>>()
        })
    });
    let choose = move |id: &str| {
        if let Ok(id) = id.parse() {
            session.select_audio(id);
        }
    };
    menu(ui, kind, items, None, choose)
}

fn sound_note(roles: &[String], channels: u32) -> String {
    if roles.iter().any(|role| role == "description") {
        return "Described".to_owned();
    }
    if roles.iter().any(|role| role == "commentary") {
        return "Commentary".to_owned();
    }
    match channels {
        0 => String::new(),
        1 => "Mono".to_owned(),
        2 => "Stereo".to_owned(),
        6 => "5.1".to_owned(),
        8 => "7.1".to_owned(),
        other => format::counted(u64::from(other), "channel"),
    }
}

/// The subtitle menu.
pub(super) fn text(ui: Ui) -> AnyView {
    let session = ui.session;
    let kind = Kind {
        menu: Menu::Text,
        name: "text",
        title: "Subtitles",
        icon: Icon::Subtitles,
    };
    let items = Memo::new(move |_| {
        session.tracks.with(|tracks| {
            if tracks.subtitles().next().is_none() {
                return Vec::new();
            }
            let off = Item {
                id: "off".to_owned(),
                label: "Off".to_owned(),
                note: String::new(),
                chosen: tracks.selected_text().is_none(),
            };
            std::iter::once(off)
                .chain(tracks.subtitles().map(|track| Item {
                    id: track.id.to_string(),
                    label: track_name(&track.label, &track.language),
                    note: if track.kind == "captions" { "Captions" } else { "" }.to_owned(),
                    chosen: track.selected,
                }))
                .collect::<Vec<_>>()
        })
    });
    let choose = move |id: &str| session.select_text(id.parse().ok());
    menu(ui, kind, items, None, choose)
}

/// The speed menu.
pub(super) fn speed(ui: Ui) -> AnyView {
    let session = ui.session;
    let kind = Kind {
        menu: Menu::Speed,
        name: "speed",
        title: "Speed",
        icon: Icon::Speed,
    };
    let items = Memo::new(move |_| {
        let rate = session.rate.get();
        SPEEDS
            .iter()
            .map(|speed| Item {
                id: speed.to_string(),
                label: format::speed(*speed),
                note: if *speed == 1.0 { "Normal" } else { "" }.to_owned(),
                chosen: *speed == rate,
            })
            .collect::<Vec<_>>()
    });
    let badge = Memo::new(move |_| {
        let rate = session.rate.get();
        if rate == 1.0 {
            String::new()
        } else {
            format::speed(rate)
        }
    });
    let choose = move |id: &str| {
        if let Ok(rate) = id.parse() {
            session.set_rate(rate);
        }
    };
    menu(ui, kind, items, Some(badge), choose)
}

fn menu(
    ui: Ui,
    kind: Kind,
    items: Memo<Vec<Item>>,
    badge: Option<Memo<String>>,
    choose: impl Fn(&str) + Copy + Send + Sync + 'static,
) -> AnyView {
    let open = Memo::new(move |_| ui.menu.get() == Some(kind.menu));
    let chosen = move || {
        items.with(|items| {
            let item = items.iter().find(|item| item.chosen)?;
            Some(if item.note.is_empty() {
                item.label.clone()
            } else {
                format!("{} ({})", item.label, item.note)
            })
        })
    };
    let label = move || match chosen() {
        Some(chosen) => format!("{}: {chosen}", kind.title),
        None => kind.title.to_owned(),
    };
    view! {
        <div class="menu-anchor">
            <button
                type="button"
                class="control control-menu"
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                data-menu-open=move || open.get().then_some("")
                aria-label=label
                title=kind.title
                prop:disabled=move || items.with(Vec::is_empty)
                data-testid=format!("player-{}", kind.name)
                on:click=move |_| {
                    if open.get_untracked() {
                        ui.close_menu();
                    } else {
                        ui.menu.set(Some(kind.menu));
                    }
                }
            >
                {icon(kind.icon)}
                {badge.map(|badge| view! { <span class="badge" aria-hidden="true" data-text=move || badge.get()></span> })}
            </button>
            {move || open.get().then(|| popup(ui, kind, items, choose))}
        </div>
    }
    .into_any()
}

fn popup(ui: Ui, kind: Kind, items: Memo<Vec<Item>>, choose: impl Fn(&str) + Copy + Send + Sync + 'static) -> AnyView {
    let list = NodeRef::<Div>::new();
    list.on_load(|list| {
        request_animation_frame(move || {
            let entries = dom::all(&list, "[role=menuitemradio]");
            let chosen = entries
                .iter()
                .find(|entry| entry.get_attribute("aria-checked").as_deref() == Some("true"));
            if let Some(entry) = chosen.or(entries.first()) {
                dom::focus(entry, true);
            }
        });
    });
    let walk = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Tab" {
            ui.close_menu();
            return;
        }
        let Some(list) = list.get_untracked() else { return };
        let entries = dom::all(&list, "[role=menuitemradio]");
        let active = document().active_element();
        let current = entries
            .iter()
            .position(|entry| entry.is_same_node(active.as_deref()))
            .unwrap_or(0);
        if let Some(target) = roving::next(&event.key(), current, entries.len(), Axis::Vertical) {
            event.prevent_default();
            dom::focus(&entries[target], false);
        }
    };
    view! {
        <div class="menu" role="menu" aria-label=kind.title node_ref=list on:keydown=walk>
            <p class="menu-title" aria-hidden="true">{kind.title}</p>
            {move || {
                items
                    .get()
                    .into_iter()
                    .map(|item| entry(ui, kind, item, choose))
                    .collect_view()
            }}
        </div>
    }
    .into_any()
}

fn entry(ui: Ui, kind: Kind, item: Item, choose: impl Fn(&str) + Copy + Send + 'static) -> AnyView {
    let id = item.id.clone();
    let said = format!("{}: {}", kind.title, item.label);
    view! {
        <button
            type="button"
            class="menu-item"
            role="menuitemradio"
            tabindex="-1"
            aria-checked=item.chosen.to_string()
            data-testid=format!("menu-item-{}-{}", kind.name, item.id)
            on:click=move |_| {
                choose(&id);
                ui.say(said.clone());
                ui.close_menu();
            }
        >
            <span class="menu-check">{item.chosen.then(|| icon(Icon::Check))}</span>
            <span class="menu-label">{item.label}</span>
            <span class="menu-note">{item.note}</span>
        </button>
    }
    .into_any()
}
