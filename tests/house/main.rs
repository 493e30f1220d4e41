//! The house itself: arrows between rooms, sizes of files, manual pages, dependencies.

mod dependencies;
mod manual;
mod rooms;
mod settings;
