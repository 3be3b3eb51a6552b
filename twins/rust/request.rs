//! One request and its verification. Each task has a connection of its own.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::sync::atomic::Ordering::Relaxed;

use hyper::header::{CONNECTION, HOST};
use hyper::Request;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::http;
use crate::options::Options;
use crate::recorder::{Ending, Outcome, Recorder};

const BODY_MAX: usize = 1 << 20; // a larger body ends as bad_body

pub struct Client {
    options: &'static Options,
    recorder: &'static Recorder,
    idle: Option<http::Sender>, // the connection, between two requests
}

/// Where a connection is lost decides the outcome; what is no HTTP is another matter.
fn ending(error: hyper::Error, lost: Outcome) -> Ending {
    let kind = error.source().and_then(|s| s.downcast_ref::<io::Error>()).map(io::Error::kind);
    let cut_off = matches!(
        kind,
        Some(ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
    ) || error.is_incomplete_message()
        || error.is_canceled()
        || error.is_closed();
    Ending::new(if cut_off { lost } else { Outcome::Other }, error)
}

/// Whether the body is a JSON object whose "id" is the request's.
fn is_answer_to(id: usize, body: &[u8]) -> bool {
    let answer: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    answer["id"].as_u64() == Some(id as u64)
}

impl Client {
    pub fn new(options: &'static Options, recorder: &'static Recorder) -> Self {
        Client { options, recorder, idle: None }
    }

    /// Makes the request of an id. A connection that did not end it well is dropped with it.
    pub async fn request(&mut self, id: usize) -> Ending {
        match timeout(self.options.timeout, self.exchange(id)).await {
            Err(late) => Ending::new(Outcome::Timeout, late),
            Ok(Err(ending)) => ending,
            Ok(Ok(())) => Ending::new(Outcome::Ok, ""),
        }
    }

    async fn exchange(&mut self, id: usize) -> Result<(), Ending> {
        let o = self.options;
        let mut sender = self.connection().await?;
        self.recorder.connected(id);
        let target = o.target.replacen("{id}", &id.to_string(), 1);
        let mut request = Request::get(target).header(HOST, &o.host);
        if o.fresh() {
            request = request.header(CONNECTION, "close");
        }
        let request =
            request.body(String::new()).map_err(|error| Ending::new(Outcome::Other, error))?;
        let answer =
            sender.send_request(request).await.map_err(|error| ending(error, Outcome::Reset))?;
        self.recorder.answered(id);
        let (status, mut incoming, mut body) = (answer.status(), answer.into_body(), Vec::new());
        while let Some(chunk) = http::chunk(&mut incoming).await {
            body.extend_from_slice(&chunk.map_err(|error| ending(error, Outcome::Truncated))?);
            if body.len() > BODY_MAX {
                return Err(Ending::new(Outcome::BadBody, "the body is too large"));
            }
        }
        self.idle = Some(sender).filter(|_| !o.fresh());
        if !status.is_success() {
            return Err(Ending::new(Outcome::HttpStatus, format!("status {}", status.as_u16())));
        }
        if o.verify_id && !is_answer_to(id, &body) {
            return Err(Ending::new(Outcome::BadBody, "not the request's JSON"));
        }
        Ok(())
    }

    /// The kept connection, or a new one where it was closed: nothing was sent on it.
    async fn connection(&mut self) -> Result<http::Sender, Ending> {
        if let Some(mut sender) = self.idle.take() {
            if http::ready(&mut sender).await.is_ok() {
                return Ok(sender);
            }
        }
        let stream = TcpStream::connect((&*self.options.hostname, self.options.port)).await;
        let stream = stream.map_err(|error| Ending::new(Outcome::Connect, error))?;
        let _ = stream.set_nodelay(true);
        self.recorder.connections.fetch_add(1, Relaxed);
        http::handshake(stream).await.map_err(|error| ending(error, Outcome::Reset))
    }
}
