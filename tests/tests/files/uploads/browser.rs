//! Chromium fills in the form of a listing; and a page that somebody has sent, or that stands elsewhere, does nothing.
//!
//! Where there is no Chromium the test says that it did not run; with `CI=true` that is a failure.

use crate::handler as uploads;
use crate::site::Site;
use doget::{Html, HttpServer, Log, StatusCode, UploadHandler, handler};
use doget_tests::browser::Browser;
use std::fs;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
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

#[test]
fn chromium_sends_files_by_the_form_and_foreign_pages_send_none() {
    let site = Site::usual();
    let (report, reported) = channel();
    let server = HttpServer::bind("127.0.0.1:0").unwrap().log(Log::off());
    let origin = format!("http://{}", server.local_addr().unwrap());
    let running = server
        .spawn(Driven {
            base: uploads(&site),
            report: Mutex::new(report.clone()),
        })
        .unwrap();
    let open = |url: &str, profile: &str| Browser::open(url, &site.outside().join(profile));
    let Some(browser) = open(&format!("{origin}/drive"), "profile") else {
        let demanded = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!demanded, "there is no Chromium, and CI demands it");
        eprintln!("left out: no Chromium here (Debian: apt-get install chromium)");
        return;
    };
    let said = reported.recv_timeout(PATIENCE).unwrap();
    drop(browser);
    assert_eq!(said, "/dir/\nsub/ | b.txt | one \u{e4}.txt | two.html");
    assert!(
        reported.try_recv().is_err(),
        "the page that was sent has run"
    );
    assert_eq!(
        fs::read(site.root().join("dir/one \u{e4}.txt")).unwrap(),
        b"one"
    );

    let server = HttpServer::bind("127.0.0.1:0").unwrap().log(Log::off());
    let foreign = format!("http://{}", server.local_addr().unwrap());
    let _page = server
        .spawn(Foreign {
            target: origin,
            report: Mutex::new(report),
        })
        .unwrap();
    let browser = open(&foreign, "another");
    assert_eq!(reported.recv_timeout(PATIENCE).unwrap(), "tried");
    drop(browser);
    drop(running);
    assert!(!site.root().join("dir/evil.txt").exists());
    assert!(!site.root().join("dir/evil-put").exists());
}
