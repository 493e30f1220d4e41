//! Limits the number of connections of a listener, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Maximum number of connections of a listener.
const MAXIMUM: usize = 400;

/// Maximum number of connections from one address. All clients of a proxy have the address of the proxy.
const MAXIMUM_OF_ONE: usize = 150;

/// How many of the connections are kept for addresses that have none yet.
const RESERVE: usize = 50;

/// Maximum number of refused connections that are sent a response at one time.
const MAXIMUM_REFUSED: usize = 50;

/// Counts the connections of a listener.
#[derive(Default)]
pub(super) struct Turnstile {
    inside: Mutex<Inside>,
}

/// The connections that are open.
#[derive(Default)]
struct Inside {
    count: usize,
    refused: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// The decision about a new connection.
pub(super) enum Admission {
    /// Its requests are answered.
    In(Visit),
    /// It is sent the status 503.
    Refused(Visit),
    /// It is closed without a response.
    Closed,
}

/// A connection, which counts until this value is dropped.
pub(super) struct Visit {
    door: Arc<Turnstile>,
    /// The address that the connection counts for; `None` if the connection is refused.
    address: Option<IpAddr>,
}

impl Turnstile {
    /// Decides about another connection from this address.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Admission {
        let address = counted_address(address);
        let mut inside = self.lock();
        let own = inside.by_address.get(&address).copied().unwrap_or_default();
        let room = if own == 0 { MAXIMUM } else { MAXIMUM - RESERVE };
        if own < MAXIMUM_OF_ONE && inside.count < room {
            inside.count += 1;
            inside.by_address.insert(address, own + 1);
            return Admission::In(self.visit(Some(address)));
        }
        if inside.refused < MAXIMUM_REFUSED {
            inside.refused += 1;
            return Admission::Refused(self.visit(None));
        }
        Admission::Closed
    }

    /// True if no admitted connection is open.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().count == 0
    }

    fn visit(self: &Arc<Self>, address: Option<IpAddr>) -> Visit {
        Visit {
            door: Arc::clone(self),
            address,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address that a connection counts for. For IPv6 this is the network of 64 bits, because a host can use any address in it.
fn counted_address(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            const NETWORK: u128 = !0 << 64;
            IpAddr::V6((address.to_bits() & NETWORK).into())
        }
        address => address,
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut inside = self.door.lock();
        let Some(address) = self.address else {
            inside.refused -= 1;
            return;
        };
        inside.count -= 1;
        let own = inside.by_address.entry(address).or_default();
        *own = own.saturating_sub(1);
        if *own == 0 {
            inside.by_address.remove(&address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(door: &Arc<Turnstile>, address: &str) -> Option<Visit> {
        match door.admit(address.parse().expect("an address")) {
            Admission::In(visit) => Some(visit),
            Admission::Refused(_) | Admission::Closed => None,
        }
    }

    #[test]
    fn neither_one_address_nor_a_few_shut_the_door_for_others() {
        let door = Arc::default();
        let mut inside = Vec::new();
        for address in ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2", "192.0.2.3"] {
            inside.extend((0..MAXIMUM).map_while(|_| admitted(&door, address)));
        }
        assert_eq!(inside.len(), MAXIMUM - RESERVE);
        for last in 0..4_u8 {
            // Each host has a whole network of addresses.
            let own = format!("2001:db8:{last}::1");
            let another = format!("2001:db8:{last}::2");
            inside.extend(admitted(&door, &own));
            assert!(admitted(&door, &another).is_none(), "{another}");
        }
        assert_eq!(inside.len(), MAXIMUM - RESERVE + 4);
        drop(inside);
        assert!(door.is_empty() && door.lock().by_address.is_empty());
        assert_eq!(door.lock().refused, 0);
    }

    #[test]
    fn as_many_are_told_that_there_is_no_room_as_is_cheap() {
        let door: Arc<Turnstile> = Arc::default();
        let address: IpAddr = "192.0.2.1".parse().expect("an address");
        let all: Vec<Admission> = (0..MAXIMUM_OF_ONE + MAXIMUM_REFUSED + 1)
            .map(|_| door.admit(address))
            .collect();
        let told = all
            .iter()
            .filter(|one| matches!(one, Admission::Refused(_)));
        assert_eq!(told.count(), MAXIMUM_REFUSED);
        assert!(matches!(all.last(), Some(Admission::Closed)));
    }
}
