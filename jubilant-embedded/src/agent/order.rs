//! What an agent asks of its unit's keeper, and the answer.
//!
//! An order is its length in a line, then its words, each with a zero byte behind it, as a program's arguments and
//! environment have them; the answer is a line of JSON.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, IoSlice, IoSliceMut, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

use crate::ground::socket;

/// A program to run, in the working directory and with nothing but the environment given.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    pub(super) args: Vec<OsString>,
    pub(super) dir: OsString,
    pub(super) env: Vec<(OsString, OsString)>,
}

/// The status with which the program ended, as the system has it, or why it could not be started.
pub(super) type Answer = Result<i32, String>;

impl Order {
    fn words(&self) -> Vec<u8> {
        let count = OsString::from(self.args.len().to_string());
        let env = self.env.iter().flat_map(|(key, value)| [key, value]);
        let words = [&count].into_iter().chain(&self.args).chain([&self.dir]).chain(env);
        words.flat_map(|word| word.as_bytes().iter().copied().chain([0])).collect()
    }

    /// `None` if these are not the words of an order.
    fn from_words(bytes: &[u8]) -> Option<Self> {
        let mut words =
            bytes.strip_suffix(&[0])?.split(|byte| *byte == 0).map(|word| OsString::from_vec(word.to_vec()));
        let count = words.next()?.to_str()?.parse().ok()?;
        let args: Vec<OsString> = words.by_ref().take(count).collect();
        let dir = words.next()?;
        let mut env = Vec::new();
        while let Some(key) = words.next() {
            env.push((key, words.next()?));
        }
        Some(Self { args, dir, env })
    }
}

/// Sends an order with the ends of the pipes that are to be standard output and error.
pub(super) fn send(stream: &UnixStream, order: &Order, output: [impl AsFd; 2]) -> io::Result<()> {
    let words = order.words();
    let mut message = format!("{}\n", words.len()).into_bytes();
    message.extend(words);
    let [out, err] = &output;
    let descriptors = [out.as_fd(), err.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(&descriptors));
    // The descriptors go with the first bytes, however many the socket takes at once.
    let sent = sendmsg(stream, &[IoSlice::new(&message)], &mut control, SendFlags::NOSIGNAL)?;
    socket::send(stream, &message[sent..])
}

/// Receives an order and the descriptors that came with it.
pub(super) fn receive(stream: &UnixStream) -> io::Result<(Order, [OwnedFd; 2])> {
    let wrong = || io::Error::other("this is no order with two pipes");
    let mut start = vec![0; 64 * 1024];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received =
        recvmsg(stream, &mut [IoSliceMut::new(&mut start)], &mut control, RecvFlags::CMSG_CLOEXEC)?.bytes;
    let rights = control.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(rights) => Some(rights),
        _ => None,
    });
    let descriptors: Vec<OwnedFd> = rights.flatten().collect();
    let mut message = start[..received].chain(stream);
    let mut length = String::new();
    let mut reader = BufReader::new(&mut message);
    reader.read_line(&mut length)?;
    let length: u64 = length.trim_end().parse().map_err(io::Error::other)?;
    let mut words = Vec::new();
    reader.take(length).read_to_end(&mut words)?;
    let order = Order::from_words(&words).ok_or_else(wrong)?;
    Ok((order, descriptors.try_into().map_err(|_| wrong())?))
}

pub(super) fn send_answer(stream: &UnixStream, answer: &Answer) -> io::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    socket::send(stream, &line)
}

/// Waits for the answer; a keeper that is gone without one is an error.
pub(super) fn receive_answer(stream: &UnixStream) -> io::Result<Answer> {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    if line.is_empty() {
        return Err(io::Error::other("the process that keeps the unit's hooks was killed"));
    }
    Ok(serde_json::from_str(&line)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_arrives_as_it_is_with_its_pipes() {
        let long = "x".repeat(300_000);
        for args in [vec![], vec!["", "a b"], vec!["sh", "-c", &long, "\n"]] {
            let order = Order {
                args: args.into_iter().map(OsString::from).collect(),
                dir: "/tmp".into(),
                env: vec![
                    ("EMPTY".into(), "".into()),
                    ("A".into(), OsString::from_vec(vec![b'=', 0xFF, b'\n'])),
                ],
            };
            let (ours, theirs) = UnixStream::pair().unwrap();
            let (mut reader, writer) = io::pipe().unwrap();
            let sent = order.clone();
            let sender =
                std::thread::spawn(move || send(&ours, &sent, [&writer, &writer]).map(|()| drop(writer)));
            let (received, [out, err]) = receive(&theirs).unwrap();
            sender.join().unwrap().unwrap();
            assert_eq!(received, order);
            io::Write::write_all(&mut std::fs::File::from(out), b"through").unwrap();
            drop(err);
            let mut text = String::new();
            reader.read_to_string(&mut text).unwrap();
            assert_eq!(text, "through");
        }
    }

    #[test]
    fn what_is_no_order_is_an_error() {
        for bytes in ["", "5\n", "x\n", "2\n9\0", "4\n1\0a\0"] {
            let (ours, theirs) = UnixStream::pair().unwrap();
            socket::send(&ours, bytes.as_bytes()).unwrap();
            drop(ours);
            assert!(receive(&theirs).is_err(), "{bytes:?}");
        }
    }
}
