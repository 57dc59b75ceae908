//! A typed client over any HTTP transport.

use crate::{Catalogue, Channels, Playback, Problem, SearchResults, TitleDetails};
use serde::de::DeserializeOwned;
use std::fmt;

/// An HTTP answer as a [`Transport`] brings it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
}

/// No answer came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TransportError {
    /// The device says that it has no network.
    Offline,
    /// It took too long.
    Timeout,
    /// Anything else, in words for a log.
    Failed(String),
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offline => f.write_str("the device is offline"),
            Self::Timeout => f.write_str("the service did not answer in time"),
            Self::Failed(message) => write!(f, "the service could not be reached: {message}"),
        }
    }
}

impl std::error::Error for TransportError {}

/// What the host brings: HTTP GET. Implement it with an `async fn`; nothing needs to be `Send`.
pub trait Transport {
    /// Fetches `url`. Any status is an `Ok`.
    fn get(&self, url: &str) -> impl Future<Output = Result<Response, TransportError>>;
}

/// Why the gateway's answer cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Error {
    /// No answer came: retry, or check the network.
    Transport(TransportError),
    /// The gateway says what is wrong.
    Problem(Problem),
    /// An error status without a problem document, from something between us and the gateway.
    Status(u16),
    /// The answer is not what this version of the client understands.
    Decode(String),
}

impl Error {
    /// Is it worth asking again unchanged?
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let status = match self {
            Self::Transport(_) => return true,
            Self::Problem(problem) => problem.status,
            Self::Status(status) => *status,
            Self::Decode(_) => return false,
        };
        matches!(status, 408 | 429 | 500..=599)
    }

    /// Does the gateway say that there is no such thing?
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::Problem(problem) => problem.status == 404,
            Self::Status(status) => *status == 404,
            Self::Transport(_) | Self::Decode(_) => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => error.fmt(f),
            Self::Problem(problem) => problem.fmt(f),
            Self::Status(status) => write!(f, "the service answered with status {status}"),
            Self::Decode(message) => write!(f, "the service's answer is not understood: {message}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

/// What a playback request may ask for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PlaybackOptions {
    /// Which variant; none: the usual one.
    pub variant: Option<String>,
    /// Length of the presentation in seconds; none: the title's own.
    pub duration_s: Option<u32>,
}

/// Asks the gateway.
#[derive(Clone, Debug)]
pub struct Client<T> {
    base: String,
    transport: T,
}

impl<T: Transport> Client<T> {
    /// A client of the gateway at `base`, an origin like `http://127.0.0.1:8080`, or empty for the page's own.
    pub fn new(base: impl Into<String>, transport: T) -> Self {
        let base = base.into();
        Self {
            base: base.trim_end_matches('/').to_owned(),
            transport,
        }
    }

    /// The URL of something that the gateway named, such as an [`crate::Image`].
    #[must_use]
    pub fn resolve(&self, reference: &str) -> String {
        if reference.starts_with('/') {
            format!("{}{reference}", self.base)
        } else {
            reference.to_owned()
        }
    }

    /// The home page.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn catalogue(&self) -> Result<Catalogue, Error> {
        self.fetch("/v1/catalogue".to_owned()).await
    }

    /// The live channels, and what is on.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn channels(&self) -> Result<Channels, Error> {
        self.fetch("/v1/channels".to_owned()).await
    }

    /// Everything about a title.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn title(&self, id: &str) -> Result<TitleDetails, Error> {
        self.fetch(format!("/v1/titles/{}", encode_component(id))).await
    }

    /// What is needed to play a title.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn playback(&self, id: &str, options: &PlaybackOptions) -> Result<Playback, Error> {
        let mut path = format!("/v1/titles/{}/playback", encode_component(id));
        let mut separator = '?';
        if let Some(variant) = &options.variant {
            path.push_str(&format!("{separator}variant={}", encode_component(variant)));
            separator = '&';
        }
        if let Some(duration) = options.duration_s {
            path.push_str(&format!("{separator}duration={duration}"));
        }
        self.fetch(path).await
    }

    /// Titles that match `query`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn search(&self, query: &str) -> Result<SearchResults, Error> {
        self.fetch(format!("/v1/search?q={}", encode_component(query))).await
    }

    async fn fetch<R: DeserializeOwned>(&self, path: String) -> Result<R, Error> {
        let response = self.transport.get(&self.resolve(&path)).await?;
        decode(&response)
    }
}

fn decode<R: DeserializeOwned>(response: &Response) -> Result<R, Error> {
    if (200..300).contains(&response.status) {
        return serde_json::from_slice(&response.body).map_err(|error| Error::Decode(error.to_string()));
    }
    Err(match serde_json::from_slice::<Problem>(&response.body) {
        Ok(mut problem) if !problem.code.is_empty() => {
            problem.status = response.status;
            Error::Problem(problem)
        }
        _ => Error::Status(response.status),
    })
}

/// Percent-encodes everything that is not unreserved in RFC 3986, for a path segment or a query value.
#[must_use]
pub fn encode_component(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(HEX[usize::from(byte >> 4)]));
            encoded.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;
    use std::cell::RefCell;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    struct Canned {
        asked: RefCell<Vec<String>>,
        answer: Result<Response, TransportError>,
    }

    impl Transport for Canned {
        async fn get(&self, url: &str) -> Result<Response, TransportError> {
            self.asked.borrow_mut().push(url.to_owned());
            self.answer.clone()
        }
    }

    fn client(status: u16, body: &str) -> Client<Canned> {
        let answer = Ok(Response {
            status,
            body: body.as_bytes().to_vec(),
        });
        Client::new(
            "http://gateway/",
            Canned {
                asked: RefCell::default(),
                answer,
            },
        )
    }

    /// The canned transport never waits, so one poll is enough.
    fn now<F: Future>(future: F) -> F::Output {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("the future waits"),
        }
    }

    #[test]
    fn paths_and_queries_are_encoded() {
        let client = client(200, r#"{"query":"a&b","items":[]}"#);
        assert_eq!(
            now(client.search("a&b é")).map(|found| found.query),
            Ok("a&b".to_owned())
        );
        let options = PlaybackOptions {
            variant: Some("base".to_owned()),
            duration_s: Some(40),
        };
        let _ = now(client.playback("../x", &options));
        assert_eq!(
            *client.transport.asked.borrow(),
            [
                "http://gateway/v1/search?q=a%26b%20%C3%A9",
                "http://gateway/v1/titles/..%2Fx/playback?variant=base&duration=40"
            ]
        );
    }

    #[test]
    fn an_empty_base_asks_the_page_s_own_origin() {
        let client = Client::new(
            "",
            Canned {
                asked: RefCell::default(),
                answer: Err(TransportError::Offline),
            },
        );
        assert_eq!(now(client.catalogue()), Err(Error::Transport(TransportError::Offline)));
        assert_eq!(*client.transport.asked.borrow(), ["/v1/catalogue"]);
    }

    #[test]
    fn a_problem_keeps_its_code() {
        let problem = Problem::new(404, codes::TITLE_NOT_FOUND, "No such title").with_detail("no title 'x'");
        let body = serde_json::to_string(&problem).unwrap_or_default();
        assert!(body.contains(r#""type":"/problems/title.not-found""#), "{body}");
        let error = now(client(404, &body).title("x")).err();
        assert_eq!(error, Some(Error::Problem(problem)));
        assert!(error.is_some_and(|error| error.is_not_found() && !error.is_retryable()));
    }

    #[test]
    fn other_error_bodies_are_told_by_their_status() {
        assert_eq!(now(client(502, "<html>").catalogue()), Err(Error::Status(502)));
        assert!(Error::Status(502).is_retryable());
        assert_eq!(now(client(404, "{}").catalogue()), Err(Error::Status(404)));
    }

    #[test]
    fn a_wrong_shape_is_a_decode_error() {
        let result = now(client(200, r#"{"rows":[]}"#).catalogue());
        assert!(
            matches!(result, Err(Error::Decode(ref message)) if message.contains("hero")),
            "{result:?}"
        );
    }
}
