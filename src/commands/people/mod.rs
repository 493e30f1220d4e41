//! Verbs about collaborators: who has which keys, and a new key for those who remain.

mod add_age_user;
mod add_gpg_user;
mod collaborator_addition;
mod collaborator_removal;
mod ls_users;
mod marks;
mod rm_age_user;
mod rm_gpg_user;
mod rotate_key;

pub(crate) use add_age_user::AddAgeUserArgs;
pub(crate) use add_gpg_user::AddGpgUserArgs;
pub(crate) use ls_users::LsUsersArgs;
pub(crate) use rm_age_user::RmAgeUserArgs;
pub(crate) use rm_gpg_user::RmGpgUserArgs;
pub(crate) use rotate_key::RotateKeyArgs;
