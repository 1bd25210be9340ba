//! Which thread runs what: where a handler runs, who takes over a loop that is held up, and how loops share
//! connections.

pub(crate) mod balance;
pub(crate) mod consolidation;
pub(crate) mod parker;
pub(crate) mod placement;
pub(crate) mod pool;
pub(crate) mod predictor;
pub(crate) mod system_thread;
pub(crate) mod watchdog;
pub(crate) mod zone;
