//! `-H`: a header in one word, as curl spells it.

/// A name and a value that can be sent.
pub(super) fn parse(text: &str) -> Result<(String, String), String> {
    let Some((name, value)) = text.split_once(':') else {
        return Err("write 'Name: value', or NAME VALUE".to_owned());
    };
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() {
        return Err("it has no name".to_owned());
    }
    check(name, value)?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Whether a value can be sent under this name.
pub(super) fn check(name: &str, value: &str) -> Result<(), String> {
    if doget::is_valid_field(name, value) {
        Ok(())
    } else {
        Err("it cannot be a header, or a part of one".to_owned())
    }
}
