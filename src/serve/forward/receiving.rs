//! The service as a receiver: started, or checked without being started.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use serde_json::Value;

use super::forwarder::Forwarder;
use crate::serve::error::ServeError;
use crate::serve::http::{Listeners, Messenger, serve_relay};
use crate::serve::log::{LogLevel, LogMessage, ServiceLog};
use crate::serve::settings::{ServiceSettings, WebAddress};

/// Maximum time for an updater to respond to a check.
const PATIENCE: Duration = Duration::from_secs(10);

/// Maximum time for a receiver on this machine to respond to a check.
const PATIENCE_WITH_ITSELF: Duration = Duration::from_secs(2);

/// Runs a receiver until the service is to end.
pub(crate) fn receive(
    settings: ServiceSettings,
    address: Arc<WebAddress>,
    log: Arc<dyn ServiceLog>,
    is_stopped: Arc<dyn Fn() -> bool + Send + Sync>,
) -> Result<(), ServeError> {
    let listeners = Listeners::bind(&settings)?;
    let [forges, page] = listeners.addresses()?;
    let host = address.host();
    let text = format!(
        "listening at {forges} for forges, and at {page} for the metrics; deliveries go on to {host}"
    );
    log.write(&LogMessage::of_service(LogLevel::Information, &text));
    let forwarder = Forwarder::new(settings, address, log, is_stopped);
    serve_relay(listeners, forwarder)
}

/// Checks that the updater responds, and that the addresses to listen at are free or those of a receiver that runs.
pub(crate) fn check_receiver(
    settings: &ServiceSettings,
    address: &WebAddress,
) -> Result<(), ServeError> {
    let listening = Listeners::bind(settings).err();
    let listening =
        listening.filter(|error| !error.is_address_in_use() || !is_receiver_at(settings.page));
    let problems = [listening, ask_updater(address).err()];
    ServeError::all_of(problems.into_iter().flatten().collect())
}

/// True if a receiver listens at this `page` address. A receiver has no state folder whose lock could tell that it runs.
fn is_receiver_at(page: SocketAddr) -> bool {
    let Ok(address) = WebAddress::parse_base(&format!("http://{page}")) else {
        return false;
    };
    let health = Request::get(address.below("healthz")).body(Vec::new());
    let (Ok(health), Ok(messenger)) = (health, Messenger::new(&address)) else {
        return false;
    };
    let health = messenger.read(health, PATIENCE_WITH_ITSELF);
    let health = health.ok().map(|text| serde_json::from_slice(&text));
    // Only the response of a receiver has the field `updater`.
    matches!(health, Some(Ok(Value::Object(fields))) if fields.contains_key("updater"))
}

fn ask_updater(address: &WebAddress) -> Result<(), ServeError> {
    let host = || address.host().to_owned();
    let away = |reason: String| ServeError::Updater {
        host: host(),
        reason,
    };
    let request = Request::get(address.below("healthz")).body(Vec::new());
    let request = request.map_err(|error| away(error.to_string()))?;
    let messenger = Messenger::new(address).map_err(|error| away(error.to_string()))?;
    let answer = messenger.send(request, PATIENCE);
    let status = answer.map_err(|error| away(error.to_string()))?.status;
    // 503 is the response of an updater whose Swarm is away: the updater itself is there.
    if ![200, 503].contains(&status.as_u16()) {
        let status = status.as_u16();
        return Err(away(format!("it answered {status} to GET /healthz")));
    }
    Ok(())
}
