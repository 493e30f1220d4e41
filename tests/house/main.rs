//! The house itself: arrows between rooms, sizes of files, manual pages, dependencies.

mod dependencies;
mod manual;
mod repositories;
mod rooms;
mod settings;
