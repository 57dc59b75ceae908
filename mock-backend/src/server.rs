//! Listeners, what the routes share, and the end of it all.

use crate::{
    config::Config,
    edge::Edge,
    gateway,
    http::ApiProblem,
    media::{Library, MediaError},
};
use axum::{
    Json, Router,
    handler::Handler,
    http::{HeaderName, HeaderValue, Method, header},
    routing::get,
    serve::ListenerExt,
};
use serde::Serialize;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch, task::JoinSet, time::timeout};
use tower_http::{
    cors::{Any, CorsLayer},
    set_header::SetResponseHeaderLayer,
};
use utoipa_axum::router::OpenApiRouter;

/// Why the backend does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration cannot work.
    #[error("{0}")]
    Config(String),
    /// There is no media to serve.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// No port can be listened on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        error: io::Error,
    },
}

/// Where the backend can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Addresses {
    /// Origin of the gateway.
    pub gateway: String,
    /// Origins of the edges, edge a first.
    pub edges: Vec<String>,
}

/// What gateway and edges share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) library: Library,
    /// Known once all ports are bound.
    edges: OnceLock<Vec<(String, u16)>>,
}

impl Shared {
    /// Service location and port of each edge.
    pub(crate) fn edges(&self) -> &[(String, u16)] {
        self.edges.get().map_or(&[], Vec::as_slice)
    }
}

/// The routes without listeners, to embed them or to test them.
pub struct Routers {
    /// Of the gateway.
    pub gateway: Router,
    /// Of each edge, edge a first.
    pub edges: Vec<Router>,
}

/// The routes of a backend whose edges are reached at the given ports.
///
/// # Errors
/// When the configuration cannot work, or there is no media.
pub fn routers(config: Config, edge_ports: &[u16]) -> Result<Routers, StartError> {
    let shared = load(config)?;
    let edges = edges(&shared, edge_ports);
    Ok(Routers {
        gateway: gateway::router(&shared),
        edges: edges.iter().map(Edge::router).collect(),
    })
}

fn load(config: Config) -> Result<Arc<Shared>, StartError> {
    config.check().map_err(StartError::Config)?;
    let library = Library::load(&config.media)?;
    Ok(Arc::new(Shared {
        config,
        library,
        edges: OnceLock::new(),
    }))
}

fn edges(shared: &Arc<Shared>, ports: &[u16]) -> Vec<Arc<Edge>> {
    let names = ('a'..='z').map(|letter| format!("edge-{letter}"));
    let named: Vec<_> = names.zip(ports.iter().copied()).collect();
    let edges = named
        .iter()
        .map(|(name, _)| Edge::new(name.clone(), Arc::clone(shared)));
    let edges = edges.collect();
    // Set here only, and once for each `Shared`.
    let _ = shared.edges.set(named);
    edges
}

/// A running backend. Dropping it stops it without grace.
pub struct Server {
    addresses: Addresses,
    edges: Vec<Arc<Edge>>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    grace: Duration,
}

impl Server {
    /// Reads the media, takes the ports and serves.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let shared = tokio::task::spawn_blocking(|| load(config)).await;
        let shared = shared.map_err(|error| StartError::Config(error.to_string()))??;
        let config = &shared.config;
        let (gateway_listener, gateway_port) = listen(config.host, config.port, "gateway").await?;
        let mut listeners = Vec::new();
        let mut ports = Vec::new();
        for port in &config.edge_ports {
            let (listener, port) = listen(config.host, *port, "edge").await?;
            listeners.push(listener);
            ports.push(port);
        }
        let edges = edges(&shared, &ports);
        let host = config.public_host();
        let origin = |port: &u16| format!("http://{host}:{port}");
        let mut server = Self {
            addresses: Addresses {
                gateway: origin(&gateway_port),
                edges: ports.iter().map(origin).collect(),
            },
            stop: watch::Sender::new(false),
            tasks: JoinSet::new(),
            grace: config.grace,
            edges,
        };
        server.serve(gateway_listener, gateway::router(&shared));
        for (edge, listener) in server.edges.clone().iter().zip(listeners) {
            server.serve(listener, edge.router());
        }
        tracing::info!(gateway = %server.addresses.gateway, edges = ?server.addresses.edges, "ready");
        Ok(server)
    }

    /// Where it can be reached.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Takes no more requests, lets those under way end within the grace, then cuts them.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(self.grace, all).await.is_err() {
            tracing::warn!("requests under way are cut");
            for edge in &self.edges {
                edge.close();
            }
            self.tasks.shutdown().await;
        }
        tracing::info!("ended");
    }

    fn serve(&mut self, listener: TcpListener, router: Router) {
        let stopped = stopped(self.stop.subscribe());
        // Paced chunks must leave at once.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY");
            }
        });
        self.tasks.spawn(async move {
            let serving = axum::serve(listener, router).with_graceful_shutdown(stopped);
            if let Err(error) = serving.await {
                tracing::error!(%error, "listener failed");
            }
        });
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that the server was dropped: stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// The port asked for, or any free one when it is taken.
async fn listen(host: IpAddr, port: u16, what: &str) -> Result<(TcpListener, u16), StartError> {
    let wanted = SocketAddr::new(host, port);
    let failed = |error| StartError::Listen { address: wanted, error };
    let bound = match TcpListener::bind(wanted).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            tracing::warn!(what, port, "port is taken: a free one is used");
            TcpListener::bind(SocketAddr::new(host, 0)).await
        }
        bound => bound,
    };
    let listener = bound.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    Ok((listener, port))
}

/// What every router ends with: its OpenAPI document, CORS, and `fallback` for what it does not know.
pub(crate) fn finish<S, H, T>(routes: OpenApiRouter<S>, state: S, fallback: H) -> Router
where
    S: Clone + Send + Sync + 'static,
    H: Handler<T, S>,
    T: 'static,
{
    let (routes, document) = routes.split_for_parts();
    let document = Arc::new(document);
    let document = get(move || {
        let document = Arc::clone(&document);
        async move { Json((*document).clone()) }
    });
    let timing = HeaderName::from_static("timing-allow-origin");
    let any = HeaderValue::from_static("*");
    routes
        .route("/openapi.json", document)
        .fallback(fallback)
        .method_not_allowed_fallback(async || ApiProblem::method())
        .layer(SetResponseHeaderLayer::if_not_present(timing, any))
        .layer(cors())
        .with_state(state)
}

/// Any page may use the service, as with a real CDN.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD, Method::PUT, Method::DELETE])
        .allow_headers(Any)
        .expose_headers([
            header::ACCEPT_RANGES,
            header::AGE,
            header::CONTENT_LENGTH,
            header::CONTENT_RANGE,
            header::DATE,
            header::ETAG,
            header::SERVER,
        ])
        .max_age(Duration::from_secs(3600))
}
