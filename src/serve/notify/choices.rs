//! The choices of the user about notifications: the occasions, and the format.

/// The occasions for notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// A run failed, or waits for long.
    Failure,
    /// A run was successful, and the one before it was not.
    Recovery,
    /// Another run has deployed something.
    Deploy,
}

/// The format of the message, by its receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnnouncementFormat {
    Json,
    /// Slack, and servers that take its messages.
    Slack,
    Discord,
    Ntfy,
    Gotify,
    Matrix,
}

impl Occasion {
    /// All values, with their names in the settings.
    pub(crate) const ALL: [(&'static str, Self); 3] = [
        ("failure", Self::Failure),
        ("recovery", Self::Recovery),
        ("deploy", Self::Deploy),
    ];

    /// The name in the settings.
    pub(super) fn word(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|(_, occasion)| *occasion == self);
        found.map_or("", |(word, _)| word)
    }
}

impl AnnouncementFormat {
    /// All values, with their names in the settings.
    pub(crate) const ALL: [(&'static str, Self); 6] = [
        ("json", Self::Json),
        ("slack", Self::Slack),
        ("discord", Self::Discord),
        ("ntfy", Self::Ntfy),
        ("gotify", Self::Gotify),
        ("matrix", Self::Matrix),
    ];

    /// True if the address is a secret, because knowing it is enough to send messages.
    pub(crate) fn has_secret_address(self) -> bool {
        matches!(self, Self::Slack | Self::Discord)
    }

    /// True if the address is that of a server, and messages are sent to paths below it.
    pub(crate) fn has_paths(self) -> bool {
        matches!(self, Self::Gotify | Self::Matrix)
    }

    /// True if the receiver takes no message without a token.
    pub(crate) fn needs_token(self) -> bool {
        matches!(self, Self::Gotify | Self::Matrix)
    }
}
