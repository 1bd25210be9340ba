//! What a live connection takes before it is one: its place, and what the log is to be told of it.

use crate::live::places::LivePlace;
use crate::live::record::Record;
use crate::{Error, Limits, Request, Result};

/// A place, until it is dropped, and the log's record of whoever has it.
pub(crate) struct Entry {
    pub(crate) record: Record,
    _place: LivePlace,
}

/// Refuses where no connection can ever become live. That is no want of places: who comes again finds the same.
pub(super) fn need_connections(request: &Request<'_>) -> Result<()> {
    if request.server().live.are_none() {
        return Err(Error::new(501).caused_by(
            "there are no live connections below another engine (`doget::tower`): serve this method by `HttpServer`, \
             or write the stream by hand",
        ));
    }
    Ok(())
}

/// Takes a place for a live connection, if the server goes on and has one.
pub(super) fn enter(request: &Request<'_>) -> Option<Entry> {
    let Limits {
        live,
        max_connections,
        ..
    } = request.limits();
    // Requests need some too.
    let most = live.max_connections.min(max_connections / 4 * 3);
    let server = request.server();
    if server.shutdown.has_begun() {
        return None;
    }
    Some(Entry {
        _place: server.live.take(most.max(1))?,
        record: Record::of(request),
    })
}
