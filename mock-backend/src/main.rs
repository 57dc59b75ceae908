//! The mock backend as a program.

use clap::Parser;
use mock_backend::{Config, Server};
use std::{
    io::{IsTerminal as _, Write as _},
    net::IpAddr,
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};
use tracing_subscriber::EnvFilter;

/// Gateway and CDN edges of a streaming service, for development and tests.
///
/// Prints one line of JSON with their addresses on stdout when ready; logs go to stderr. Ctrl-C ends it.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port of the gateway; another free one is taken when it is not free
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Ports of the edges; likewise
    #[arg(long, value_name = "PORTS", value_delimiter = ',', default_value = "8081,8082")]
    edge_ports: Vec<u16>,
    /// Folder of sample media [default: media, here or in the checkout]
    #[arg(long, value_name = "DIR")]
    media: Option<PathBuf>,
    /// Folder of the web app to serve
    #[arg(long, value_name = "DIR")]
    web_root: Option<PathBuf>,
    /// Folder of bandwidth traces that edges may be shaped by
    #[arg(long, value_name = "DIR")]
    traces: Option<PathBuf>,
    /// Seconds for which media may be cached; 0: not at all
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    media_max_age: u32,
    /// Seconds that requests under way may take when the server ends
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    grace: u32,
    /// Which logs, for example `debug` for every request
    #[arg(long, value_name = "FILTER", env = "RUST_LOG", default_value = "info")]
    log: String,
    /// Logs as JSON, one object a line
    #[arg(long)]
    json_logs: bool,
}

impl Arguments {
    fn config(self) -> Config {
        let defaults = Config::default();
        Config {
            host: self.host,
            port: self.port,
            edge_ports: self.edge_ports,
            media: self.media.unwrap_or_else(|| defaults.media.clone()),
            web_root: self.web_root,
            traces: self.traces,
            media_max_age: self.media_max_age,
            grace: Duration::from_secs(self.grace.into()),
            ..defaults
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(error) = start_logs(&arguments) {
        eprintln!("error: --log: {error}");
        return ExitCode::from(2);
    }
    match run(arguments.config()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start_logs(arguments: &Arguments) -> Result<(), tracing_subscriber::filter::ParseError> {
    let logs = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(&arguments.log)?)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if arguments.json_logs {
        logs.json().flatten_event(true).init();
    } else {
        logs.init();
    }
    Ok(())
}

async fn run(config: Config) -> anyhow::Result<()> {
    // Before the ready line, so that whoever waits for it may end us at once.
    let end = end_asked()?;
    let server = Server::start(config).await?;
    let ready = serde_json::to_string(server.addresses())?;
    {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{ready}")?;
        out.flush()?;
    }
    end.await;
    tracing::info!("ending");
    server.shutdown().await;
    Ok(())
}

/// Ctrl-C, or what `kill` sends.
fn end_asked() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let terminate = {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
    };
    #[cfg(not(unix))]
    let terminate = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "Ctrl-C cannot be noticed");
            std::future::pending::<()>().await;
        }
    };
    Ok(terminate)
}
