//! A reader of tar archives with extended headers (POSIX.1-2001, pax), for systems without GNU tar: it takes what an
//! archive of doget may hold, files and directories, and nothing else.

use std::fs;
use std::path::Path;

const BLOCK: usize = 512;

/// Writes what an archive holds below a directory.
pub(crate) fn unpack(archive: &[u8], into: &Path) {
    let mut rest = archive;
    let (mut long, mut size) = (None, None);
    loop {
        let (header, after) = rest.split_at(BLOCK);
        if header.iter().all(|byte| *byte == 0) {
            assert!(after.len() >= BLOCK && after.iter().all(|byte| *byte == 0));
            return;
        }
        check(header);
        let told = size.take().unwrap_or_else(|| octal(&header[124..136]));
        let (content, after) = after.split_at(told);
        rest = &after[told.next_multiple_of(BLOCK) - told..];
        if header[156] == b'x' {
            let records = String::from_utf8(content.to_vec()).unwrap();
            for record in records.lines() {
                let (name, value) = record.split_once(' ').unwrap().1.split_once('=').unwrap();
                match name {
                    "path" => long = Some(value.to_owned()),
                    "size" => size = value.parse().ok(),
                    _ => {}
                }
            }
            continue;
        }
        let name = long.take().unwrap_or_else(|| {
            let (prefix, name) = (text(&header[345..500]), text(&header[..100]));
            let whole = [prefix, name].join("/");
            whole.trim_start_matches('/').to_owned()
        });
        let path = into.join(&name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match header[156] {
            b'5' => fs::create_dir_all(&path).unwrap(),
            b'0' => fs::write(&path, content).unwrap(),
            other => panic!("{name} is of the kind {other}"),
        }
    }
}

/// The magic and the sum of all bytes, in which the sum itself counts as blanks.
fn check(header: &[u8]) {
    assert_eq!(&header[257..263], b"ustar\0");
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>();
    let expected = sum(&header[..148]) + 8 * usize::from(b' ') + sum(&header[156..]);
    assert_eq!(octal(&header[148..156]), expected);
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0);
    String::from_utf8(field[..end.unwrap_or(field.len())].to_vec()).unwrap()
}

fn octal(field: &[u8]) -> usize {
    usize::from_str_radix(text(field).trim(), 8).unwrap()
}
