//! The two listeners, with limits for connections, and the end of both.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::runtime;

use super::routes::{Entrance, Site};
use crate::serve::error::ServeError;
use crate::serve::settings::ServiceSettings;
use crate::serve::work::Updater;

/// Maximum number of connections of a listener. Further ones are closed at once.
const MAXIMUM_CONNECTIONS: usize = 400;

/// How long the head of a request may take.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// How much longer than a run a connection may take.
const ANSWER_PATIENCE: Duration = Duration::from_secs(60);

/// How much time passes at most until the end of the service is noticed.
const TICK: Duration = Duration::from_millis(100);

/// How long to wait before connections are accepted again after the system has refused to.
const AFTER_REFUSAL: Duration = Duration::from_millis(50);

/// How long the answers may take that are under way when the service ends.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// The addresses that the service listens at.
pub(crate) struct Listeners {
    forges: TcpListener,
    page: TcpListener,
}

impl Listeners {
    /// Listens at the addresses of the settings. Nobody is answered yet.
    pub(crate) fn bind(settings: &ServiceSettings) -> Result<Self, ServeError> {
        let bind = |setting, address: SocketAddr| {
            TcpListener::bind(address).map_err(|source| ServeError::Listen {
                setting,
                address,
                source,
            })
        };
        Ok(Self {
            forges: bind("listen", settings.listen)?,
            page: bind("page", settings.page)?,
        })
    }

    /// The addresses for forges and for the page, with the ports that the system chose.
    pub(crate) fn addresses(&self) -> Result<[SocketAddr; 2], ServeError> {
        let forges = self.forges.local_addr();
        let page = self.page.local_addr();
        forges
            .and_then(|forges| Ok([forges, page?]))
            .map_err(ServeError::Server)
    }
}

/// Answers requests until the service is to end.
pub(crate) fn serve_http(listeners: Listeners, updater: Arc<Updater>) -> Result<(), ServeError> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(ServeError::Server)?;
    let site = Arc::new(Site::new(updater));
    let served = runtime.block_on(async {
        let open = [Arc::default(), Arc::default()];
        let forges = listen(&site, Entrance::Forges, listeners.forges, &open[0])?;
        let page = listen(&site, Entrance::Page, listeners.page, &open[1])?;
        while !site.is_stopped() {
            tokio::time::sleep(TICK).await;
        }
        forges.abort();
        page.abort();
        let began = std::time::Instant::now();
        let is_open = |open: &Arc<AtomicUsize>| open.load(Ordering::Relaxed) > 0;
        while open.iter().any(is_open) && began.elapsed() < LAST_ANSWERS {
            tokio::time::sleep(TICK / 10).await;
        }
        Ok::<_, io::Error>(())
    });
    // Whoever waits for a run waits no longer.
    runtime.shutdown_background();
    served.map_err(ServeError::Server)
}

fn listen(
    site: &Arc<Site>,
    entrance: Entrance,
    listener: TcpListener,
    open: &Arc<AtomicUsize>,
) -> io::Result<tokio::task::JoinHandle<()>> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (site, open) = (Arc::clone(site), Arc::clone(open));
    Ok(tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(AFTER_REFUSAL).await;
                continue;
            };
            let connection = Connection::new(&open);
            if let Some(connection) = connection {
                let site = Arc::clone(&site);
                tokio::spawn(async move {
                    answer(&site, entrance, stream).await;
                    drop(connection);
                });
            }
        }
    }))
}

/// A connection that counts as long as it lives.
struct Connection {
    open: Arc<AtomicUsize>,
}

impl Connection {
    /// Counts another one, if it is not one too many.
    fn new(open: &Arc<AtomicUsize>) -> Option<Self> {
        let connection = Self {
            open: Arc::clone(open),
        };
        let before = open.fetch_add(1, Ordering::Relaxed);
        (before < MAXIMUM_CONNECTIONS).then_some(connection)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn answer(site: &Arc<Site>, entrance: Entrance, stream: TcpStream) {
    let service = service_fn(|request| {
        let site = Arc::clone(site);
        async move { Ok::<_, Infallible>(site.answer(entrance, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // An error is the other side's: it went away, or spoke no HTTP.
    let _ = tokio::time::timeout(site.longest_run() + ANSWER_PATIENCE, connection).await;
}
