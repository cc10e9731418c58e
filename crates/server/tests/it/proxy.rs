//! A way to the database that can be made slow, or cut.
use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
};

/// How it treats what goes to the database.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Pass,
    Hold,
    Cut,
}

pub struct Proxy {
    pub address: SocketAddr,
    mode: watch::Sender<Mode>,
    held: Arc<Notify>,
}

impl Proxy {
    /// A proxy before a database.
    pub async fn before(database: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mode, seen) = watch::channel(Mode::Pass);
        let held = Arc::new(Notify::new());
        let noticed = held.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, database, seen.clone(), noticed.clone()));
            }
        });
        Self { address, mode, held }
    }

    /// Everything goes through, and what was held does.
    pub fn pass(&self) {
        self.mode.send_replace(Mode::Pass);
    }

    /// What is sent to the database waits.
    pub fn hold(&self) {
        self.mode.send_replace(Mode::Hold);
    }

    /// Until something waits.
    pub async fn held(&self) {
        self.held.notified().await;
    }

    /// Every connection breaks, and new ones do.
    pub fn cut(&self) {
        self.mode.send_replace(Mode::Cut);
    }
}

async fn carry(mut client: TcpStream, database: SocketAddr, mut mode: watch::Receiver<Mode>, held: Arc<Notify>) {
    if *mode.borrow() == Mode::Cut {
        return;
    }
    let Ok(mut server) = TcpStream::connect(database).await else { return };
    let mut cut = mode.clone();
    let (mut asked, mut answered) = ([0; 8192], [0; 8192]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(n @ 1..) = read else { return };
                if *mode.borrow() == Mode::Hold {
                    held.notify_one();
                }
                while *mode.borrow_and_update() == Mode::Hold {
                    if mode.changed().await.is_err() {
                        return;
                    }
                }
                if *mode.borrow() == Mode::Cut {
                    return;
                }
                if server.write_all(&asked[..n]).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(n @ 1..) = read else { return };
                if client.write_all(&answered[..n]).await.is_err() {
                    return;
                }
            }
            () = until(&mut cut, Mode::Cut) => return,
        }
    }
}

async fn until(seen: &mut watch::Receiver<Mode>, mode: Mode) {
    // A proxy that is gone cuts nothing any more.
    let _gone = seen.wait_for(|m| *m == mode).await.map(|_| ());
}
