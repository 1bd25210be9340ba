//! What breaks a rule for a reason.

/// An arrow between two files that may close a circle.
#[derive(Debug, PartialEq)]
pub(crate) struct Arrow {
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    /// Why the two files cannot be ordered, or what hides it from a reader if they were.
    pub(crate) reason: &'static str,
}

pub(crate) const CIRCLES: &[Arrow] = &[
    Arrow {
        from: "server/src/handler/hooks.rs",
        to: "server/src/handler/mod.rs",
        reason: "a trait and the functions that are its defaults: each names the other, by nature",
    },
    Arrow {
        from: "server/src/response/mod.rs",
        to: "server/src/handler/mod.rs",
        reason: "a handler is called with a response, and a response asks the hooks of its handler",
    },
    Arrow {
        from: "server/src/response/writer.rs",
        to: "server/src/live/stage/mod.rs",
        reason: "a response hands its connection on to what it becomes, and a parked request becomes a response again",
    },
    Arrow {
        from: "server/src/engine/net/socket/mod.rs",
        to: "server/src/engine/net/socket/tls.rs",
        reason: "a TLS socket is a kind of socket, and lies on one",
    },
    Arrow {
        from: "server/src/engine/mod.rs",
        to: "server/src/engine/loops/owner.rs",
        reason: "the engine starts threads that own its loops, and an owner asks the engine for another thread",
    },
    Arrow {
        from: "server/src/engine/mod.rs",
        to: "server/src/engine/threads/watchdog.rs",
        reason: "the engine starts the watchdog, which asks the engine for a thread to take over a loop",
    },
];

/// Files whose lines may be wide.
#[derive(Debug)]
pub(crate) struct Wide {
    /// The folder, with a slash behind it.
    pub(crate) place: &'static str,
    pub(crate) reason: &'static str,
}

pub(crate) const WIDE: &[Wide] = &[Wide {
    place: "server-macros/tests/expand/",
    reason: "what the macro makes of a handler, printed by a test: nobody writes it, and a literal is one line",
}];
