//! A daemon behind `ssh`, reached through the user's own ssh program as the docker client reaches it.
//!
//! There, `docker system dial-stdio` passes on what it is sent to its daemon (`cli/connhelper` of the docker client).

use std::fmt;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as Socket;
use std::os::unix::process::CommandExt as _;
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper_util::client::legacy::connect::{Connected, Connection};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;

use crate::swarm::engine::EngineError;

/// How long an ssh whose connection has ended may take to say why.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What an `ssh://` address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshHost {
    user: Option<String>,
    name: String,
    port: Option<u16>,
    /// The daemon's socket there, if it is not where that docker client looks.
    socket: Option<String>,
}

/// Why ssh ended.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct SshEnded(String);

impl SshHost {
    /// Reads an address; its refusals are the docker client's (`cli/connhelper/ssh`).
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

    /// What follows `ssh`. It may not ask anything: a prompt in the middle of a command's output, or behind it where
    /// the terminal is somebody else's, would never be answered.
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
            // The shell there reads it.
            let quoted = format!("'unix://{}'", socket.replace('\'', r"'\''"));
            arguments.extend(["--host".to_owned(), quoted]);
        }
        arguments.extend(["system", "dial-stdio"].map(str::to_owned));
        arguments
    }

    /// Starts ssh with one end of a pair of sockets; the other is the connection.
    pub(crate) fn dial(&self) -> io::Result<SshStream> {
        let (ours, theirs) = Socket::pair()?;
        ours.set_nonblocking(true)?;
        let input = OwnedFd::from(theirs.try_clone()?);
        let mut child = Command::new("ssh")
            .args(self.arguments())
            .stdin(input)
            .stdout(OwnedFd::from(theirs))
            .stderr(Stdio::piped())
            // An interrupt at the terminal is for this program, which may want to finish what it has begun.
            .process_group(0)
            .spawn()
            .map_err(|error| io::Error::other(SshEnded(format!("`ssh` can't be run ({error})"))))?;
        let mut stderr = child.stderr.take().expect("because it is piped");
        let (tell, last_words) = mpsc::channel();
        std::thread::spawn(move || {
            let mut words = Vec::new();
            let _ = stderr.read_to_end(&mut words);
            // Nobody asks if all went well.
            let _ = tell.send(String::from_utf8_lossy(&words).trim().to_owned());
        });
        Ok(SshStream {
            socket: UnixStream::from_std(ours)?,
            child,
            last_words,
        })
    }
}

impl fmt::Display for SshHost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ssh://")?;
        if let Some(user) = &self.user {
            write!(formatter, "{user}@")?;
        }
        match self.name.contains(':') {
            true => write!(formatter, "[{}]", self.name)?,
            false => formatter.write_str(&self.name)?,
        }
        if let Some(port) = self.port {
            write!(formatter, ":{port}")?;
        }
        formatter.write_str(self.socket.as_deref().unwrap_or_default())
    }
}

/// A connection through a running ssh, which ends with it.
pub(crate) struct SshStream {
    socket: UnixStream,
    child: Child,
    last_words: Receiver<String>,
}

impl SshStream {
    /// Why ssh has ended, if it did so with an error.
    fn end(&mut self) -> Option<io::Error> {
        let words = self.last_words.recv_timeout(LAST_WORDS).ok()?;
        let status = self.child.wait().ok()?;
        let last = words.lines().last().unwrap_or("it did not say why");
        (!status.success())
            .then(|| io::Error::other(SshEnded(format!("`ssh` ended with {status}: {last}"))))
    }

    fn explained<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| self.end().unwrap_or(error))
    }
}

impl Drop for SshStream {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Connection for SshStream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for SshStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.socket).poll_read(context, buffer));
        if read.is_ok() && buffer.filled().len() == before && buffer.remaining() > 0 {
            return Poll::Ready(self.end().map_or(Ok(()), Err));
        }
        Poll::Ready(self.explained(read))
    }
}

impl AsyncWrite for SshStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.socket).poll_write(context, bytes));
        Poll::Ready(self.explained(written))
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
    use super::*;

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
