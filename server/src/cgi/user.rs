//! The user that a script runs as, where the server is root.

use rustix::process::geteuid;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// The user and group that systems without an entry for `nobody` use for it: the kernel's overflow numbers.
const NOBODY: (u32, u32) = (65534, 65534);

/// A user and its group, with no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    user: u32,
    group: u32,
}

/// `nobody` if this process is root. Of anyone else scripts run as the same user.
pub(super) fn unprivileged() -> Option<Identity> {
    geteuid().is_root().then(|| {
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let (user, group) = nobody_in(&users).unwrap_or(NOBODY);
        Identity { user, group }
    })
}

/// A user of number 0 under that name is not taken.
fn nobody_in(users: &str) -> Option<(u32, u32)> {
    let line = users
        .lines()
        .find_map(|line| line.strip_prefix("nobody:"))?;
    let mut fields = line.split(':').skip(1);
    // Some systems write -2.
    let mut number = || {
        fields
            .next()?
            .parse::<i64>()
            .ok()
            .map(|number| number as u32)
    };
    let (user, group) = (number()?, number()?);
    (user != 0 && group != 0).then_some((user, group))
}

impl Identity {
    /// Makes the command run as this user. The standard library gives up the other groups of root too; a switch that
    /// fails fails the start.
    pub(super) fn assume(&self, command: &mut Command) {
        command.gid(self.group).uid(self.user);
    }

    /// For the log.
    pub(super) fn words(&self) -> String {
        format!(" as user {}", self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cgi_22_nobody_stands_in_the_user_database() {
        let users = "root:x:0:0:root:/root:/bin/sh\nnobody:x:99:98:Nobody:/:/sbin/nologin\n";
        assert_eq!(nobody_in(users), Some((99, 98)));
        assert_eq!(
            nobody_in("nobody:*:-2:-2:x:/:/bin/false"),
            Some((u32::MAX - 1, u32::MAX - 1))
        );
        for none in [
            "",
            "nobody2:x:1:1::/:",
            "nobody:x:0:0::/:",
            "nobody:x:a:b",
            "nobody",
        ] {
            assert_eq!(nobody_in(none), None, "{none}");
        }
    }
}
