//! The next steps when the service does not start.

use super::Failure;
use crate::serve::{JournalError, ServeError, ServiceSettingsError, SettingProblem, WebError};

impl From<ServiceSettingsError> for Failure {
    fn from(error: ServiceSettingsError) -> Self {
        match error {
            ServiceSettingsError::Values { problems } => {
                let told = |(place, problem): &(String, SettingProblem)| {
                    let failure = Self::new(format_args!("{place}: {problem}"));
                    match problem {
                        SettingProblem::UnknownVariable { .. } => {
                            failure.hint("`man hs-secrets-serve` lists the settings")
                        }
                        SettingProblem::NoStacks => failure
                            .hint("`HS_SECRETS_SERVE_STACKS=web` names one in the environment"),
                        SettingProblem::NoUrl { .. } => failure.hint(
                            "`HS_SECRETS_SERVE_URL` sets that of one repository in the environment",
                        ),
                        _ => failure,
                    }
                };
                let failures = problems.iter().map(told);
                Self::several(failures).expect("because there is a problem")
            }
            error @ ServiceSettingsError::Read { .. } => {
                Self::new(error).hint("`--config FILE` says where they are; or set them in the environment: `HS_SECRETS_SERVE_URL` …")
            }
            error @ ServiceSettingsError::Invalid { .. } => {
                Self::new(error).hint("`man hs-secrets-serve` lists the settings")
            }
        }
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let failure = Self::new(&error);
        match error {
            ServeError::Settings(error) => error.into(),
            ServeError::Engine(error) => error.into(),
            ServeError::Journal(JournalError::Damaged { .. }) => failure.hint(
                "remove the line, or move the file away: each start looks at every stack, and only the history is lost",
            ),
            ServeError::Journal(_) => failure.hint("`--state DIR` names another folder"),
            ServeError::State { .. } => failure
                .hint("the folder keeps clones and runs: `--state DIR` or `state` in the settings"),
            ServeError::Listen { .. } => {
                failure.hint("another program may listen there: `ss -ltnp` names it")
            }
            ServeError::Updater { .. } => failure.hint(
                "`forward` is the address of its `listen`, as the receiver sees it: http://updater:8420",
            ),
            ServeError::Remote { .. } => failure.hint(
                "`git ls-remote URL` must work without a question, with the files of the settings",
            ),
            ServeError::Key { .. } => failure.hint("`hs-secrets export-key FILE` writes one"),
            ServeError::NoBranch { .. } => failure.hint("`branch` in the settings names another"),
            ServeError::Certificate(_) => failure.hint(
                "both are in PEM form: the certificate with those that lead to its authority behind it, and its own key, without a passphrase",
            ),
            ServeError::Notify(WebError::NoAuthorities) => {
                failure.hint("`SSL_CERT_FILE` names a file with the authorities to trust")
            }
            ServeError::Server(_) | ServeError::Notify(_) => failure,
            ServeError::Several { problems } => {
                let problems = problems.into_iter().map(Self::from);
                Self::several(problems).unwrap_or(failure)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_tls_has_a_next_step() {
        let certificate = ServeError::Certificate("no certificate".to_owned());
        let notify = ServeError::Notify(WebError::NoAuthorities);
        for (error, said) in [(certificate, "PEM"), (notify, "SSL_CERT_FILE")] {
            let failure = Failure::from(error);
            assert!(failure.hints()[0].contains(said), "{failure:?}");
        }
    }
}
