//! The house itself: arrows between rooms, sizes of files, manual pages.

mod manual;
mod rooms;
mod settings;
