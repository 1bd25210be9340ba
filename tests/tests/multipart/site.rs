//! What the clients are pointed at.

use doget::{Html, Multipart, MultipartLimits, Params, Request, Result, Upload, handler};
use std::io::{self, Read};
use std::sync::Mutex;
use std::sync::mpsc::Sender;

/// A picture with a title.
#[derive(Debug, Params)]
#[params(limits = MultipartLimits::new().max_size(1 << 20).memory_size(1000))]
pub(crate) struct Photo {
    #[param(length = 1..=20)]
    pub(crate) title: String,
    pub(crate) tag: Vec<String>,
    #[param(limit = 200_000, kinds = ["image/*", "application/octet-stream"])]
    pub(crate) photo: Upload,
    #[param(length = ..=2)]
    pub(crate) more: Vec<Upload>,
    pub(crate) note: Option<Upload>,
}

/// All of one upload in a line.
pub(crate) fn shown(upload: &mut Upload) -> String {
    let mut bytes = Vec::new();
    upload.reader().unwrap().read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len() as u64, upload.len());
    let sum: u64 = bytes.iter().map(|byte| u64::from(*byte)).sum();
    let (name, kind) = (upload.file_name(), upload.content_type());
    format!("{name:?} {kind:?} {} {sum}", upload.len())
}

pub(crate) struct Site {
    /// What browsers sent.
    pub(crate) reports: Option<Mutex<Sender<String>>>,
}

#[handler]
impl Site {
    #[route("/typed")]
    fn do_POST_typed(&self, Multipart(mut form): Multipart<Photo>) -> String {
        let mut told = format!("{:?} {:?}\n", form.title, form.tag);
        told += &format!("photo {}\n", shown(&mut form.photo));
        for more in &mut form.more {
            told += &format!("more {}\n", shown(more));
        }
        if let Some(note) = &mut form.note {
            told += &format!("note {}\n", shown(note));
        }
        if let Some(reports) = &self.reports {
            reports.lock().unwrap().send(told.clone()).unwrap();
        }
        told
    }

    #[route("/parts")]
    fn do_POST_parts(&self, request: &mut Request<'_>) -> Result<String> {
        let limits = MultipartLimits::new()
            .max_size(4 << 30)
            .max_file_size(4 << 30);
        let mut parts = request.multipart_within(limits)?;
        let mut told = String::new();
        while let Some(mut part) = parts.next()? {
            let bytes = io::copy(&mut part, &mut io::sink())?;
            told += &format!(
                "{} {:?} {:?} {bytes}\n",
                part.name(),
                part.file_name(),
                part.content_type()
            );
        }
        Ok(told)
    }

    fn do_GET(&self) -> Html<&'static str> {
        Html(include_str!("form.html"))
    }
}
