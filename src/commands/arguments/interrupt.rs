//! Handles interrupts (SIGINT, SIGTERM) by a flag that is asked for between two steps.

use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::{self, pipe};
use signal_hook::{SigId, flag};

use super::Context;
use crate::failure::Failure;
use crate::repository::interruption_note;

/// While this value exists, the first interrupt only sets a flag, and no further step begins. A second interrupt ends the program.
pub(crate) struct Interrupt {
    noted: Arc<AtomicBool>,
    registered: Vec<SigId>,
    announcer: Option<JoinHandle<()>>,
}

impl Interrupt {
    /// For work on the repository. The signal is also recorded for `repository`, which then stops between two of its own steps.
    pub(crate) fn of_repository_work() -> Result<Self, Failure> {
        let mut interrupt = Self {
            noted: Arc::new(AtomicBool::new(false)),
            registered: Vec::new(),
            announcer: None,
        };
        interrupt.register().map_err(watching_failed)?;
        Ok(interrupt)
    }

    /// Like [`Self::of_repository_work`], but also prints a line at the first interrupt, since the current step may take
    /// until a daemon that does not answer is given up.
    pub(crate) fn announced(context: &Context) -> Result<Self, Failure> {
        let mut interrupt = Self::of_repository_work()?;
        let announce = |interrupt: &mut Self| -> io::Result<()> {
            let (mut receiver, sender) = UnixStream::pair()?;
            for signal in [SIGINT, SIGTERM] {
                let sender = sender.try_clone()?;
                interrupt.registered.push(pipe::register(signal, sender)?);
            }
            let terminal = context.terminal.clone();
            interrupt.announcer = Some(thread::spawn(move || {
                // Reading fails once no signal handler is registered any more.
                if receiver.read_exact(&mut [0]).is_ok() {
                    terminal.info(
                        "interrupted: finishing what is under way (interrupt again to end it at once)",
                    );
                }
            }));
            Ok(())
        };
        announce(&mut interrupt).map_err(watching_failed)?;
        Ok(interrupt)
    }

    /// A function that tells whether there was an interrupt. Any thread may call it.
    pub(crate) fn question(&self) -> Arc<dyn Fn() -> bool + Send + Sync> {
        let noted = Arc::clone(&self.noted);
        Arc::new(move || noted.load(Ordering::Relaxed))
    }

    /// True once there was an interrupt.
    pub(crate) fn is_noted(&self) -> bool {
        self.noted.load(Ordering::Relaxed)
    }

    fn register(&mut self) -> io::Result<()> {
        for signal in [SIGINT, SIGTERM] {
            // The order matters: the handler that ends the program must read the flag before the first signal sets it.
            let noted = Arc::clone(&self.noted);
            self.registered
                .push(flag::register_conditional_default(signal, noted)?);
            let number = signal.unsigned_abs() as usize;
            self.registered
                .push(flag::register_usize(signal, interruption_note(), number)?);
            let noted = Arc::clone(&self.noted);
            self.registered.push(flag::register(signal, noted)?);
        }
        Ok(())
    }
}

fn watching_failed(error: io::Error) -> Failure {
    Failure::new(format_args!("watching for interrupts failed: {error}"))
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        for id in self.registered.drain(..) {
            low_level::unregister(id);
        }
        // Otherwise a program that ends soon after the interrupt would not say that it was noticed.
        if let Some(announcer) = self.announcer.take() {
            let _ = announcer.join();
        }
    }
}
