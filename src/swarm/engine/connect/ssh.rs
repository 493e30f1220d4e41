//! Reaches a daemon through the user's own `ssh` program, as the docker client does.
//!
//! On the remote host, `docker system dial-stdio` connects stdin and stdout to the daemon there (`cli/connhelper` of the
//! docker client).

use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as Socket;
use std::os::unix::process::CommandExt as _;
use std::pin::Pin;
use std::process::{Child, Command};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;
use tokio::time::{Sleep, sleep};

use crate::swarm::engine::EngineError;

/// How long to wait for ssh's error message after the connection has ended.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// Pause between two checks for the error message.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
/// Maximum number of bytes that are kept of ssh's stderr. The last ones are kept.
const LONGEST_WORDS: usize = 8 * 1024;

/// The parts of an `ssh://` address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshHost {
    user: Option<String>,
    name: String,
    port: Option<u16>,
    /// The daemon's socket on the remote host, if it is not the default there.
    socket: Option<String>,
}

/// The error message of ssh, or how it ended.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct SshEnded(String);

impl SshHost {
    /// Parses an address. It refuses the same addresses as the docker client (`cli/connhelper/ssh`).
    pub(crate) fn parse(host: &str) -> Result<Self, EngineError> {
        let refused = |reason: &str| EngineError::MalformedSshHost {
            host: host.to_owned(),
            reason: reason.to_owned(),
        };
        let address = host.strip_prefix("ssh://").unwrap_or(host);
        if address.contains('#') {
            return Err(refused("fragments are not allowed"));
        }
        if address.contains('?') {
            return Err(refused("query parameters are not allowed"));
        }
        let (authority, path) = address
            .find('/')
            .map_or((address, ""), |slash| address.split_at(slash));
        let (user, place) = authority
            .rsplit_once('@')
            .map_or((None, authority), |(user, place)| (Some(user), place));
        if user.is_some_and(|user| user.contains(':')) {
            return Err(refused("plain-text password is not supported"));
        }
        let (name, port) = match place.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, Some(port)),
            _ => (place, None),
        };
        let name = name.trim_start_matches('[').trim_end_matches(']');
        if name.is_empty() {
            return Err(refused("hostname is empty"));
        }
        let port = port.map(|port| port.parse().map_err(|_| refused("invalid port")));
        Ok(Self {
            user: user.filter(|user| !user.is_empty()).map(str::to_owned),
            name: name.to_owned(),
            port: port.transpose()?,
            socket: Some(path)
                .filter(|path| !path.trim_matches('/').is_empty())
                .map(str::to_owned),
        })
    }

    /// The arguments of `ssh`. It must not ask for anything: a prompt would appear in the middle of a command's output, or
    /// on a terminal without a user.
    fn arguments(&self) -> Vec<String> {
        let mut arguments = ["-o", "ConnectTimeout=30", "-o", "BatchMode=yes", "-T"]
            .map(str::to_owned)
            .to_vec();
        if let Some(user) = &self.user {
            arguments.extend(["-l".to_owned(), user.clone()]);
        }
        if let Some(port) = self.port {
            arguments.extend(["-p".to_owned(), port.to_string()]);
        }
        arguments.extend(["--", &self.name, "docker"].map(str::to_owned));
        if let Some(socket) = &self.socket {
            // The shell on the remote host removes the quotes.
            let quoted = format!("'unix://{}'", socket.replace('\'', r"'\''"));
            arguments.extend(["--host".to_owned(), quoted]);
        }
        arguments.extend(["system", "dial-stdio"].map(str::to_owned));
        arguments
    }

    /// Starts ssh.
    pub(crate) fn dial(&self) -> io::Result<SshStream> {
        let mut ssh = Command::new("ssh");
        SshStream::over(ssh.args(self.arguments()))
    }
}

impl fmt::Display for SshHost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ssh://")?;
        if let Some(user) = &self.user {
            write!(formatter, "{user}@")?;
        }
        if self.name.contains(':') {
            write!(formatter, "[{}]", self.name)?;
        } else {
            formatter.write_str(&self.name)?;
        }
        if let Some(port) = self.port {
            write!(formatter, ":{port}")?;
        }
        formatter.write_str(self.socket.as_deref().unwrap_or_default())
    }
}

/// A connection through a running `ssh` process. Dropping it ends the process.
///
/// Nothing here may block: the async runtime has a single thread, which also handles other requests and their time limits.
pub(crate) struct SshStream {
    socket: UnixStream,
    child: Child,
    complaints: UnixStream,
    /// The end of what ssh has written to its stderr.
    words: Vec<u8>,
    /// True when ssh has closed its stderr.
    said_all: bool,
    /// How the connection ended, until that is reported.
    ended: Option<io::Result<()>>,
    /// The time until which to wait for an error message.
    patience: Option<Instant>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl SshStream {
    /// Starts `ssh` with one end of a socket pair. The other end is the connection.
    fn over(ssh: &mut Command) -> io::Result<Self> {
        let (socket, theirs) = Socket::pair()?;
        let (complaints, their_complaints) = Socket::pair()?;
        for ours in [&socket, &complaints] {
            ours.set_nonblocking(true)?;
        }
        let child = ssh
            .stdin(OwnedFd::from(theirs.try_clone()?))
            .stdout(OwnedFd::from(theirs))
            .stderr(OwnedFd::from(their_complaints))
            // A Ctrl-C in the terminal must reach this program only, which may have to finish a request over this
            // connection.
            .process_group(0)
            .spawn()
            .map_err(|error| io::Error::other(SshEnded(format!("`ssh` can't be run ({error})"))))?;
        // The command still owns copies of ssh's ends of the sockets. They must be closed, or the streams would never end.
        *ssh = Command::new("ssh");
        Ok(Self {
            socket: UnixStream::from_std(socket)?,
            child,
            complaints: UnixStream::from_std(complaints)?,
            words: Vec::new(),
            said_all: false,
            ended: None,
            patience: None,
            pause: None,
        })
    }

    /// Reads ssh's stderr, so that ssh never blocks on writing to it.
    fn listen(&mut self, context: &mut Context<'_>) {
        while !self.said_all {
            let mut space = [0; 1024];
            let mut buffer = ReadBuf::new(&mut space);
            match Pin::new(&mut self.complaints).poll_read(context, &mut buffer) {
                Poll::Pending => return,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    self.words.extend_from_slice(buffer.filled());
                    let surplus = self.words.len().saturating_sub(LONGEST_WORDS);
                    self.words.drain(..surplus);
                }
                Poll::Ready(_) => self.said_all = true,
            }
        }
    }

    /// Waits for ssh to end. Returns the reason if ssh failed.
    fn poll_reason(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Error>> {
        let until = self
            .patience
            .get_or_insert_with(|| Instant::now() + LAST_WORDS);
        let until = *until;
        loop {
            self.listen(context);
            let is_late = Instant::now() >= until;
            if self.said_all || is_late {
                match self.child.try_wait() {
                    Ok(Some(status)) if !status.success() => {
                        let words = String::from_utf8_lossy(&self.words);
                        let last = words.trim().lines().last().unwrap_or("it did not say why");
                        let reason = SshEnded(format!("`ssh` ended with {status}: {last}"));
                        return Poll::Ready(Some(io::Error::other(reason)));
                    }
                    Ok(None) if !is_late => {}
                    _ => return Poll::Ready(None),
                }
            }
            let pause = self
                .pause
                .get_or_insert_with(|| Box::pin(sleep(BETWEEN_LOOKS)));
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
    }

    /// How the connection ended: ssh's error message if there is one.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let reason = ready!(self.poll_reason(context));
        let ended = self.ended.take().unwrap_or(Ok(()));
        Poll::Ready(reason.map_or(ended, Err))
    }
}

impl Drop for SshStream {
    fn drop(&mut self) {
        // An error means that ssh has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl AsyncRead for SshStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.listen(context);
        if self.ended.is_none() {
            let before = buffer.filled().len();
            match ready!(Pin::new(&mut self.socket).poll_read(context, buffer)) {
                Ok(()) if buffer.filled().len() > before || buffer.remaining() == 0 => {
                    return Poll::Ready(Ok(()));
                }
                ended => self.ended = Some(ended),
            }
        }
        self.poll_end(context)
    }
}

impl AsyncWrite for SshStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.ended.is_none() {
            match ready!(Pin::new(&mut self.socket).poll_write(context, bytes)) {
                Ok(written) => return Poll::Ready(Ok(written)),
                Err(error) => self.ended = Some(Err(error)),
            }
        }
        let ended = ready!(self.poll_end(context));
        Poll::Ready(ended.and(Err(io::ErrorKind::BrokenPipe.into())))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[test]
    fn an_ssh_that_takes_its_time_to_say_why_holds_nobody_up() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let (told, ticks) = runtime.block_on(async {
            let mut ssh = Command::new("sh");
            ssh.args(["-c", "exec <&- >&-; sleep 1; echo because >&2; exit 3"]);
            let mut stream = SshStream::over(&mut ssh).expect("there is a shell");
            let read = tokio::spawn(async move {
                let mut space = [0; 16];
                let mut buffer = ReadBuf::new(&mut space);
                poll_fn(|context| Pin::new(&mut stream).poll_read(context, &mut buffer)).await
            });
            let mut ticks = 0;
            while !read.is_finished() {
                sleep(Duration::from_millis(20)).await;
                ticks += 1;
            }
            (read.await.expect("it does not panic"), ticks)
        });
        let told = told.expect_err("it ended with an error").to_string();
        assert!(told.contains("exit status: 3: because"), "{told}");
        assert!(ticks > 5, "the runtime went on {ticks} times meanwhile");
    }

    #[test]
    fn addresses_become_arguments() {
        for (host, expected) in [
            ("ssh://manager", "-- manager docker system dial-stdio"),
            (
                "ssh://me@manager:2222",
                "-l me -p 2222 -- manager docker system dial-stdio",
            ),
            (
                "ssh://[fe80::1]:22",
                "-p 22 -- fe80::1 docker system dial-stdio",
            ),
            (
                "ssh://m/run/it's.sock",
                r"-- m docker --host 'unix:///run/it'\''s.sock' system dial-stdio",
            ),
            (
                "ssh://-oProxyCommand=x",
                "-- -oProxyCommand=x docker system dial-stdio",
            ),
        ] {
            let parsed = SshHost::parse(host).expect(host);
            let arguments = parsed.arguments().join(" ");
            assert!(
                arguments.ends_with(&format!("-T {expected}")),
                "{arguments}"
            );
            assert_eq!(parsed.to_string(), host);
        }
    }

    #[test]
    fn what_docker_refuses_is_refused_in_its_words() {
        for (host, words) in [
            ("ssh://", "hostname is empty"),
            ("ssh://me:secret@manager", "plain-text password"),
            ("ssh://manager?x=1", "query parameters are not allowed"),
            ("ssh://manager#x", "fragments are not allowed"),
            ("ssh://manager:port", "invalid port"),
        ] {
            let refused = SshHost::parse(host).expect_err(host);
            assert!(refused.to_string().contains(words), "{refused}");
        }
    }
}
