//! An executor of thirty lines: the service needs no runtime.

use bytes::Bytes;
use doget::tower::{ResponseBody, Service};
use doget_tests::PATIENCE;
use http::{Request, Response};
use http_body::{Body, Frame};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Instant;
use tower_service::Service as _;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future to its end, on this thread.
#[track_caller]
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        std::thread::park_timeout(PATIENCE);
        assert!(Instant::now() < deadline, "nobody woke the task");
    }
}

/// A body that a test feeds, frame by frame; dropped without an end, it fails.
#[derive(Clone, Default)]
pub(crate) struct Fed(Arc<Mutex<FedState>>);

#[derive(Default)]
struct FedState {
    frames: Vec<Option<Result<Frame<Bytes>, &'static str>>>,
    waker: Option<Waker>,
    polls: usize,
}

impl Fed {
    pub(crate) fn data(&self, bytes: &'static str) {
        self.push(Some(Ok(Frame::data(Bytes::from_static(bytes.as_bytes())))));
    }

    pub(crate) fn trailers(&self) {
        let mut trailers = http::HeaderMap::new();
        trailers.insert("x-sum", http::HeaderValue::from_static("1"));
        self.push(Some(Ok(Frame::trailers(trailers))));
    }

    pub(crate) fn fail(&self) {
        self.push(Some(Err("gone")));
    }

    pub(crate) fn end(&self) {
        self.push(None);
    }

    pub(crate) fn polls(&self) -> usize {
        self.0.lock().unwrap().polls
    }

    fn push(&self, frame: Option<Result<Frame<Bytes>, &'static str>>) {
        let mut state = self.0.lock().unwrap();
        state.frames.push(frame);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Body for Fed {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        let mut state = self.0.lock().unwrap();
        state.polls += 1;
        if state.frames.is_empty() {
            state.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(state.frames.remove(0))
    }
}

/// A body without an end, in pieces of 8 KiB: how often it was asked for one.
#[derive(Clone, Default)]
pub(crate) struct Endless(pub(crate) Arc<AtomicUsize>);

impl Body for Endless {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 8 << 10])))))
    }
}

/// A body that is there, of a length that it says or not.
pub(crate) struct There(pub(crate) Option<Bytes>, pub(crate) bool);

impl Body for There {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        match (&self.0, self.1) {
            (_, false) => http_body::SizeHint::default(),
            (bytes, true) => {
                http_body::SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64)
            }
        }
    }
}

/// A request without a body.
pub(crate) fn get(path: &str) -> Request<There> {
    let request = Request::get(path).header("Host", "a");
    request.body(There(None, true)).unwrap()
}

/// A request with a body of a length that is known.
pub(crate) fn post(path: &str, body: &str) -> Request<There> {
    let request = Request::post(path).header("Host", "a");
    let body = There(Some(Bytes::copy_from_slice(body.as_bytes())), true);
    request.body(body).unwrap()
}

/// The head of the response.
#[track_caller]
pub(crate) fn head<B>(service: &Service, request: Request<B>) -> Response<ResponseBody>
where
    B: Body + Send + 'static,
    B::Data: Send,
{
    let Ok(response) = wait(service.clone().call(request));
    response
}

/// The next frame of a body; `None` at its end, `Err` where it breaks off.
#[track_caller]
pub(crate) fn frame(body: &mut ResponseBody) -> Option<Result<Bytes, ()>> {
    let next = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx));
    let frame = wait(next)?;
    Some(match frame {
        Ok(frame) => frame.into_data().map_err(drop),
        Err(_) => Err(()),
    })
}

/// All of a body; `Err` if it breaks off.
#[track_caller]
pub(crate) fn whole(mut body: ResponseBody) -> Result<Vec<u8>, ()> {
    let mut all = Vec::new();
    while let Some(bytes) = frame(&mut body) {
        all.extend_from_slice(&bytes?);
    }
    Ok(all)
}

/// Status, head and body as text.
#[track_caller]
pub(crate) fn ask<B>(service: &Service, request: Request<B>) -> (u16, http::HeaderMap, String)
where
    B: Body + Send + 'static,
    B::Data: Send,
{
    let response = head(service, request);
    let (parts, body) = response.into_parts();
    let body = whole(body).expect("a whole body");
    (
        parts.status.as_u16(),
        parts.headers,
        String::from_utf8_lossy(&body).into_owned(),
    )
}
