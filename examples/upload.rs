//! A form with files: a title and up to three pictures, each of at most 2 MiB. Small ones stay in memory, larger ones
//! are temporary files without a name, and what is kept gets a name of the program's own.
//!
//! ```text
//! cargo run --release --example upload
//! curl -F title=Tea -F 'picture=@tea.png' http://127.0.0.1:8000/
//! curl http://127.0.0.1:8000/openapi.json
//! ```
//!
//! The second argument is the directory that pictures are kept in; without it none are.

use doget::openapi::{Document, OpenApi};
use doget::{
    Html, HttpServer, Multipart, MultipartLimits, Params, Result, Upload, escape_html, handler,
};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the form sends. All that is wrong is told at once: try it without a title, or with a text file.
#[derive(Params)]
#[params(exact, limits = MultipartLimits::new().max_size(8 << 20).max_parts(8))]
struct Album {
    /// What the pictures show.
    #[param(length = 1..=80)]
    title: String,
    /// The pictures.
    #[param(length = 1..=3, limit = 2 << 20, kinds = ["image/png", "image/jpeg", "image/gif", "image/webp"])]
    picture: Vec<Upload>,
}

struct Site {
    directory: Option<PathBuf>,
    kept: AtomicU64,
    api: OpenApi,
}

/// Pictures, sent by a form.
#[handler]
impl Site {
    /// The form.
    #[route("/")]
    fn do_GET_form(&self) -> Html<&'static str> {
        Html(
            r#"<!DOCTYPE html>
<meta charset="utf-8">
<title>Pictures</title>
<form method="post" enctype="multipart/form-data">
    <input name="title" placeholder="Title" required>
    <input name="picture" type="file" accept="image/*" multiple required>
    <button>Send</button>
</form>
"#,
        )
    }

    /// Takes the pictures, and says what they are.
    #[route("/")]
    fn do_POST_pictures(&self, Multipart(album): Multipart<Album>) -> Result<Html<String>> {
        let mut page = format!("<!DOCTYPE html>\n<h1>{}</h1>\n", escape_html(&album.title));
        for mut picture in album.picture {
            // The client's name is shown, and never opened.
            let name = picture.file_name().unwrap_or("a picture".to_owned());
            page += &format!("<p>{}: {} bytes\n", escape_html(&name), picture.len());
            if let Some(directory) = &self.directory {
                let number = self.kept.fetch_add(1, Ordering::Relaxed);
                picture.save_as(directory.join(format!("picture-{number}")))?;
            }
        }
        Ok(Html(page))
    }

    #[route("/openapi.json")]
    fn do_GET_openapi(&self) -> &OpenApi {
        &self.api
    }

    #[route("/openapi-3.0.json")]
    fn do_GET_openapi_3_0(&self) -> Document<'_> {
        self.api.v3_0()
    }
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().unwrap_or("8000".to_owned());
    let site = Site {
        directory: arguments.next().map(PathBuf::from),
        kept: AtomicU64::new(0),
        api: OpenApi::of::<Site>("Pictures", env!("CARGO_PKG_VERSION")),
    };
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(site)
}
