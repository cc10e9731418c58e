//! Where connections come in, and how that ends: first no new one is taken, then those that were taken a moment before may say what they want,
//! then everything is finished. Whoever holds the socket meanwhile (systemd) lets the others wait for the next process.
use std::{future::pending, io, net::SocketAddr, time::Duration};

use axum::serve::{Listener, ListenerExt, TapIo};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// How long a connection that was taken last has for its first bytes to arrive.
const FIRST_BYTES: Duration = Duration::from_millis(500);

/// A listener that stops taking connections when it is told.
pub struct Door {
    listener: TcpListener,
    shut: watch::Receiver<bool>,
}

impl Listener for Door {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        tokio::select! {
            biased;
            () = async { drop(self.shut.wait_for(|shut| *shut).await) } => pending().await,
            taken = Listener::accept(&mut self.listener) => taken,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A door whose connections send small answers at once.
pub type Quick = TapIo<Door, fn(&mut TcpStream)>;

/// A listener, and what ends once it has been shut for a while after `stopped`.
pub fn until(
    listener: TcpListener,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> (Quick, impl Future<Output = ()> + Send + 'static) {
    let (shut, seen) = watch::channel(false);
    // Small answers leave at once; where that can't be had they leave a little later.
    let quick: fn(&mut TcpStream) = |io| drop(io.set_nodelay(true));
    let door = Door { listener, shut: seen }.tap_io(quick);
    let end = async move {
        stopped.await;
        shut.send_replace(true);
        let _ = tokio::time::timeout(FIRST_BYTES, pending::<()>()).await;
    };
    (door, end)
}
