//! Listens at the two addresses with limits for connections, until the service is to end.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime;

use super::certificate::Certificate;
use super::door::{Admission, Turnstile};
use super::respondent::Respondent;
use crate::serve::error::ServeError;
use crate::serve::http::response::refusal;
use crate::serve::http::routes::{Entrance, asked};
use crate::serve::log::{LogLevel, LogMessage, ServiceLog};
use crate::serve::settings::ServiceSettings;

/// Maximum time for the head of a request, and for the TLS handshake before it.
const HEAD_PATIENCE: Duration = Duration::from_secs(4);

/// Maximum length of the head of a request in bytes. Every connection may have one in memory.
const LONGEST_HEAD: usize = 16 << 10;

/// Maximum time to refuse a connection with a response.
const REFUSAL_PATIENCE: Duration = Duration::from_secs(1);

/// Maximum number of threads that hash bodies, or wait for the disk or for the end of a run.
const MAXIMUM_THREADS: usize = 96;

/// How much longer than a run a connection may last.
const RESPONSE_PATIENCE: Duration = Duration::from_secs(60);

/// Time between two checks whether the service is to end.
const TICK: Duration = Duration::from_millis(100);

/// Pause after the system could not accept a connection, for example because too many files are open.
const AFTER_REFUSAL: Duration = Duration::from_millis(50);

/// The time between two looks at the certificate files.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Minimum time between two log lines of a listener about refused connections.
const BETWEEN_LINES: Duration = Duration::from_secs(60);

/// Maximum time for the responses that are under way when the service ends.
const LAST_RESPONSES: Duration = Duration::from_secs(2);

/// The addresses that the service listens at.
pub(crate) struct Listeners {
    forges: TcpListener,
    page: TcpListener,
    /// The certificate of the listener for forges; `None` without TLS.
    certificate: Option<Arc<Certificate>>,
}

impl Listeners {
    /// Listens at the addresses of the settings. No request is answered yet.
    pub(crate) fn bind(settings: &ServiceSettings) -> Result<Self, ServeError> {
        let certificate = settings.certificate.as_ref().map(Certificate::read);
        let certificate = certificate.transpose().map_err(ServeError::Certificate)?;
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
            certificate: certificate.map(Arc::new),
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

/// Has `respondent` answer requests until the service is to end.
pub(in crate::serve::http) fn answer_requests(
    respondent: &Arc<impl Respondent>,
    listeners: Listeners,
) -> Result<(), ServeError> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(MAXIMUM_THREADS)
        .build();
    let runtime = runtime.map_err(ServeError::Server)?;
    let served = runtime.block_on(async {
        let doors: [Arc<Turnstile>; 2] = Default::default();
        let certificate = listeners.certificate;
        let forges = listen(
            respondent,
            Entrance::Forges,
            listeners.forges,
            certificate.clone(),
            &doors[0],
        )?;
        let page = listen(respondent, Entrance::Page, listeners.page, None, &doors[1])?;
        let renewing = tokio::spawn(keep_renewed(Arc::clone(respondent), certificate));
        while !respondent.is_stopped() {
            respondent.refusals().log_suppressed(respondent.log());
            tokio::time::sleep(TICK).await;
        }
        forges.abort();
        page.abort();
        renewing.abort();
        let began = Instant::now();
        while !doors.iter().all(|door| door.is_empty()) && began.elapsed() < LAST_RESPONSES {
            tokio::time::sleep(TICK / 10).await;
        }
        Ok::<_, io::Error>(())
    });
    // Stop all waiting tasks: nobody will read their result.
    runtime.shutdown_background();
    served.map_err(ServeError::Server)
}

fn listen(
    respondent: &Arc<impl Respondent>,
    entrance: Entrance,
    listener: TcpListener,
    certificate: Option<Arc<Certificate>>,
    door: &Arc<Turnstile>,
) -> io::Result<tokio::task::JoinHandle<()>> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (respondent, door) = (Arc::clone(respondent), Arc::clone(door));
    Ok(tokio::spawn(async move {
        let mut told: Option<Instant> = None;
        loop {
            let Ok((stream, peer)) = listener.accept().await else {
                tokio::time::sleep(AFTER_REFUSAL).await;
                continue;
            };
            let admission = door.admit(peer.ip());
            let is_in = matches!(admission, Admission::In(_));
            if !is_in && told.is_none_or(|told| told.elapsed() >= BETWEEN_LINES) {
                told = Some(Instant::now());
                log_refused_connection(respondent.log(), entrance, peer.ip());
            }
            match admission {
                Admission::In(visit) => {
                    let respondent = Arc::clone(&respondent);
                    let acceptor = certificate
                        .as_ref()
                        .map(|certificate| certificate.acceptor());
                    tokio::spawn(async move {
                        match acceptor {
                            None => serve_connection(&respondent, entrance, stream).await,
                            Some(acceptor) => {
                                let shaken = acceptor.accept(stream);
                                let shaken = tokio::time::timeout(HEAD_PATIENCE, shaken).await;
                                if let Ok(Ok(stream)) = shaken {
                                    serve_connection(&respondent, entrance, stream).await;
                                }
                            }
                        }
                        drop(visit);
                    });
                }
                // A response over TLS needs a handshake, which costs more than it is worth.
                Admission::Refused(visit) if certificate.is_some() => drop(visit),
                Admission::Refused(visit) => {
                    tokio::spawn(async move {
                        let _ = tokio::time::timeout(REFUSAL_PATIENCE, refuse(&stream)).await;
                        drop(visit);
                    });
                }
                Admission::Closed => {}
            }
        }
    }))
}

/// Looks at the certificate files at regular intervals, and reads them again after a change.
async fn keep_renewed(respondent: Arc<impl Respondent>, certificate: Option<Arc<Certificate>>) {
    let Some(certificate) = certificate else {
        return;
    };
    loop {
        tokio::time::sleep(BETWEEN_LOOKS).await;
        let looked = Arc::clone(&certificate);
        let renewed = tokio::task::spawn_blocking(move || looked.renew()).await;
        let (level, text) = match renewed {
            Ok(None) | Err(_) => continue,
            Ok(Some(Ok(()))) => {
                let text = "the certificate was renewed".to_owned();
                (LogLevel::Information, text)
            }
            Ok(Some(Err(reason))) => {
                let text =
                    format!("the certificate files have changed, and can't be used: {reason}");
                (LogLevel::Warning, text)
            }
        };
        respondent
            .log()
            .write(&LogMessage::of_service(level, &text));
    }
}

/// Logs that connections are refused.
fn log_refused_connection(log: &dyn ServiceLog, entrance: Entrance, last: IpAddr) {
    let listener = match entrance {
        Entrance::Forges => "forges",
        Entrance::Page => "the page",
    };
    let text = format!(
        "too many connections at the listener for {listener}: further ones are refused, as one from {last}"
    );
    log.write(&LogMessage::of_service(LogLevel::Warning, &text));
}

/// Responds with the status 503. The request is read and dropped, because closing a connection with unread data can lose the response.
async fn refuse(stream: &TcpStream) -> io::Result<()> {
    const RESPONSE: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 5\r\ncontent-length: 0\r\n\r\n";
    stream.writable().await?;
    stream.try_write(RESPONSE)?;
    let mut dropped = [0; 4096];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut dropped) {
            Ok(0) => return Ok(()),
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
            _ => {}
        }
    }
}

async fn serve_connection(
    respondent: &Arc<impl Respondent>,
    entrance: Entrance,
    stream: impl AsyncRead + AsyncWrite + Unpin,
) {
    let service = service_fn(|request| {
        let respondent = Arc::clone(respondent);
        async move {
            Ok::<_, Infallible>(match asked(entrance, &request) {
                Ok(resource) => respondent.respond(entrance, resource, request).await,
                Err((status, why)) => refusal(status, why),
            })
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(LONGEST_HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // Ignore errors: the client went away, or sent something other than HTTP.
    let _ = tokio::time::timeout(respondent.longest_run() + RESPONSE_PATIENCE, connection).await;
}
