//! What is drawn around the picture: controls, subtitles, states, the stats panel.

mod captions;
mod controls;
mod dialog;
mod error;
mod help;
mod live;
mod menus;
mod next_card;
mod overlays;
mod plots;
mod seek_bar;
mod stage;
mod stats_panel;
mod ui;

pub(crate) use stage::player;
