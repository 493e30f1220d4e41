//! The anchors: fixed texts, one of which is part of everything that the rules find. One pass searches for all of them.

use super::encoded::PEM_IN_BASE64;
use super::kubernetes::KINDS;
use super::logins::calls::CALLS;
use super::logins::commands::COMMANDS;
use super::logins::piped::READERS;
use super::logins::schemes::OPEN_SCHEMES;
use super::logins::statements::{SNMP_USER, STATEMENT};
use super::logins::urls::DATA_SOURCE_ANCHORS;
use super::password_hashes::SCRAM;
use super::private_keys::{AGE_PREFIX, KEY_FILE_BEGINNINGS, PUTTY_BEGINNING};
use super::registry_logins::DOCKER_CONFIG;
use super::settings::secret_names::{ends_names, searched_parts};
use super::tokens::shapes::TELEGRAM_ANCHOR;
use super::tokens::table::SHAPES;

/// The kind of secret that may stand at an anchor, which decides which function looks there.
#[derive(Clone, Copy)]
pub(crate) enum Action {
    Shape(usize),
    Name,
    /// The last word of a name, if no letter follows it.
    LastWord,
    Url,
    Hash,
    Header,
    Basic,
    Call(usize),
    Command(usize),
    Reader(usize),
    Statement,
    Scheme,
    SnmpUser,
    DataSource,
    Telegram,
    Pem,
    Putty,
    AgeKey,
    KeyFile,
    EncodedKey,
    DockerConfig,
    KubernetesSecret,
    Marker,
}

/// The first part of a marker in a line.
const MARKER: &str = "hs-secrets: allow ";

/// All anchors, and for each of them the kind of secret that may stand there.
pub(crate) fn anchors() -> (Vec<&'static str>, Vec<Action>) {
    let fixed = [
        ("://", Action::Url),
        ("$apr1$", Action::Hash),
        ("$2y$", Action::Hash),
        ("$2a$", Action::Hash),
        ("$2b$", Action::Hash),
        ("$5$", Action::Hash),
        ("$6$", Action::Hash),
        ("$y$", Action::Hash),
        ("$1$", Action::Hash),
        ("$7$", Action::Hash),
        ("$8$", Action::Hash),
        ("$9$", Action::Hash),
        ("$P$", Action::Hash),
        ("$H$", Action::Hash),
        ("$S$", Action::Hash),
        ("$pbkdf2-", Action::Hash),
        ("pbkdf2_sha256$", Action::Hash),
        (SCRAM, Action::Hash),
        ("{SHA}", Action::Hash),
        ("{SSHA", Action::Hash),
        ("Bearer ", Action::Header),
        ("Basic ", Action::Basic),
        (STATEMENT, Action::Statement),
        (OPEN_SCHEMES[0], Action::Scheme),
        (OPEN_SCHEMES[1], Action::Scheme),
        (OPEN_SCHEMES[2], Action::Scheme),
        (SNMP_USER, Action::SnmpUser),
        (DATA_SOURCE_ANCHORS[0], Action::DataSource),
        (DATA_SOURCE_ANCHORS[1], Action::DataSource),
        (TELEGRAM_ANCHOR, Action::Telegram),
        (PUTTY_BEGINNING, Action::Putty),
        ("$argon2i", Action::Hash),
        ("-----BEGIN ", Action::Pem),
        (AGE_PREFIX, Action::AgeKey),
        (KEY_FILE_BEGINNINGS[0], Action::KeyFile),
        (KEY_FILE_BEGINNINGS[1], Action::KeyFile),
        (PEM_IN_BASE64, Action::EncodedKey),
        (DOCKER_CONFIG, Action::DockerConfig),
        (KINDS[0], Action::KubernetesSecret),
        (KINDS[1], Action::KubernetesSecret),
        (KINDS[2], Action::KubernetesSecret),
        (MARKER, Action::Marker),
    ];
    let shapes = SHAPES
        .iter()
        .enumerate()
        .map(|(index, shape)| (shape.anchor, Action::Shape(index)));
    let names = searched_parts().into_iter().map(|part| {
        let action = if ends_names(part) {
            Action::LastWord
        } else {
            Action::Name
        };
        (part, action)
    });
    let commands = COMMANDS
        .iter()
        .enumerate()
        .map(|(index, command)| (command.name, Action::Command(index)));
    let readers = READERS
        .iter()
        .enumerate()
        .map(|(index, (name, _))| (*name, Action::Reader(index)));
    let calls = CALLS
        .iter()
        .enumerate()
        .map(|(index, call)| (call.name, Action::Call(index)));
    let logins = commands.chain(readers).chain(calls);
    fixed
        .into_iter()
        .chain(shapes)
        .chain(logins)
        .chain(names)
        .unzip()
}
