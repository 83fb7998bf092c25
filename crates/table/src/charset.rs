//! Bytes to text: which charset a file has, and its bytes as UTF-8, piece by piece.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use encoding_rs::{Decoder, DecoderResult};

/// How letters are written as bytes: one of the encodings of the Web, by its name there (`utf-8`, `utf-16`,
/// `windows-1252`, `latin1`, `gbk`, ...).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Charset(&'static encoding_rs::Encoding);

impl Charset {
    /// UTF-8.
    pub const UTF_8: Charset = Charset(encoding_rs::UTF_8);
    /// Windows-1252, which holds Latin-1 but for control characters.
    pub const WINDOWS_1252: Charset = Charset(encoding_rs::WINDOWS_1252);

    /// What the first bytes show: a byte order mark, or the zero bytes of UTF-16; else UTF-8, until a byte shows that it is not.
    pub(crate) fn of_start(bytes: &[u8]) -> Charset {
        if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) {
            return Charset(encoding);
        }
        let zeros = |odd: usize| bytes.chunks_exact(2).filter(|pair| pair[odd] == 0).count();
        let (even, odd, pairs) = (zeros(0), zeros(1), bytes.len() / 2);
        // Digits, commas and line breaks are all below 256, so that one of their two bytes is 0.
        match (even * 2 > pairs, odd * 2 > pairs) {
            (true, false) if odd * 10 <= pairs => Charset(encoding_rs::UTF_16BE),
            (false, true) if even * 10 <= pairs => Charset(encoding_rs::UTF_16LE),
            _ => Charset::UTF_8,
        }
    }

    /// The text of these bytes, without its byte order mark, as a stream of UTF-8.
    pub(crate) fn decode<R: Read>(self, input: R) -> Decoded<R> {
        let decoder = self.0.new_decoder_with_bom_removal();
        Decoded { input, decoder, raw: vec![0; 1 << 16], start: 0, end: 0, state: State::Open }
    }
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.name() {
            "windows-1252" => f.write_str("Windows-1252"),
            name => f.write_str(name),
        }
    }
}

impl fmt::Debug for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Charset({})", self.0.name())
    }
}

impl FromStr for Charset {
    type Err = String;

    fn from_str(text: &str) -> Result<Charset, String> {
        let label = text.trim().to_lowercase();
        let known = match label.as_str() {
            "latin-1" | "latin_1" | "cp-1252" | "cp1252" => "windows-1252",
            "utf_8" => "utf-8",
            "utf_16" | "utf16" => "utf-16",
            label => label,
        };
        encoding_rs::Encoding::for_label_no_replacement(known.as_bytes()).map(Charset).ok_or_else(|| {
            "expected the name of an encoding, such as utf-8, utf-16, latin-1, windows-1252, shift_jis or gbk"
                .to_owned()
        })
    }
}

/// Bytes that are none of their encoding.
#[derive(Debug)]
pub(crate) struct NotThis;

impl fmt::Display for NotThis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes of another encoding")
    }
}

impl std::error::Error for NotThis {}

/// A stream of UTF-8 made of a stream of bytes; what cannot be decoded is an error, [`NotThis`], after all that comes before.
pub(crate) struct Decoded<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    start: usize,
    end: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Open,
    /// The input has ended, and the decoder does not know yet.
    Ended,
    Malformed,
    Done,
}

impl<R: Read> Read for Decoded<R> {
    /// `out` has room for some letters.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.state {
                State::Malformed => return Err(io::Error::new(io::ErrorKind::InvalidData, NotThis)),
                State::Done => return Ok(0),
                State::Open if self.start == self.end => {
                    self.start = 0;
                    self.end = self.input.read(&mut self.raw)?;
                    if self.end == 0 {
                        self.state = State::Ended;
                    }
                }
                State::Open | State::Ended => {}
            }
            let is_last = self.state == State::Ended;
            let raw = &self.raw[self.start..self.end];
            let (result, taken, written) = self.decoder.decode_to_utf8_without_replacement(raw, out, is_last);
            self.start += taken;
            match result {
                DecoderResult::Malformed(..) => self.state = State::Malformed,
                DecoderResult::InputEmpty if is_last => self.state = State::Done,
                DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
            }
            if written > 0 {
                return Ok(written);
            }
        }
    }
}

/// Whether bytes that are no UTF-8 can be Windows-1252: no letter of several bytes in UTF-8 stands among them, which would say
/// that the file is UTF-8 and damaged, and no byte that Windows-1252 leaves free.
pub(crate) fn is_windows_1252(mut input: impl Read) -> io::Result<bool> {
    let mut buffer = vec![0; 1 << 16];
    let mut kept = 0;
    loop {
        let count = input.read(&mut buffer[kept..])?;
        let bytes = &buffer[..kept + count];
        if bytes.iter().any(|byte| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D)) {
            return Ok(false);
        }
        if bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii()) {
            return Ok(false);
        }
        if count == 0 {
            return Ok(true);
        }
        // A letter may lie across the end of the buffer.
        let tail = bytes.len().saturating_sub(3);
        let length = bytes.len();
        buffer.copy_within(tail..length, 0);
        kept = length - tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Option<String> {
        let mut text = String::new();
        Charset::of_start(bytes).decode(bytes).read_to_string(&mut text).ok().map(|_| text)
    }

    fn utf_16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes_of).collect()
    }

    #[test]
    fn byte_order_marks_and_zero_bytes_show_the_encoding() {
        let want = "a,größe\n1,2\n";
        let marked = format!("\u{feff}{want}");
        assert_eq!(text(marked.as_bytes()).unwrap(), want);
        for bytes_of in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(text(&utf_16(&marked, bytes_of)).unwrap(), want);
            assert_eq!(text(&utf_16(want, bytes_of)).unwrap(), want);
        }
        assert_eq!(text(b"\xe9"), None);
        assert_eq!(text(b""), Some(String::new()));
        // Half a unit of UTF-16.
        assert_eq!(text(b"\xff\xfea\0,"), None);
    }

    #[test]
    fn windows_1252_is_what_is_no_damaged_utf_8() {
        assert!(is_windows_1252(&b"gr\xf6\xdfe \x80"[..]).unwrap());
        assert!(!is_windows_1252("größe \u{20ac}".as_bytes()).unwrap());
        assert!(!is_windows_1252(&b"gr\xc3\xb6\xdfe"[..]).unwrap());
        assert!(!is_windows_1252(&b"\x81"[..]).unwrap());
    }

    #[test]
    fn names_of_encodings_are_those_of_the_web() {
        for name in
            ["utf-8", "UTF8", "latin-1", "latin1", "iso-8859-1", "windows-1252", "cp1252", "utf-16", "gbk"]
        {
            assert!(name.parse::<Charset>().is_ok(), "{name}");
        }
        assert_eq!("latin-1".parse(), Ok(Charset::WINDOWS_1252));
        assert!("klingon".parse::<Charset>().is_err());
    }
}
