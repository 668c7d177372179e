//! Each unit's own address in 127.0.0.0/8.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::Ipv4Addr;

use crate::ground::paths::StateDir;

/// 127.16.0.0 to 127.239.255.255, the part that nobody else uses.
const NETWORKS: u32 = 224;
const HOSTS: u32 = 254;

/// The n-th address. Controllers of different state directories begin at different places, so that their units'
/// workloads rarely meet on one machine.
pub(crate) fn nth(dir: &StateDir, n: u32) -> Ipv4Addr {
    let mut hasher = DefaultHasher::new();
    dir.path().hash(&mut hasher);
    let start = hasher.finish() as u32;
    let index = start.wrapping_add(n) % (NETWORKS * 256 * HOSTS);
    let (rest, host) = (index / HOSTS, index % HOSTS);
    // Each part is below 256 by the remainders.
    Ipv4Addr::new(127, (16 + rest / 256) as u8, (rest % 256) as u8, (1 + host) as u8)
}
