//! Real sockets: ports, cut connections, the end.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use mock_backend::{Config, Server, StartError};
use std::time::Duration;
use support::config;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

const LARGE: &str = "/media/tidewater/number/video-avc-720p/seg-00001.m4s";

/// A request whose head has been answered.
struct Exchange {
    stream: BufReader<TcpStream>,
    length: usize,
}

impl Exchange {
    async fn start(origin: &str, method: &str, path: &str, body: &str) -> Self {
        let host = origin.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).await.unwrap();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
        }
        Self { stream, length }
    }

    /// The length promised, and the bytes that came before the connection closed.
    async fn finish(mut self) -> (usize, usize) {
        let mut body = Vec::new();
        // A reset after the last byte counts as an end, too.
        let _ = self.stream.read_to_end(&mut body).await;
        (self.length, body.len())
    }
}

async fn shape(server: &Server, shaping: &str) {
    let edge = &server.addresses().edges[0];
    Exchange::start(edge, "PUT", "/admin/shaping", shaping)
        .await
        .finish()
        .await;
}

#[tokio::test]
async fn a_truncated_body_ends_before_its_length() {
    let server = Server::start(config()).await.unwrap();
    let edge = &server.addresses().edges[1];
    let path = "/media/tidewater/truncated/video-avc-720p/seg-00003.m4s";
    let (promised, came) = Exchange::start(edge, "GET", path, "").await.finish().await;
    assert_eq!(came, promised / 2);
    let (promised, came) = Exchange::start(edge, "GET", LARGE, "").await.finish().await;
    assert_eq!(came, promised);
    server.shutdown().await;
}

#[tokio::test]
async fn taken_ports_are_replaced() {
    let first = Server::start(config()).await.unwrap();
    let port = |origin: &str| origin.rsplit(':').next().unwrap().parse::<u16>().unwrap();
    let taken = Config {
        port: port(&first.addresses().gateway),
        edge_ports: vec![port(&first.addresses().edges[0]), 0, 0],
        ..config()
    };
    let second = Server::start(taken).await.unwrap();
    assert_ne!(first.addresses(), second.addresses());
    assert_eq!(second.addresses().edges.len(), 3);
    let (promised, came) = Exchange::start(&second.addresses().edges[2], "GET", LARGE, "")
        .await
        .finish()
        .await;
    assert!(promised > 0 && promised == came);
    first.shutdown().await;
    second.shutdown().await;
}

#[tokio::test]
async fn requests_under_way_end_well() {
    let server = Server::start(Config {
        grace: Duration::from_secs(60),
        ..config()
    });
    let server = server.await.unwrap();
    // Nothing for a moment, so that the end is asked for in between.
    shape(&server, r#"{"trace":[[0.2,0],[1,1000000]]}"#).await;
    let edge = server.addresses().edges[0].clone();
    let request = Exchange::start(&edge, "GET", LARGE, "").await;
    let (_, (promised, came)) = tokio::join!(server.shutdown(), request.finish());
    assert_eq!(came, promised);
    let host = edge.strip_prefix("http://").unwrap();
    assert!(TcpStream::connect(host).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn the_wait_for_them_has_a_limit() {
    let server = Server::start(Config {
        grace: Duration::from_millis(50),
        ..config()
    });
    let server = server.await.unwrap();
    shape(&server, r#"{"bandwidth_kbps":0}"#).await;
    let request = Exchange::start(&server.addresses().edges[0], "GET", LARGE, "").await;
    let (_, (promised, came)) = tokio::join!(server.shutdown(), request.finish());
    assert!(came < promised);
}

#[tokio::test]
async fn missing_media_say_what_to_do() {
    let config = Config {
        media: "/nonexistent".into(),
        ..Config::ephemeral()
    };
    let Err(error @ StartError::Media(_)) = Server::start(config).await else {
        panic!("it must not start")
    };
    assert!(error.to_string().contains("cargo xtask media"), "{error}");
}
