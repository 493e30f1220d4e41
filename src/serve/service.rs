//! The service as a whole: started from its settings, checked without being started.

use std::fs;
use std::sync::Arc;

use super::clone::BareClone;
use super::error::ServeError;
use super::http::{Listeners, serve_http};
use super::news::{News, ServiceLog, Weight};
use super::runs::Book;
use super::settings::ServiceSettings;
use super::work::{DockerAccess, Updater, UpdaterParts};
use crate::swarm::{DockerEngine, Engine as _, EngineError};

/// The name of the file with the runs, in the state folder.
const RUNS: &str = "runs";

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
    match ask_swarm(&docker) {
        Ok(()) => {}
        // It will not become one by itself.
        Err(error @ (EngineError::NotManager { .. } | EngineError::TooOld { .. })) => {
            return Err(error.into());
        }
        Err(error) => log.tell(&News::of_service(Weight::Warning, &error.to_string())),
    }
    let text = format!("listening at {forges} for forges, and at {page} for the page");
    log.tell(&News::of_service(Weight::Information, &text));
    let updater = Arc::new(Updater::new(UpdaterParts {
        settings: Arc::new(settings),
        book: Arc::new(book),
        docker,
        log,
        is_stopped,
    }));
    let working = Arc::clone(&updater);
    let worker = std::thread::spawn(move || working.work());
    serve_http(listeners, Arc::clone(&updater))?;
    // A panic of the worker was told of when it happened.
    let _ = worker.join();
    let text = "ended: runs that were under way go on at the next start";
    updater
        .parts()
        .log
        .tell(&News::of_service(Weight::Information, text));
    Ok(())
}

/// Looks at everything that the settings name, and changes nothing but the state folder.
pub(crate) fn check(
    settings: &ServiceSettings,
    docker: &DockerAccess,
    is_stopped: &dyn Fn() -> bool,
) -> Result<(), ServeError> {
    let mut problems = Vec::new();
    problems.extend(opened_book(settings).err());
    problems.extend(Listeners::bind(settings).err());
    problems.extend(ask_swarm(docker).err().map(ServeError::from));
    for repository in &settings.repositories {
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
    match problems.len() {
        0 => Ok(()),
        1 => Err(problems.remove(0)),
        _ => Err(ServeError::Several { problems }),
    }
}

fn opened_book(settings: &ServiceSettings) -> Result<Book, ServeError> {
    let state = &settings.state;
    fs::create_dir_all(state).map_err(|source| ServeError::State {
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
