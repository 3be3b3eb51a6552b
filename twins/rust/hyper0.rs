//! What differs between the versions of hyper: here 0.14.

use futures_util::future::poll_fn;
use hyper::body::{Bytes, HttpBody};
use hyper::client::conn;
use tokio::net::TcpStream;

pub type Sender = conn::SendRequest<String>;

/// A larger header ends as other. hyper reads up to so much at a time, and more than a hundred times
/// before it lets others go on: with its default of 400 KB, trailers without end took seconds.
const HEAD_MAX: usize = 32 << 10;

/// A connection over `stream`, driven by a task of its own until its sender is gone.
pub async fn handshake(stream: TcpStream) -> hyper::Result<Sender> {
    let (sender, connection) = conn::Builder::new().http1_max_buf_size(HEAD_MAX).handshake(stream).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// Waits until a connection can be used again; an error where it was closed.
pub async fn ready(sender: &mut Sender) -> hyper::Result<()> {
    poll_fn(|context| sender.poll_ready(context)).await
}

/// The next piece of a body.
pub async fn chunk(body: &mut hyper::Body) -> Option<hyper::Result<Bytes>> {
    body.data().await
}
