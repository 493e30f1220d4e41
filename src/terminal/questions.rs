//! Asks the user: yes or no, and for passphrases.

use std::io::{self, BufRead, IsTerminal, Write};

use zeroize::Zeroizing;

use super::output::Terminal;
use super::visible::visible;
use crate::failure::Failure;
use crate::repository::without_misleading;

impl Terminal {
    /// True if there is a user who sees questions and can answer them.
    pub(crate) fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks a yes-or-no question; `None` if nobody can answer.
    pub(crate) fn confirm(&self, question: &str) -> Option<bool> {
        if !self.is_interactive() {
            return None;
        }
        // An answer that can't be read counts as no.
        let _ = write!(io::stderr(), "{} [y/N] ", visible(question));
        let mut answer = String::new();
        let _ = io::stdin().lock().read_line(&mut answer);
        Some(matches!(answer.trim(), "y" | "Y" | "yes"))
    }

    /// Asks for text without showing what is typed. `None` if there is no terminal to ask on.
    pub(crate) fn ask_passphrase(what: &str) -> Option<Zeroizing<String>> {
        let answer = rpassword::prompt_password(format!("{}: ", without_misleading(what)));
        answer.ok().map(Zeroizing::new)
    }

    /// Asks for a new passphrase, twice.
    pub(crate) fn new_passphrase(&self) -> Result<Zeroizing<String>, Failure> {
        let ask = |what| {
            Self::ask_passphrase(what).ok_or_else(|| {
                Failure::new("a passphrase is needed, and there is no terminal to ask for it")
            })
        };
        let passphrase = ask("new passphrase")?;
        if passphrase.is_empty() {
            return Err(Failure::new("an empty passphrase protects nothing"));
        }
        if *ask("the same again")? == *passphrase {
            Ok(passphrase)
        } else {
            Err(Failure::new("the two passphrases differ"))
        }
    }
}
