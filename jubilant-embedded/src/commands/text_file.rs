//! Files that are shown without being held in memory.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use serde::ser::{Serialize, Serializer};

/// A file that is shown as text: what is no UTF-8 in it becomes U+FFFD.
pub(super) struct TextFile(PathBuf);

const CHUNK: usize = 64 * 1024;

impl TextFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }
}

impl fmt::Display for TextFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(mut file) = File::open(&self.0) else { return Ok(()) };
        let mut chunk = vec![0; CHUNK];
        let mut kept = 0;
        // A file that cannot be read ends there: an error of this trait may only come from the formatter.
        while let Some(length) = file.read(&mut chunk[kept..]).ok().filter(|length| *length > 0) {
            let end = kept + length;
            let whole = end - begun(&chunk[..end]);
            f.write_str(&String::from_utf8_lossy(&chunk[..whole]))?;
            chunk.copy_within(whole..end, 0);
            kept = end - whole;
        }
        f.write_str(&String::from_utf8_lossy(&chunk[..kept]))
    }
}

/// How many bytes at the end begin a character that the next bytes may complete.
fn begun(bytes: &[u8]) -> usize {
    let mut ends = (1..=bytes.len().min(3)).map(|length| (length, bytes[bytes.len() - length]));
    match ends.find(|(_, byte)| byte & 0b1100_0000 != 0b1000_0000) {
        Some((length, 0xC2..=0xDF)) if length < 2 => length,
        Some((length, 0xE0..=0xEF)) if length < 3 => length,
        Some((length, 0xF0..=0xF4)) => length,
        _ => 0,
    }
}

impl Serialize for TextFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn shown(content: &[u8]) -> String {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(content).expect("content");
        TextFile(file.path().into()).to_string()
    }

    #[test]
    fn a_character_may_lie_across_two_chunks() {
        for text in ["é", "€", "🦀", "a\u{7}"] {
            for before in CHUNK - 4..=CHUNK {
                let content = "x".repeat(before) + &text.repeat(3);
                assert_eq!(shown(content.as_bytes()), content);
            }
        }
    }

    #[test]
    fn what_is_no_text_is_shown_as_if_read_at_once() {
        for wrong in
            [&b"\xff"[..], b"\xe2\x82", b"\xf0\x9f\xa6x", b"\x80\x80\x80\x80", b"\xc0\xaf", b"\xe0\x80\x80"]
        {
            for before in CHUNK - 4..=CHUNK {
                let content = [&b"x".repeat(before)[..], wrong].concat();
                assert_eq!(shown(&content), String::from_utf8_lossy(&content));
            }
        }
    }
}
