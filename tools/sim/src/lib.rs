//! The real engine in a simulated world.
//!
//! [`world::World`] drives a [`footlight_core::Player`] through its inputs and outputs: a [`network::Network`] that plays a
//! measured [`trace::Trace`], a [`sink::Sink`] with a decoder, a viewer with a [`viewer::Script`]. Time is virtual and jumps
//! from one event to the next, so hours pass in a second and every run is the same.
//!
//! [`referee`] is the world in which rules for choosing renditions are compared; [`score`] tells how well they did.

#![cfg_attr(test, allow(clippy::expect_used))]

pub mod corpus;
pub mod dice;
pub mod film;
pub mod journal;
pub mod movie;
pub mod network;
pub mod optimum;
pub mod plot;
pub mod referee;
pub mod scenario;
pub mod score;
pub mod sink;
pub mod trace;
pub mod viewer;
pub mod world;
