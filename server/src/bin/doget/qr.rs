//! The address as a QR code, for a phone.

use qrcodegen::{QrCode, QrCodeEcc};
use std::io::{self, Write};

/// Rows and columns around the code that stay light: scanners ask for them.
const MARGIN: i32 = 2;

/// Prints it on standard output. Like all that is said there, it stops nothing if it cannot be written.
pub(crate) fn print(url: &str) {
    let Some(text) = drawn(url) else { return };
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Two rows in a line of text. Black on white whatever the terminal's colours are; `None` for what no code can hold.
fn drawn(url: &str) -> Option<String> {
    let code = QrCode::encode_text(url, QrCodeEcc::Low).ok()?;
    let all = -MARGIN..code.size() + MARGIN;
    let mut text = String::new();
    for row in all.clone().step_by(2) {
        text.push_str("\x1b[30;107m");
        for column in all.clone() {
            // Outside of the code everything is light.
            let dark = |row| code.get_module(column, row);
            text.push(match (dark(row), dark(row + 1)) {
                (true, true) => '\u{2588}',
                (true, false) => '\u{2580}',
                (false, true) => '\u{2584}',
                (false, false) => ' ',
            });
        }
        text.push_str("\x1b[0m\n");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The three finder patterns stand in their corners, seven modules wide.
    #[test]
    fn a_code_has_its_finders_and_its_margin() {
        let text = drawn("http://192.0.2.1:8000/").unwrap_or_default();
        let rows: Vec<Vec<char>> = text
            .lines()
            .map(|line| {
                let line = line.trim_start_matches("\x1b[30;107m");
                line.trim_end_matches("\x1b[0m").chars().collect()
            })
            .collect();
        let width = 25 + 4;
        assert_eq!(rows.len(), 15);
        assert!(rows.iter().all(|row| row.len() == width));
        assert!(rows[0].iter().all(|half| *half == ' '));
        // A dark row above a light one with dark ends.
        let finder = [
            '\u{2588}', '\u{2580}', '\u{2580}', '\u{2580}', '\u{2580}', '\u{2580}', '\u{2588}',
        ];
        assert_eq!(rows[1][2..9], finder);
        assert_eq!(rows[1][width - 9..width - 2], finder);
        assert_eq!(drawn(&"x".repeat(4000)), None);
    }
}
