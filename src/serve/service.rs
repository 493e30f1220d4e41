//! The service as a whole: started from its settings, checked without being started.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::sync::{Arc, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::clone::BareClone;
use super::error::ServeError;
use super::http::{Listeners, Messenger, WebError, serve_http};
use super::log::{LogLevel, LogMessage, ServiceLog};
use super::notify::Notifier;
use super::runs::{Book, JournalError};
use super::settings::{ServedRepository, ServiceSettings};
use super::survivors::{ProgramsLock, survivors};
use super::work::{DockerAccess, Updater, UpdaterParts};
use crate::format::KeyFile;
use crate::secret::{SecretBytes, forbid_core_dumps};
use crate::swarm::{DockerEngine, Engine as _, EngineError};

/// The name of the file with the runs, in the state folder.
const RUNS: &str = "runs";

/// How long the work that is under way may take to stop when the service is to end. A daemon that hangs takes longer.
const LAST_WORK: Duration = Duration::from_secs(6);

/// How much time passes at most until the end of the work is noticed.
const TICK: Duration = Duration::from_millis(20);

/// Serves until it is to end.
pub(crate) fn serve(
    settings: ServiceSettings,
    docker: DockerAccess,
    log: Arc<dyn ServiceLog>,
    is_stopped: Arc<dyn Fn() -> bool + Send + Sync>,
) -> Result<(), ServeError> {
    let book = opened_book(&settings)?;
    let listeners = Listeners::bind(&settings)?;
    let [forges, page] = listeners.addresses()?;
    let text = format!("listening at {forges} for forges, and at {page} for the page");
    log.write(&LogMessage::of_service(LogLevel::Information, &text));
    warn_of_missing_secrets(&settings, &*log);
    let unfit: Arc<OnceLock<EngineError>> = Arc::default();
    let is_unfit = Arc::clone(&unfit);
    let updater = Arc::new(Updater::new(UpdaterParts {
        settings: Arc::new(settings),
        book: Arc::new(book),
        docker,
        log,
        announced: Arc::default(),
        is_stopped: Arc::new(move || is_stopped() || is_unfit.get().is_some()),
    }));
    // It knows what has ended before anything begins.
    let notifier = notifier_of(updater.parts()).map_err(ServeError::Notify)?;
    let notifier_thread = notifier.map(|notifier| std::thread::spawn(move || notifier.work()));
    let working = Arc::clone(&updater);
    let finds_unfit = Arc::clone(&unfit);
    // A daemon that hangs keeps nobody from being answered.
    let worker = std::thread::spawn(move || {
        let parts = working.parts();
        match ask_swarm(&parts.docker) {
            Ok(()) => {}
            // It will not become one by itself.
            Err(error @ (EngineError::NotManager { .. } | EngineError::TooOld { .. })) => {
                let _ = finds_unfit.set(error);
                return;
            }
            Err(error) => {
                let text = error.to_string();
                parts
                    .log
                    .write(&LogMessage::of_service(LogLevel::Warning, &text));
            }
        }
        let _lock = lock_of_programs(parts);
        working.work();
    });
    serve_http(listeners, Arc::clone(&updater))?;
    let ending = Instant::now();
    // A thread that is not waited for ends with the process. Its run is done again at the next start.
    let is_over =
        || worker.is_finished() && notifier_thread.as_ref().is_none_or(JoinHandle::is_finished);
    while !is_over() && ending.elapsed() < LAST_WORK {
        std::thread::sleep(TICK);
    }
    if let Some(error) = unfit.get() {
        return Err(error.clone().into());
    }
    let text = "ended: runs that were under way go on at the next start";
    updater
        .parts()
        .log
        .write(&LogMessage::of_service(LogLevel::Information, text));
    Ok(())
}

/// Waits until no program of a service that was killed runs any more.
fn lock_of_programs(parts: &UpdaterParts) -> Option<ProgramsLock> {
    let trouble = match ProgramsLock::take(&parts.settings.state, &*parts.is_stopped) {
        Ok(Some(lock)) => return Some(lock),
        Ok(None) if (parts.is_stopped)() => return None,
        Ok(None) => {
            let found = survivors(&parts.settings.state).join(", ");
            let who = if found.is_empty() {
                String::new()
            } else {
                format!(": {found}")
            };
            format!(
                "a program that an earlier service has started still runs{who}; it is no longer waited for"
            )
        }
        Err(error) => format!("programs of an earlier service can't be waited for: {error}"),
    };
    parts
        .log
        .write(&LogMessage::of_service(LogLevel::Warning, &trouble));
    None
}

/// Who tells somebody how runs end, if anybody is to be told.
fn notifier_of(parts: &UpdaterParts) -> Result<Option<Notifier>, WebError> {
    let settings = parts.settings.notify.as_ref();
    let notifier = settings.map(|settings| {
        Notifier::new(
            Arc::clone(settings),
            Arc::clone(&parts.book),
            Arc::clone(&parts.log),
            Arc::clone(&parts.announced),
            Arc::clone(&parts.is_stopped),
        )
    });
    notifier.transpose()
}

/// Tells of repositories for which no delivery is taken.
fn warn_of_missing_secrets(settings: &ServiceSettings, log: &dyn ServiceLog) {
    for repository in &settings.repositories {
        let trust = repository.trust.lock();
        let trust = trust.unwrap_or_else(PoisonError::into_inner);
        if trust.secrets.is_empty() {
            let text = format!(
                "[repositories.{}] has no `secret-files`: no push of it is taken",
                repository.name
            );
            let is_polled = settings.poll.is_some();
            let level = if is_polled {
                LogLevel::Information
            } else {
                LogLevel::Warning
            };
            log.write(&LogMessage::of_service(level, &text));
        }
    }
}

/// Looks at everything that the settings name, and changes nothing but the state folder.
pub(crate) fn check(
    settings: &ServiceSettings,
    docker: &DockerAccess,
    is_stopped: &dyn Fn() -> bool,
) -> Result<(), ServeError> {
    let mut problems = Vec::new();
    let book = opened_book(settings).err();
    let is_running = matches!(book, Some(ServeError::Journal(JournalError::InUse { .. })));
    let listening = Listeners::bind(settings).err();
    // A service that runs with these settings uses both.
    let is_its = |error: &ServeError| {
        let is_journal = matches!(error, ServeError::Journal(JournalError::InUse { .. }));
        is_journal || error.is_address_in_use()
    };
    let found = book.into_iter().chain(listening);
    problems.extend(found.filter(|error| !is_running || !is_its(error)));
    let notify = settings.notify.as_ref();
    let untold = notify.and_then(|notify| Messenger::new(&notify.address).err());
    problems.extend(untold.map(ServeError::Notify));
    problems.extend(ask_swarm(docker).err().map(ServeError::from));
    for repository in &settings.repositories {
        problems.extend(trouble_with_key(repository));
        let name = repository.name.clone();
        match BareClone::new(&settings.state, repository).ask_remote(is_stopped) {
            Ok(true) => {}
            Ok(false) => problems.push(ServeError::NoBranch {
                repository: name,
                branch: repository.branch.clone(),
            }),
            Err(source) => problems.push(ServeError::Remote {
                repository: name,
                source,
            }),
        }
    }
    ServeError::all_of(problems)
}

/// The reason why the key of a repository can't be used; `None` if it is a key, or there is to be none.
fn trouble_with_key(repository: &ServedRepository) -> Option<ServeError> {
    let path = repository.key_file.as_ref()?;
    forbid_core_dumps();
    // A file that can't be read was a problem of the settings.
    let mut content = SecretBytes::from_vec(fs::read(path).ok()?);
    let source = KeyFile::parse(content.expose()).err()?;
    Some(ServeError::Key {
        repository: repository.name.clone(),
        path: path.clone(),
        source,
    })
}

fn opened_book(settings: &ServiceSettings) -> Result<Book, ServeError> {
    let state = &settings.state;
    let mut builder = fs::DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(state);
    made.map_err(|source| ServeError::State {
        path: state.clone(),
        source,
    })?;
    Ok(Book::open(&state.join(RUNS))?)
}

/// Asks the Swarm something that only a manager answers.
fn ask_swarm(docker: &DockerAccess) -> Result<(), EngineError> {
    let engine = DockerEngine::connect(&docker.endpoint, |_| {})?;
    engine.inventory_of_objects().map(drop)
}
