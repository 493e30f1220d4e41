//! Reports on the terminal what happens to stacks: a line for each result, and counts while the user waits.

use std::cell::RefCell;

use super::encrypted_configs::warn_of_encrypted_config;
use super::reasons::report_reasons;
use super::service_board::ServiceBoard;
use super::setting_changes::warn_of_setting;
use super::sources::{
    report_changed_input, warn_of_changed_labels, warn_of_commit_ahead, warn_of_uncommitted,
    warn_of_unset_variable,
};
use super::tally::Tally;
use super::unverified::warn_of_unverified;
use crate::commands::{Context, Interrupt};
use crate::failure::Failure;
use crate::repository::Repository;
use crate::swarm::{Created, Event, Observer, Removed, SwarmObject};
use crate::terminal::Board;

/// Receives events, and prints them.
pub(crate) struct ProgressReporter<'a> {
    context: &'a Context,
    interrupt: Option<&'a Interrupt>,
    /// True if the repository is a shallow clone, which lacks older commits.
    is_shallow: bool,
    /// True if the user asked for an earlier commit than those that run.
    goes_back: bool,
    shown: RefCell<BottomOfTerminal<'a>>,
    /// The error of the first result line that could not be printed. The work goes on nevertheless.
    unprinted: RefCell<Option<Failure>>,
}

/// The lines at the bottom of the terminal, which are overwritten.
enum BottomOfTerminal<'a> {
    Nothing,
    Tally(Tally<'a>),
    Line(
        #[expect(dead_code, reason = "the line stays as long as its board lives")]
        Option<Board<'a>>,
    ),
    Services(ServiceBoard<'a>),
}

impl<'a> ProgressReporter<'a> {
    /// Reports work that stops once `interrupt` is noted.
    pub(crate) fn new(context: &'a Context, interrupt: Option<&'a Interrupt>) -> Self {
        Self {
            context,
            interrupt,
            is_shallow: false,
            goes_back: false,
            shown: RefCell::new(BottomOfTerminal::Nothing),
            unprinted: RefCell::new(None),
        }
    }

    /// Sets the repository that the stacks are from.
    pub(crate) fn for_repository(self, repository: &Repository) -> Self {
        let is_shallow = repository.commits().is_shallow();
        Self { is_shallow, ..self }
    }

    /// For a rollback, in which it is no surprise that later commits run.
    pub(crate) fn going_back(self) -> Self {
        Self {
            goes_back: true,
            ..self
        }
    }

    /// Ends the report. Fails if a result line could not be printed.
    pub(crate) fn end(self) -> Result<(), Failure> {
        self.show(BottomOfTerminal::Nothing);
        match self.unprinted.into_inner() {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    fn show(&self, shown: BottomOfTerminal<'a>) {
        // The old lines must be erased before the new ones are shown.
        drop(self.shown.replace(BottomOfTerminal::Nothing));
        self.shown.replace(shown);
    }

    fn count(&self, doing: &'static str, total: usize) {
        self.show(BottomOfTerminal::Tally(Tally::new(
            self.context,
            doing,
            total,
        )));
    }

    fn line(&self, line: &str) {
        let printed = self.context.terminal.line(line);
        if let Err(failure) = printed {
            self.unprinted.borrow_mut().get_or_insert(failure);
        }
        if let BottomOfTerminal::Tally(tally) = &mut *self.shown.borrow_mut() {
            tally.one_more();
        }
    }
}

impl Observer for ProgressReporter<'_> {
    fn tell(&self, event: Event<'_>) {
        let terminal = &self.context.terminal;
        match event {
            Event::TurnAwaited {
                stack,
                holder,
                since,
            } => terminal.info(format_args!(
                "waiting: {holder} deploys stack {stack} since {since}"
            )),
            Event::TurnInherited { stack, holder } => terminal.info(format_args!(
                "the deployment of stack {stack} by {holder} has ended without giving back its turn: taking it"
            )),
            Event::SettingChanged(change) => warn_of_setting(self.context, change),
            Event::EncryptedConfig(object) => warn_of_encrypted_config(self.context, object),
            Event::Unverified(objects) => warn_of_unverified(self.context, objects),
            Event::LabelsChanged(objects) => warn_of_changed_labels(self.context, objects),
            Event::Uncommitted { stack, files } => warn_of_uncommitted(self.context, stack, files),
            Event::UnsetVariable { name, place } => {
                warn_of_unset_variable(self.context, name, place);
            }
            Event::InputChanged {
                stack,
                changed,
                since,
            } => report_changed_input(self.context, stack, changed, since),
            Event::CommitAhead(ahead) if ahead.is_here && self.goes_back => {}
            Event::CommitAhead(ahead) => {
                warn_of_commit_ahead(self.context, ahead, self.is_shallow);
            }
            Event::ServiceChanges(reasons) => report_reasons(self.context, reasons),
            Event::Creating { total } => self.count("creating", total),
            Event::Created { kind, name, by } => self.line(&match by {
                Created::Now => format!("created {kind} {name}"),
                Created::Elsewhere => format!("{kind} {name} is there by now"),
            }),
            Event::CreatingNetworks { total } => self.count("creating networks", total),
            Event::NetworkCreated(network) => {
                let (name, place) = (&network.name, &network.place);
                self.line(&format!(
                    "created network {name} (overlay, attachable; {place})"
                ));
            }
            Event::ClientStarted { stack } => {
                self.show(BottomOfTerminal::Nothing);
                let board = terminal.board();
                if let Some(board) = &board {
                    board.show(&[format!("docker stack deploy {stack}")]);
                }
                self.show(BottomOfTerminal::Line(board));
            }
            Event::ClientSaid { line } => terminal.info(format_args!("docker: {line}")),
            Event::Deployed { stack } => {
                self.line(&format!("deployed stack {stack}"));
                self.show(BottomOfTerminal::Nothing);
            }
            Event::Progress(services) => {
                if !matches!(&*self.shown.borrow(), BottomOfTerminal::Services(_)) {
                    self.show(BottomOfTerminal::Services(ServiceBoard::new(self.context)));
                }
                if let BottomOfTerminal::Services(board) = &mut *self.shown.borrow_mut() {
                    board.tell(services);
                }
            }
            Event::Converged(services) => {
                self.show(BottomOfTerminal::Nothing);
                for line in ServiceBoard::results(services) {
                    self.line(&line);
                }
            }
            Event::Removing { total } => self.count("removing", total),
            Event::Removed { object, removed } => {
                self.line(&removal_line(&named(object), &removed, "in use by now"));
            }
        }
    }

    fn is_interrupted(&self) -> bool {
        self.interrupt.is_some_and(Interrupt::is_noted)
    }
}

fn named(object: &SwarmObject) -> String {
    format!("{} {}", object.kind, object.name)
}

/// The line about a removal. It has the words `used` if the item is kept because it is used.
pub(crate) fn removal_line(named: &str, removed: &Removed, used: &str) -> String {
    match removed {
        Removed::Now => format!("removed {named}"),
        Removed::Elsewhere => format!("{named} is gone by now"),
        Removed::InUse => format!("left {named}, {used}"),
    }
}
