//! The beginning and the end of a long text: what a test prints is bounded in memory, whole only in the journal.

/// Bytes kept of each end.
const HEAD: usize = 128 * 1024;
const TAIL: usize = 128 * 1024;

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Excerpt {
    head: String,
    tail: String,
    left_out: usize,
}

impl Excerpt {
    pub(crate) fn push(&mut self, text: &str) {
        let mut text = text;
        if self.tail.is_empty() && self.head.len() < HEAD {
            let end = boundary(text, HEAD - self.head.len());
            self.head.push_str(&text[..end]);
            text = &text[end..];
        }
        self.tail.push_str(text);
        // Cut only now and then: moving the tail for each line would make a long output quadratic.
        if self.tail.len() > 2 * TAIL {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let surplus = boundary(&self.tail, self.tail.len().saturating_sub(TAIL));
        self.left_out += surplus;
        self.tail.drain(..surplus);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    pub(crate) fn text(&self) -> String {
        let mut whole = self.clone();
        if whole.left_out > 0 {
            whole.cut();
        }
        let gap = match whole.left_out {
            0 => String::new(),
            bytes => format!("\n[… {bytes} bytes are left out here; the run's moments.jsonl has them …]\n"),
        };
        whole.head + &gap + &whole.tail
    }
}

/// The first character boundary from `index` on.
fn boundary(text: &str, index: usize) -> usize {
    (index.min(text.len())..=text.len()).find(|index| text.is_char_boundary(*index)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_kept_and_the_rest_is_counted() {
        let mut excerpt = Excerpt::default();
        let line = "ümläut line\n";
        let lines = 1_000_000 / line.len();
        excerpt.push("first\n");
        (0..lines).for_each(|_| excerpt.push(line));
        excerpt.push("last\n");
        let text = excerpt.text();
        assert!(text.starts_with("first\nüm") && text.ends_with("line\nlast\n"));
        assert!(text.len() < HEAD + TAIL + 200, "{}", text.len());
        let left_out = 11 + lines * line.len() - (text.len() - text.find("\n[…").map_or(0, |_| gap(&text)));
        assert!(text.contains(&format!("… {left_out} bytes are left out")), "{left_out}");
    }

    fn gap(text: &str) -> usize {
        let start = text.find("\n[…").unwrap();
        text[start..].find("…]\n").unwrap() + "…]\n".len()
    }

    #[test]
    fn a_short_text_is_whole() {
        let mut excerpt = Excerpt::default();
        excerpt.push("one\n");
        excerpt.push("two");
        assert_eq!(excerpt.text(), "one\ntwo");
    }
}
