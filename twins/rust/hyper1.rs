//! What differs between the versions of hyper: here 1.

use std::future::poll_fn;
use std::pin::Pin;

use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

pub type Sender = http1::SendRequest<String>;

/// As with hyper 0.14, where it says why.
const HEAD_MAX: usize = 32 << 10;

/// A connection over `stream`, driven by a task of its own until its sender is gone.
pub async fn handshake(stream: TcpStream) -> hyper::Result<Sender> {
    let (sender, connection) = http1::Builder::new().max_buf_size(HEAD_MAX).handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// Waits until a connection can be used again; an error where it was closed.
pub async fn ready(sender: &mut Sender) -> hyper::Result<()> {
    sender.ready().await
}

/// The next piece of a body.
pub async fn chunk(body: &mut Incoming) -> Option<hyper::Result<Bytes>> {
    let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
    Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
}
