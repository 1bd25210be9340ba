//! Chromium fills in the form of a listing; and a page that somebody has sent, or that stands elsewhere, does nothing.
//!
//! Where there is no Chromium the test says that it did not run; with `CI=true` that is a failure.

use crate::handler as uploads;
use crate::site::Site;
use doget::{Html, HttpServer, Log, Running, StatusCode, UploadHandler, handler};
use doget_tests::browser::Browser;
use std::fs;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Generous: what happens decides, not how fast.
const PATIENCE: Duration = Duration::from_secs(120);

/// The directory, and on the same origin a page that does what a user would.
struct Driven {
    base: UploadHandler,
    report: Mutex<Sender<String>>,
}

/// Chooses two files in the form that the listing has, clicks on its button, and looks at what comes back. Then shows
/// a page that was sent, which would report.
const DRIVE: &str = r#"<!DOCTYPE html>
<iframe id="listing" src="/dir/"></iframe>
<script>
const frame = document.getElementById('listing');
const loaded = () => new Promise(done => frame.addEventListener('load', done, {once: true}));
(async () => {
  const said = [];
  try {
    await loaded();
    const form = frame.contentDocument.querySelector('form[enctype]');
    const chosen = new DataTransfer();
    chosen.items.add(new File(['one'], 'one \u00e4.txt'));
    chosen.items.add(new File(['<script>fetch("/report", {method: "POST", body: "ran"})</' + 'script>'], 'two.html'));
    form.querySelector('input[type=file]').files = chosen.files;
    const back = loaded();
    form.querySelector('button').click();
    await back;
    said.push(frame.contentWindow.location.pathname);
    said.push([...frame.contentDocument.querySelectorAll('td a')].map(a => a.textContent).join(' | '));
    const shown = loaded();
    frame.src = '/dir/two.html';
    await shown;
    await new Promise(done => setTimeout(done, 500));
  } catch (error) {
    said.push(String(error));
  }
  await fetch('/report', {method: 'POST', body: said.join('\n')});
})();
</script>"#;

/// A page of another site, which posts a form to the first one.
struct Foreign {
    target: String,
    report: Mutex<Sender<String>>,
}

#[handler(base(self.base: UploadHandler))]
impl Driven {
    #[route("/drive")]
    fn do_GET_drive(&self) -> Html<&'static str> {
        Html(DRIVE)
    }

    #[route("/report")]
    fn do_POST_report(&self, lines: String) -> StatusCode {
        self.report.lock().unwrap().send(lines).unwrap();
        StatusCode::NO_CONTENT
    }
}

#[handler]
impl Foreign {
    #[route("/")]
    fn do_GET_page(&self) -> Html<String> {
        Html(format!(
            r#"<!DOCTYPE html>
<script>
(async () => {{
  const form = new FormData();
  form.append('file', new File(['evil'], 'evil.txt'));
  await fetch('{0}/dir/', {{method: 'POST', mode: 'no-cors', body: form, credentials: 'include'}});
  try {{ await fetch('{0}/dir/evil-put', {{method: 'PUT', body: 'evil'}}); }} catch (error) {{ }}
  await fetch('/report', {{method: 'POST', body: 'tried'}});
}})();
</script>"#,
            self.target
        ))
    }

    #[route("/report")]
    fn do_POST_report(&self, lines: String) -> StatusCode {
        self.report.lock().unwrap().send(lines).unwrap();
        StatusCode::NO_CONTENT
    }
}

/// Has the form filled in, on the origin of this host, and gives that origin; `None` where there is no browser.
fn fill_in(host: &str, report: &Sender<String>, reported: &Receiver<String>) -> Option<Served> {
    let site = Site::usual();
    let server = HttpServer::bind("127.0.0.1:0").unwrap().log(Log::off());
    let origin = format!("http://{host}:{}", server.server_port());
    let running = server
        .spawn(Driven {
            base: uploads(&site),
            report: Mutex::new(report.clone()),
        })
        .unwrap();
    let profile = site.outside().join("profile");
    let browser = Browser::open(&format!("{origin}/drive"), &profile)?;
    let said = reported.recv_timeout(PATIENCE).unwrap();
    drop(browser);
    let expected = "/dir/\nsub/ | b.txt | one \u{e4}.txt | two.html";
    assert_eq!(said, expected, "{host}");
    assert!(
        reported.try_recv().is_err(),
        "the page that was sent has run"
    );
    assert_eq!(
        fs::read(site.root().join("dir/one \u{e4}.txt")).unwrap(),
        b"one"
    );
    Some(Served {
        site,
        origin,
        _running: running,
    })
}

struct Served {
    site: Site,
    origin: String,
    _running: Running,
}

/// Where a browser does not trust the connection, plain HTTP to another machine, it sends no `Sec-Fetch-Site`, and an
/// `Origin` of `null` if the page may name no referrer.
#[test]
fn chromium_sends_files_by_the_form_and_foreign_pages_send_none() {
    let (report, reported) = channel();
    let fill_in = |host| fill_in(host, &report, &reported);
    let (Some(served), Some(_)) = (fill_in("127.0.0.1"), fill_in("lan.example")) else {
        let demanded = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!demanded, "there is no Chromium, and CI demands it");
        eprintln!("left out: no Chromium here (Debian: apt-get install chromium)");
        return;
    };
    let server = HttpServer::bind("127.0.0.1:0").unwrap().log(Log::off());
    let foreign = format!("http://{}", server.local_addr().unwrap());
    let _page = server
        .spawn(Foreign {
            target: served.origin.clone(),
            report: Mutex::new(report.clone()),
        })
        .unwrap();
    let browser = Browser::open(&foreign, &served.site.outside().join("another"));
    assert_eq!(reported.recv_timeout(PATIENCE).unwrap(), "tried");
    drop(browser);
    assert!(!served.site.root().join("dir/evil.txt").exists());
    assert!(!served.site.root().join("dir/evil-put").exists());
}
