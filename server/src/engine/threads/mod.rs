//! Which thread runs what: where a handler is admitted, who takes over a loop that is held up, and how loops share
//! connections.

pub(crate) mod admission;
pub(crate) mod balance;
pub(crate) mod consolidation;
pub(crate) mod parker;
pub(crate) mod pool;
pub(crate) mod predictor;
pub(crate) mod system_thread;
pub(crate) mod watchdog;
pub(crate) mod zone;
