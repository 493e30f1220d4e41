//! An interrupt as something that is asked about between two steps.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{SigId, flag, low_level};

use crate::failure::Failure;

/// While it lives, the first interrupt is only noted; a second one ends the program as ever.
pub(super) struct Interrupt {
    noted: Arc<AtomicBool>,
    registered: Vec<SigId>,
}

impl Interrupt {
    pub(super) fn watch() -> Result<Self, Failure> {
        let mut interrupt = Self {
            noted: Arc::new(AtomicBool::new(false)),
            registered: Vec::new(),
        };
        interrupt.register().map_err(|error| {
            Failure::new(format_args!("watching for interrupts failed: {error}"))
        })?;
        Ok(interrupt)
    }

    /// True once there was one.
    pub(super) fn is_noted(&self) -> bool {
        self.noted.load(Ordering::Relaxed)
    }

    fn register(&mut self) -> io::Result<()> {
        for signal in [SIGINT, SIGTERM] {
            // In this order: what ends the program must look at the flag before the first signal sets it.
            let noted = Arc::clone(&self.noted);
            self.registered
                .push(flag::register_conditional_default(signal, noted)?);
            let noted = Arc::clone(&self.noted);
            self.registered.push(flag::register(signal, noted)?);
        }
        Ok(())
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        for id in self.registered.drain(..) {
            low_level::unregister(id);
        }
    }
}
