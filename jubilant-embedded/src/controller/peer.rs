//! Who is at the other end of the command socket.

use std::os::unix::net::UnixStream;

use rustix::net::sockopt::socket_peercred;

use crate::agent;

/// Whether the peer is a process of some unit, or nobody knows what it is.
pub(super) fn is_of_unit(stream: &UnixStream) -> bool {
    socket_peercred(stream).map_or(true, |peer| agent::is_of_unit(peer.pid.as_raw_pid()))
}
