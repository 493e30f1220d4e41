//! `deploy` on a small stack: what goes well, and what does not.
