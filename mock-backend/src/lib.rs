//! A mock of the service: a gateway and CDN edges that behave like real ones, made to misbehave on request.
//!
//! The gateway has the catalogue and the web app; the edges have the media, which they make from short loops: any
//! length, every addressing mode, on a link that can be slowed down, delayed and cut. See the README for what
//! can be asked of them.
//!
//! ```no_run
//! # async fn demo() -> Result<(), mock_backend::StartError> {
//! let server = mock_backend::Server::start(mock_backend::Config::ephemeral()).await?;
//! println!("{}", server.addresses().gateway);
//! server.shutdown().await;
//! # Ok(())
//! # }
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may"))]

mod clock;
mod config;
mod edge;
mod gateway;
mod http;
mod live;
mod media;
mod mpd;
mod server;
mod text;

pub use clock::Clock;
pub use config::Config;
pub use media::MediaError;
pub use server::{Addresses, Routers, Server, StartError, routers};
